//! Bodies of webhooks that cannot be read.

use std::sync::Arc;

use handover_protocol::{
    AccountId, Channel, Event, EventBody, Object, ReadError, Received, Timestamp,
};
use serde_json::{Value, json};

use super::dedupe::key_of_body;
use super::{DedupeKey, NewEvent};
use crate::thread::ThreadKey;

/// Key beside such an event, with the cause. The platform has none like it.
const CAUSE: &str = "handover_unreadable";
/// Kind of such an event.
const KIND: &str = "unreadable_body";
/// How much of a body is kept, in bytes.
const KEPT_BYTES: usize = 64 * 1024;

impl NewEvent {
    /// Stands for a body that cannot be read: the journal keeps it as a dead letter, and no handler takes it.
    pub(crate) fn unreadable(body: &[u8], error: &ReadError, received_at: Timestamp) -> Self {
        let kept = &body[..body.len().min(KEPT_BYTES)];
        let value = json!({ "bytes": body.len(), "text": String::from_utf8_lossy(kept) });
        let received = Received {
            object: Object::default(),
            account: AccountId::default(),
            channel: Channel::Messaging,
            time: None,
            extra: [(CAUSE.to_owned(), Value::from(error.to_string()))]
                .into_iter()
                .collect(),
            event: Event {
                body: EventBody::Unknown {
                    name: KIND.to_owned(),
                    value,
                },
                ..Event::default()
            },
        };
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

/// Why the body could not be read for which this event stands, if it does.
pub(super) fn cause_of(received: &Received) -> Option<&str> {
    received.extra.get(CAUSE)?.as_str()
}
