//! What is said while somebody else has the thread.

use handover_protocol::{EventBody, Message, Received, Timestamp};

use crate::journal::{Line, Speaker};

/// The longest text that is kept of one message, in characters.
const LONGEST: usize = 2000;

/// The line that an event adds, if it says something.
pub(super) fn line(received: &Received, at: Timestamp) -> Option<Line> {
    let (speaker, text, mid) = match &received.event.body {
        EventBody::Message(message) => (Speaker::Person, text_of(message)?, &message.mid),
        EventBody::Echo(message) => (Speaker::Agent, text_of(message)?, &message.mid),
        EventBody::Postback(postback) => (Speaker::Person, postback.title.clone()?, &postback.mid),
        _ => return None,
    };
    Some(Line {
        at,
        speaker,
        text: shortened(&text),
        mid: mid.clone(),
    })
}

/// As much of a text as is kept.
pub(super) fn shortened(text: &str) -> String {
    text.chars().take(LONGEST).collect()
}

/// The text, or for a message without one what it holds.
fn text_of(message: &Message) -> Option<String> {
    if let Some(text) = &message.text {
        return Some(text.clone());
    }
    let kinds: Vec<_> = message
        .attachments
        .iter()
        .map(|attachment| format!("[{}]", attachment.kind))
        .collect();
    (!kinds.is_empty()).then(|| kinds.join(" "))
}
