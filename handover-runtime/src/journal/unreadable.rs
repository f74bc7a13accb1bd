//! What is stored and cannot be read: it is kept as a dead letter.

use handover_protocol::{Channel, Event, EventBody, Object, Received, Timestamp};
use serde_json::{Map, Value};

use super::jobs::Steps;
use super::rules::JournalRules;
use crate::internal_event::ThreadEvent;
use crate::thread::ThreadKey;

/// The kind of event as which something is kept of which not even that can be read.
const KIND: &str = "unreadable";

/// Something that cannot be read, as the event as which it is kept.
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
        let received = received.unwrap_or_else(|| Received {
            object: Object::default(),
            account: thread.account.clone(),
            channel: Channel::Messaging,
            time: None,
            extra: Map::new(),
            event: Event {
                body: EventBody::Unknown {
                    name: KIND.to_owned(),
                    value: content,
                },
                ..Event::default()
            },
        });
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
