use std::fmt;
use std::sync::Arc;

use handover_protocol::{EventBody, Message, Received, Timestamp};

use crate::graph::Call;
use crate::thread::ThreadKey;

/// Something that could not be handled or sent. As text: what it is, of which thread, and why.
#[derive(Clone, Debug)]
#[non_exhaustive]
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
    pub at: Timestamp,
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

impl fmt::Display for DeadLetter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { thread, cause, .. } = self;
        match &self.content {
            DeadLetterContent::Event(received) => {
                let kind = received.event.body.kind();
                write!(f, "event `{kind}` of {thread}: {cause}")
            }
            DeadLetterContent::Call(call) => {
                write!(f, "call `{}` of {thread}: {cause}", call.name())
            }
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
#[non_exhaustive]
pub enum DeadLetterContent {
    /// An event whose handler failed.
    Event(Arc<Received>),
    /// A call that could not be sent.
    Call(Arc<Call>),
}
