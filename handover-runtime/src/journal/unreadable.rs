//! What cannot be read, and is kept as a dead letter all the same: the body of a webhook, and what is stored, such as
//! by another version of the bot.

use std::sync::Arc;

use handover_protocol::{
    AccountId, Channel, Event, EventBody, Object, ReadError, Received, Timestamp,
};
use serde_json::error::Category;
use serde_json::{Value, json};

use super::dedupe::key_of_body;
use super::forward::ForwardedCommand;
use super::jobs::Steps;
use super::rules::JournalRules;
use super::{DedupeKey, NewEvent};
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
    /// As far as the content says it.
    thread: ThreadKey,
    content: Value,
    /// The event in it, if that can be read.
    received: Option<Received>,
    cause: String,
    /// No other item has the same.
    key: DedupeKey,
    /// How many dead letters were deleted with it, which are still counted.
    pub(super) dead_letters: u64,
}

impl UnreadableItem {
    /// An event of this thread.
    pub(super) fn event(thread: ThreadKey, content: &str, error: &serde_json::Error) -> Self {
        Self {
            key: DedupeKey::of(&format!("unreadable/{thread}/{content}")),
            thread,
            content: json_or_text(content),
            received: None,
            cause: format!("the stored event cannot be read: {}", mistake(error)),
            dead_letters: 0,
        }
    }

    /// What another node has stored for this one, under this number. Its event is kept as that, if it has one.
    #[cfg(feature = "postgres")]
    pub(super) fn command(id: i64, content: &str, error: &serde_json::Error) -> Self {
        let key = DedupeKey::of(&format!("unreadable/{id}/{content}"));
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
        let mistake = mistake(error);
        Self {
            thread,
            content,
            received,
            cause: format!("what another node has stored cannot be read by this one: {mistake}"),
            key,
            dead_letters: 0,
        }
    }

    pub(super) fn give_up(&self, rules: &mut JournalRules, now: Timestamp) {
        let Self { thread, cause, .. } = self;
        tracing::error!(%thread, %cause, "something stored cannot be read; it is kept as a dead letter");
        rules.dead_letters_are_gone(self.dead_letters);
        if rules.owns(thread) {
            let received = self.received.clone().unwrap_or_else(|| self.stand_in());
            rules.add_dead_event(thread, received.into(), cause, now);
            return;
        }
        // Only the owner of its lane can store it, and makes a dead letter of nothing else.
        rules.forward(ForwardedCommand::Event(NewEvent {
            dedupe_key: self.key,
            also_known_as: None,
            thread: thread.clone(),
            received: Arc::new(self.stand_in()),
            received_at: now,
            confirms: None,
            content: None,
        }));
    }

    fn stand_in(&self) -> Received {
        let account = self.thread.account.clone();
        stand_in(account, ITEM_KIND, self.content.clone(), self.cause.clone())
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

/// What the mistake is, and where. As `serde_json` words it, it may quote what a person wrote.
fn mistake(error: &serde_json::Error) -> String {
    let what = match error.classify() {
        Category::Syntax => "it is not JSON",
        Category::Eof => "it is cut off",
        Category::Data => "a value is missing or of another kind",
        Category::Io => "reading it failed",
    };
    let (line, column) = (error.line(), error.column());
    format!("{what}, at line {line}, column {column}")
}
