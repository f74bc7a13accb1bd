//! The bot's own events. They go through the journal as the platform's do, under names that the
//! platform cannot use.

use std::sync::Arc;

use handover_protocol::{AppId, Channel, Event, EventBody, Object, Party, Received};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::thread::ThreadKey;

const PREFIX: &str = "handover:";
const TIMER: &str = "handover:timer";
const HANDOFF_FAILED: &str = "handover:handoff_failed";

/// The kinds, and how people call them.
pub(crate) const KINDS: [(&str, &str); 2] = [(TIMER, "timer"), (HANDOFF_FAILED, "handoff_failed")];

/// The timer that takes a thread back which nobody gave back.
pub(crate) const RECLAIM: &str = "reclaim";
/// The timer that takes a thread back which no human has answered.
pub(crate) const UNCLAIMED: &str = "unclaimed";

/// A handoff that did not come about.
///
/// ```
/// use handover_runtime::extract::FailedHandoff;
///
/// async fn stay(failed: FailedHandoff) -> &'static str {
///     eprintln!("{}", failed.reason);
///     "All my colleagues are busy; I stay with you."
/// }
/// # let _ = stay;
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FailedHandoff {
    /// Why, as the platform said.
    pub reason: String,
    /// The app that should have got the thread; none for the default app.
    pub target: Option<AppId>,
}

/// A timer of this name ran out.
pub(crate) fn timer(name: &str, thread: &ThreadKey, object: &Object) -> Arc<Received> {
    event(TIMER, json!({ "name": name }), thread, object.clone())
}

/// A pass was given up.
pub(crate) fn handoff_failed(
    failed: &FailedHandoff,
    thread: &ThreadKey,
    object: Object,
) -> Arc<Received> {
    let content = json!({ "reason": failed.reason, "target": failed.target });
    event(HANDOFF_FAILED, content, thread, object)
}

fn event(name: &str, value: Value, thread: &ThreadKey, object: Object) -> Arc<Received> {
    Arc::new(Received {
        object,
        account: thread.account.clone(),
        channel: Channel::Messaging,
        time: None,
        extra: serde_json::Map::new(),
        event: Event {
            sender: Some(Party::id(thread.person.clone())),
            body: EventBody::Unknown {
                name: name.to_owned(),
                value,
            },
            ..Event::default()
        },
    })
}

/// Whether it is one of the bot's own.
pub(crate) fn is_own(body: &EventBody) -> bool {
    matches!(body, EventBody::Unknown { name, .. } if name.starts_with(PREFIX))
}

/// The name of the timer that ran out, if that is what happened.
pub(crate) fn timer_name(body: &EventBody) -> Option<&str> {
    match body {
        EventBody::Unknown { name, value } if name == TIMER => value["name"].as_str(),
        _ => None,
    }
}

/// The handoff that failed, if that is what happened.
pub(crate) fn failed_handoff(body: &EventBody) -> Option<FailedHandoff> {
    match body {
        EventBody::Unknown { name, value } if name == HANDOFF_FAILED => {
            FailedHandoff::deserialize(value).ok()
        }
        _ => None,
    }
}
