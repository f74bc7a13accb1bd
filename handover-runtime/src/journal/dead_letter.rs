use std::fmt;
use std::sync::Arc;

use handover_protocol::{EventBody, Message, Received, Timestamp};

use super::ExportedRow;
use crate::graph::Call;
use crate::notice::Notice;
use crate::thread::ThreadKey;

/// An event or call that could not be handled or sent. As text: what it is, its thread, and the cause.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct DeadLetter {
    /// Number of the dead letter.
    pub id: u64,
    /// The thread.
    pub thread: ThreadKey,
    /// The event or the call.
    pub content: DeadLetterContent,
    /// Why it was given up.
    pub cause: String,
    /// Time at which it was given up.
    pub at: Timestamp,
}

impl DeadLetter {
    /// Without a number.
    pub(super) fn new(
        thread: ThreadKey,
        content: DeadLetterContent,
        cause: String,
        at: Timestamp,
    ) -> Self {
        Self {
            id: 0,
            thread,
            content,
            cause,
            at,
        }
    }

    /// As it is handed to the person.
    pub(super) fn exported(&self) -> ExportedRow {
        let (name, content) = match &self.content {
            DeadLetterContent::Event(received) => ("event", serde_json::to_value(&**received)),
            DeadLetterContent::Call(call) => ("call", serde_json::to_value(&**call)),
            DeadLetterContent::Notice(notice) => ("notice", serde_json::to_value(&**notice)),
        };
        ExportedRow {
            cause: Some(self.cause.clone()),
            ..ExportedRow::new(name, self.at, content.unwrap_or_default())
        }
    }

    /// Whether it is of this thread, or of the account as a whole and names the person.
    pub(super) fn concerns(&self, thread: &ThreadKey) -> bool {
        let names_them = |quoted: String| {
            self.thread == thread.of_account()
                && self.exported().content.to_string().contains(&quoted)
        };
        self.thread == *thread || thread.quoted_person().is_some_and(names_them)
    }

    /// Removes the content of a deleted message.
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
            DeadLetterContent::Notice(notice) => {
                let Notice { kind, notifier, .. } = &**notice;
                write!(f, "notice `{kind}` of {thread} to `{notifier}`: {cause}")
            }
        }
    }
}

/// Returns the event without the content of the message, if it contains it.
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

/// Content of a dead letter.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum DeadLetterContent {
    /// An event whose handler failed.
    Event(Arc<Received>),
    /// A call that could not be sent.
    Call(Arc<Call>),
    /// A notice that its [`Notifier`](crate::Notifier) did not accept.
    Notice(Arc<Notice>),
}
