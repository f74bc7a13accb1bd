//! What cannot be read, and is kept as a dead letter all the same: the body of a webhook, and what is stored, such as
//! by another version of the bot.

use std::sync::Arc;

use handover_protocol::{
    AccountId, Channel, Event, EventBody, Object, ReadError, Received, Timestamp,
};
use serde_json::{Value, json};

use super::dedupe::key_of_body;
use super::jobs::Steps;
use super::rules::JournalRules;
use super::{DedupeKey, NewEvent};
use crate::internal_event::ThreadEvent;
use crate::thread::ThreadKey;

/// Key beside the event that stands for it, with the cause. The platform has none like it.
const CAUSE: &str = "handover_unreadable";
/// The kind of the event that stands for something stored.
const ITEM_KIND: &str = "unreadable";
/// The kind of the event that stands for a body.
const BODY_KIND: &str = "unreadable_body";
/// How much of a body is kept, in bytes.
const KEPT_BYTES: usize = 64 * 1024;

/// The event that stands for something: no handler takes it, and there is nothing in it to replay.
fn stand_in(account: AccountId, kind: &str, content: Value, cause: String) -> Received {
    Received {
        object: Object::default(),
        account,
        channel: Channel::Messaging,
        time: None,
        extra: [(CAUSE.to_owned(), Value::from(cause))]
            .into_iter()
            .collect(),
        event: Event {
            body: EventBody::Unknown {
                name: kind.to_owned(),
                value: content,
            },
            ..Event::default()
        },
    }
}

/// Why that could not be read for which this event stands, if it does.
pub(super) fn cause_of(received: &Received) -> Option<&str> {
    received.extra.get(CAUSE)?.as_str()
}

impl NewEvent {
    /// Stands for a body that cannot be read: the journal keeps it as a dead letter.
    pub(crate) fn unreadable(body: &[u8], error: &ReadError, received_at: Timestamp) -> Self {
        let kept = &body[..body.len().min(KEPT_BYTES)];
        let content = json!({ "bytes": body.len(), "text": String::from_utf8_lossy(kept) });
        let received = stand_in(AccountId::default(), BODY_KIND, content, error.to_string());
        Self {
            dedupe_key: DedupeKey::of(&key_of_body(body)),
            also_known_as: None,
            thread: ThreadKey::of(&received),
            received: Arc::new(received),
            received_at,
            confirms: None,
            content: None,
        }
    }
}

/// Something stored that cannot be read.
#[derive(Debug)]
pub(crate) struct UnreadableItem {
    thread: ThreadKey,
    event: ThreadEvent,
    cause: String,
}

impl UnreadableItem {
    /// An event of this thread.
    pub(super) fn event(thread: ThreadKey, content: &str, error: &serde_json::Error) -> Self {
        let cause = format!("the stored event cannot be read: {error}");
        Self::new(thread, None, json_or_text(content), cause)
    }

    /// What another node has stored for this one. Its event is kept as that, if it has one.
    #[cfg(feature = "postgres")]
    pub(super) fn command(content: &str, error: &serde_json::Error) -> Self {
        let content = json_or_text(content);
        let (thread, received) = {
            let command = content.as_object();
            let fields = command.and_then(|command| command.values().next());
            let field = |name: &str| fields.and_then(|fields| fields.get(name));
            let text = |name: &str| field(name).map(Value::to_string).unwrap_or_default();
            let account = field("account").and_then(Value::as_str);
            let thread = serde_json::from_str(&text("thread"));
            (
                thread.unwrap_or_else(|_| ThreadKey::new(account.unwrap_or_default(), "")),
                serde_json::from_str(&text("received")).ok(),
            )
        };
        let cause = format!("what another node has stored cannot be read by this one: {error}");
        Self::new(thread, received, content, cause)
    }

    fn new(thread: ThreadKey, received: Option<Received>, content: Value, cause: String) -> Self {
        let received = received
            .unwrap_or_else(|| stand_in(thread.account.clone(), ITEM_KIND, content, cause.clone()));
        Self {
            thread,
            event: received.into(),
            cause,
        }
    }

    pub(super) fn give_up(&self, rules: &mut JournalRules, now: Timestamp) {
        let Self {
            thread,
            event,
            cause,
        } = self;
        tracing::error!(%thread, %cause, "something stored cannot be read; it is kept as a dead letter");
        rules.add_dead_event(thread, event.clone(), cause, now);
    }
}

impl Steps for UnreadableItem {
    fn decide(&mut self, rules: &mut JournalRules, now: Timestamp) {
        self.give_up(rules, now);
    }
}

fn json_or_text(content: &str) -> Value {
    serde_json::from_str(content).unwrap_or_else(|_| Value::from(content))
}
