use std::sync::Arc;

use handover_protocol::{EventBody, Message, Received};

use crate::graph::Call;
use crate::thread::ThreadKey;

/// Something that could not be handled or sent.
#[derive(Clone, Debug)]
pub struct DeadLetter {
    /// Its number.
    pub id: u64,
    /// The thread.
    pub thread: ThreadKey,
    /// What it is.
    pub content: DeadLetterContent,
    /// Why.
    pub cause: String,
    /// When it was given up.
    pub at: i64,
}

impl DeadLetter {
    /// Takes out what a message said that was deleted.
    pub(super) fn forget(&mut self, mid: &str) {
        let DeadLetterContent::Event(received) = &mut self.content else {
            return;
        };
        if let Some(forgotten) = without_content(received, mid) {
            *received = Arc::new(forgotten);
        }
    }
}

/// The event without what the message said, if it is of that message.
fn without_content(received: &Received, mid: &str) -> Option<Received> {
    let mut received = received.clone();
    match &mut received.event.body {
        EventBody::Message(message) | EventBody::Echo(message)
            if message.mid.as_deref() == Some(mid) =>
        {
            *message = Message {
                mid: message.mid.take(),
                is_echo: message.is_echo,
                is_deleted: true,
                ..Message::default()
            };
        }
        EventBody::MessageEdit(edit) if edit.mid.as_deref() == Some(mid) => edit.text = None,
        _ => return None,
    }
    Some(received)
}

/// What a dead letter holds.
#[derive(Clone, Debug)]
pub enum DeadLetterContent {
    /// An event whose handler failed.
    Event(Arc<Received>),
    /// A call that could not be sent.
    Call(Arc<Call>),
}
