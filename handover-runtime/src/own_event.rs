//! The bot's own events. They go through the journal as the platform's do, under names that the
//! platform cannot use.

use std::sync::Arc;

use handover_protocol::{
    AppId, Channel, Event, EventBody, Object, OutgoingMessage, Party, Received, SendRequest,
};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::graph::{Advice, GraphError};
use crate::thread::{ThreadKey, ThreadParty};

const PREFIX: &str = "handover:";
const TIMER: &str = "handover:timer";
const HANDOFF_FAILED: &str = "handover:handoff_failed";
const SEND_FAILED: &str = "handover:send_failed";
/// In the content of what follows from a message that could not be sent.
const AFTER_FAILED_SEND: &str = "after_failed_send";

/// The kinds, and how people call them.
pub(crate) const KINDS: [(&str, &str); 3] = [
    (TIMER, "timer"),
    (HANDOFF_FAILED, "handoff_failed"),
    (SEND_FAILED, "send_failed"),
];

/// The timer under which a thread that was asked for and has come back is heard of.
pub(crate) const CAME_BACK: &str = "handover:came_back";
/// The timers that take a thread back.
pub(crate) const TAKING_BACK: [&str; 3] = [RECLAIM, UNCLAIMED, IDLE];

/// The timer that takes a thread back which nobody gave back.
pub(crate) const RECLAIM: &str = "reclaim";
/// The timer that takes a thread back which no human has answered.
pub(crate) const UNCLAIMED: &str = "unclaimed";
/// The timer that takes a thread back whose agent says nothing any more.
pub(crate) const IDLE: &str = "idle";

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
#[non_exhaustive]
pub struct FailedHandoff {
    /// Why, as the platform said.
    pub reason: String,
    /// The app that should have got the thread; none for the default app.
    #[serde(default)]
    pub target: Option<AppId>,
    /// Whether the thread should have come back, by `reclaim_after`, `unclaimed_after`, `idle_after`
    /// or [`Take`](crate::Take): it is still the other app's, so nothing that the handler says can
    /// be sent.
    #[serde(default)]
    pub is_reclaim: bool,
}

impl FailedHandoff {
    /// For unit tests: the handoff was refused for this reason.
    pub fn new(reason: impl Into<String>) -> Self {
        Self {
            reason: reason.into(),
            target: None,
            is_reclaim: false,
        }
    }
}

/// A message that could not be sent.
///
/// ```
/// use handover_runtime::extract::FailedSend;
/// use handover_runtime::graph::Advice;
///
/// async fn not_sent(failed: FailedSend) {
///     if failed.advice == Advice::GiveUp {
///         eprintln!("{:?}: {}", failed.message.text, failed.reason);
///     }
/// }
/// # let _ = not_sent;
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct FailedSend {
    /// The message. Empty for a utility message, which has a template instead.
    #[serde(default)]
    pub message: OutgoingMessage,
    /// Why, as the platform or the bot's own guard said.
    pub reason: String,
    /// What would help.
    pub advice: Advice,
    /// The platform's error code; `None` if the bot did not try.
    pub code: Option<i64>,
    /// The platform's error subcode.
    pub subcode: Option<i64>,
}

impl FailedSend {
    /// What failed, and the platform's error if it gave one.
    pub(crate) fn of(send: &SendRequest, reason: &str, refusal: Option<&GraphError>) -> Self {
        let (code, subcode) = match refusal {
            Some(GraphError::Refused { code, subcode, .. }) => (Some(*code), *subcode),
            _ => (None, None),
        };
        let mut message = send.message.clone().unwrap_or_default();
        // The bot's own reference is not the handler's business.
        message.metadata = message.metadata.filter(|it| !it.starts_with(PREFIX));
        Self {
            message,
            reason: reason.to_owned(),
            advice: refusal.map_or(Advice::GiveUp, GraphError::advice),
            code,
            subcode,
        }
    }

    /// For unit tests: this message was not sent, for this reason.
    pub fn new(message: impl Into<OutgoingMessage>, reason: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            reason: reason.into(),
            advice: Advice::GiveUp,
            code: None,
            subcode: None,
        }
    }
}

/// A timer of this name ran out; `follows` is whether it was set because a message was not sent.
pub(crate) fn timer(
    name: &str,
    thread: &ThreadKey,
    object: &Object,
    follows: bool,
) -> Arc<Received> {
    let content = marked(json!({ "name": name }), follows);
    event(TIMER, content, thread, object.clone())
}

/// A message was given up.
pub(crate) fn send_failed(
    failed: &FailedSend,
    thread: &ThreadKey,
    object: Object,
) -> Arc<Received> {
    let content = serde_json::to_value(failed).unwrap_or_default();
    event(SEND_FAILED, content, thread, object)
}

fn marked(mut content: Value, follows: bool) -> Value {
    if follows {
        content[AFTER_FAILED_SEND] = true.into();
    }
    content
}

/// Whether the event follows from a message that could not be sent: what fails now is not told again,
/// for that could go on for ever.
pub(crate) fn follows_failed_send(body: &EventBody) -> bool {
    match body {
        EventBody::Unknown { name, value } => {
            name == SEND_FAILED || (name.starts_with(PREFIX) && value[AFTER_FAILED_SEND] == true)
        }
        _ => false,
    }
}

/// The message that failed, if that is what happened.
pub(crate) fn failed_send(body: &EventBody) -> Option<FailedSend> {
    match body {
        EventBody::Unknown { name, value } if name == SEND_FAILED => {
            FailedSend::deserialize(value).ok()
        }
        _ => None,
    }
}

/// A timer of this name ran out, and by now the thread is the bot's.
pub(crate) fn reclaimed(name: &str, thread: &ThreadKey, object: &Object) -> Arc<Received> {
    let content = json!({ "name": name, "reclaimed": true });
    event(TIMER, content, thread, object.clone())
}

/// Whether it is what a timer comes to once the thread is the bot's.
pub(crate) fn is_reclaimed(body: &EventBody) -> bool {
    matches!(body, EventBody::Unknown { value, .. } if is_own(body) && value["reclaimed"] == true)
}

/// A pass was given up, or a thread could not be brought back.
pub(crate) fn handoff_failed(
    failed: &FailedHandoff,
    thread: &ThreadKey,
    object: Object,
    follows: bool,
) -> Arc<Received> {
    event(
        HANDOFF_FAILED,
        marked(json!(failed), follows),
        thread,
        object,
    )
}

fn event(name: &str, value: Value, thread: &ThreadKey, object: Object) -> Arc<Received> {
    Arc::new(Received {
        object,
        account: thread.account.clone(),
        channel: Channel::Messaging,
        time: None,
        extra: serde_json::Map::new(),
        event: Event {
            sender: party(thread),
            body: EventBody::Unknown {
                name: name.to_owned(),
                value,
            },
            ..Event::default()
        },
    })
}

fn party(thread: &ThreadKey) -> Option<Party> {
    match &thread.party {
        ThreadParty::Person(person) => Some(Party::id(person.clone())),
        ThreadParty::Visitor(user_ref) => Some(Party {
            user_ref: Some(user_ref.to_string()),
            ..Party::default()
        }),
        ThreadParty::Account => None,
    }
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
