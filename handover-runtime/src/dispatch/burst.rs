//! Several messages as one.

use std::sync::Arc;

use handover_protocol::{EventBody, Received};

/// The last of the messages, with the texts of all, a line each, and all attachments.
pub(super) fn merged(last: &Received, messages: &[Arc<Received>]) -> Received {
    let mut merged = last.clone();
    let bodies = messages.iter().filter_map(|one| match &one.event.body {
        EventBody::Message(message) => Some(message),
        _ => None,
    });
    let (mut texts, mut attachments) = (Vec::new(), Vec::new());
    for message in bodies {
        texts.extend(message.text.as_deref());
        attachments.extend(message.attachments.iter().cloned());
    }
    if let EventBody::Message(message) = &mut merged.event.body {
        message.text = (!texts.is_empty()).then(|| texts.join("\n"));
        message.attachments = attachments;
    }
    merged
}
