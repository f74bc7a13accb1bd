//! Events of a thread: those of the platform, and internal ones.

use std::sync::Arc;

use handover_protocol::{
    AppId, Channel, Event, EventBody, Object, OutgoingMessage, Party, Received, SendRequest,
    Timestamp,
};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::failure_kind::FailureKind;
use crate::graph::{Advice, GraphError};
use crate::notice::Notice;
use crate::ownership::REFERENCE;
use crate::thread::{ThreadKey, ThreadParty};

/// An event of a thread. Cheap to clone.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum ThreadEvent {
    /// The platform sent it.
    Platform(Arc<Received>),
    /// The bot itself made it.
    Own(Arc<InternalEvent>),
}

/// An event that the bot itself created.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct InternalEvent {
    /// The product of the thread.
    pub(crate) object: Object,
    /// The content.
    #[serde(flatten)]
    pub(crate) body: InternalEventBody,
}

/// Content of an [`InternalEvent`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum InternalEventBody {
    /// A timer ran out.
    Timer {
        /// Its name.
        name: String,
        /// Whether it was set because a message could not be sent.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        after_failed_send: bool,
    },
    /// A timer that takes the thread back ran out.
    TakeBack {
        /// The timer.
        name: ReclaimTimer,
    },
    /// Such a timer ran out, and the bot owns the thread again.
    TakenBack {
        /// The timer.
        name: ReclaimTimer,
    },
    /// A pass was given up, or a thread could not be taken back.
    HandoffFailed {
        /// What failed.
        #[serde(flatten)]
        failed: FailedHandoff,
        /// Whether it follows from a message that could not be sent.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        after_failed_send: bool,
    },
    /// A message was given up.
    SendFailed(Box<FailedSend>),
    /// Something outside the thread, or an earlier handler of it, sent a signal.
    Signal(Box<SignalEvent>),
    /// The thread was handed over, not answered, or returned.
    Handoff(Box<Notice>),
}

/// A signal on its way to its handler.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct SignalEvent {
    /// Which signal it is.
    pub(crate) name: String,
    /// By what the sender knows it; none if a handler of the same thread sent it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) id: Option<String>,
    /// What it says.
    pub(crate) content: Value,
    /// The number of its receipt, if it has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) receipt: Option<u64>,
    /// Whether it waits while the bot may not speak in the thread.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(crate) holds: bool,
    /// When it is given up unless it was handled.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) expires_at: Option<Timestamp>,
    /// Whether it was sent because a message could not be sent.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(crate) after_failed_send: bool,
}

/// Timers that take a thread back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ReclaimTimer {
    /// The thread was not given back in time.
    Reclaim,
    /// No human answered in time.
    Unclaimed,
    /// The agent has written nothing for a while.
    Idle,
}

impl ReclaimTimer {
    pub(crate) const ALL: [Self; 3] = [Self::Reclaim, Self::Unclaimed, Self::Idle];

    /// The name of the timer in the thread.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Reclaim => "reclaim",
            Self::Unclaimed => "unclaimed",
            Self::Idle => "idle",
        }
    }

    /// Whether it takes nothing back once an agent has answered.
    pub(crate) fn ends_with_an_answer(self) -> bool {
        match self {
            Self::Unclaimed | Self::Idle => true,
            Self::Reclaim => false,
        }
    }

    pub(crate) fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|timer| timer.as_str() == name)
    }
}

impl ThreadEvent {
    /// The event of the platform, if it is one.
    pub(crate) fn platform(&self) -> Option<&Arc<Received>> {
        match self {
            Self::Platform(received) => Some(received),
            Self::Own(_) => None,
        }
    }

    /// The internal event, if it is one.
    pub(crate) fn own(&self) -> Option<&InternalEvent> {
        match self {
            Self::Platform(_) => None,
            Self::Own(own) => Some(own),
        }
    }

    /// The name of the timer that ran out, if it is that and nothing has come of it.
    pub(crate) fn expired_timer(&self) -> Option<&str> {
        match &self.own()?.body {
            InternalEventBody::Timer { name, .. } => Some(name),
            InternalEventBody::TakeBack { name } => Some(name.as_str()),
            _ => None,
        }
    }

    /// Kind of the event: its name on the wire, or the name of a trigger, such as `timer`.
    pub(crate) fn kind(&self) -> &str {
        match self {
            Self::Platform(received) => received.event.body.kind(),
            Self::Own(own) => own.kind(),
        }
    }

    /// The product of its thread.
    pub(crate) fn object(&self) -> &Object {
        match self {
            Self::Platform(received) => &received.object,
            Self::Own(own) => &own.object,
        }
    }

    pub(crate) fn channel(&self) -> Channel {
        match self {
            Self::Platform(received) => received.channel,
            Self::Own(_) => Channel::Messaging,
        }
    }

    /// The event as handlers see it.
    pub(crate) fn received(&self, thread: &ThreadKey) -> Arc<Received> {
        match self {
            Self::Platform(received) => received.clone(),
            Self::Own(own) => Arc::new(own.received(thread)),
        }
    }

    /// Stored form: an event of the platform unchanged, an internal one under `own`.
    pub(crate) fn to_json(&self) -> serde_json::Result<String> {
        match self {
            Self::Platform(received) => serde_json::to_string(&**received),
            Self::Own(own) => serde_json::to_string(&StoredInternalEvent { own: &**own }),
        }
    }

    pub(crate) fn from_json(text: &str) -> serde_json::Result<Self> {
        if let Ok(StoredInternalEvent { own }) = serde_json::from_str(text) {
            return Ok(Self::Own(Arc::new(own)));
        }
        let received = serde_json::from_str(text)?;
        Ok(Self::Platform(Arc::new(received)))
    }
}

impl From<Received> for ThreadEvent {
    fn from(received: Received) -> Self {
        Self::Platform(Arc::new(received))
    }
}

impl From<InternalEvent> for ThreadEvent {
    fn from(own: InternalEvent) -> Self {
        Self::Own(Arc::new(own))
    }
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct StoredInternalEvent<T> {
    own: T,
}

impl InternalEvent {
    /// All kinds.
    pub(crate) const KINDS: [&str; 5] = [
        "timer",
        "handoff_failed",
        "send_failed",
        "signal",
        "handoff",
    ];

    pub(crate) fn new(object: Object, body: InternalEventBody) -> Arc<Self> {
        Arc::new(Self { object, body })
    }

    /// The name of the trigger for it.
    pub(crate) const fn kind(&self) -> &'static str {
        let [timer, handoff_failed, send_failed, signal, handoff] = Self::KINDS;
        match self.body {
            InternalEventBody::Timer { .. }
            | InternalEventBody::TakeBack { .. }
            | InternalEventBody::TakenBack { .. } => timer,
            InternalEventBody::HandoffFailed { .. } => handoff_failed,
            InternalEventBody::SendFailed(_) => send_failed,
            InternalEventBody::Signal(_) => signal,
            InternalEventBody::Handoff(_) => handoff,
        }
    }

    /// Name of the timer that ran out, if it is that.
    pub(crate) fn timer_name(&self) -> Option<&str> {
        match &self.body {
            InternalEventBody::Timer { name, .. } => Some(name),
            InternalEventBody::TakeBack { name } | InternalEventBody::TakenBack { name } => {
                Some(name.as_str())
            }
            InternalEventBody::HandoffFailed { .. }
            | InternalEventBody::SendFailed(_)
            | InternalEventBody::Signal(_)
            | InternalEventBody::Handoff(_) => None,
        }
    }

    /// The signal, if it is one.
    pub(crate) const fn signal(&self) -> Option<&SignalEvent> {
        match &self.body {
            InternalEventBody::Signal(signal) => Some(signal),
            _ => None,
        }
    }

    /// The same signal with the number of its receipt.
    pub(crate) fn with_receipt(mut self: Arc<Self>, number: u64) -> Arc<Self> {
        if let InternalEventBody::Signal(signal) = &mut Arc::make_mut(&mut self).body {
            signal.receipt = Some(number);
        }
        self
    }

    /// The failed handoff, if it is that.
    pub(crate) const fn failed_handoff(&self) -> Option<&FailedHandoff> {
        match &self.body {
            InternalEventBody::HandoffFailed { failed, .. } => Some(failed),
            _ => None,
        }
    }

    /// The failed message, if it is that.
    pub(crate) const fn failed_send(&self) -> Option<&FailedSend> {
        match &self.body {
            InternalEventBody::SendFailed(failed) => Some(failed),
            _ => None,
        }
    }

    /// What became of the thread, if it says that.
    pub(crate) const fn notice(&self) -> Option<&Notice> {
        match &self.body {
            InternalEventBody::Handoff(notice) => Some(notice),
            _ => None,
        }
    }

    /// Whether it follows from a message that could not be sent: no handler runs if its consequences fail, too.
    pub(crate) const fn follows_failed_send(&self) -> bool {
        match self.body {
            InternalEventBody::Timer {
                after_failed_send, ..
            }
            | InternalEventBody::HandoffFailed {
                after_failed_send, ..
            } => after_failed_send,
            InternalEventBody::Signal(ref signal) => signal.after_failed_send,
            InternalEventBody::SendFailed(_) => true,
            InternalEventBody::TakeBack { .. }
            | InternalEventBody::TakenBack { .. }
            | InternalEventBody::Handoff(_) => false,
        }
    }

    fn received(&self, thread: &ThreadKey) -> Received {
        let value = match &self.body {
            InternalEventBody::HandoffFailed { failed, .. } => json!(failed),
            InternalEventBody::SendFailed(failed) => json!(failed),
            InternalEventBody::Handoff(notice) => json!(notice),
            InternalEventBody::Signal(signal) => json!({
                "name": signal.name,
                "id": signal.id,
                "content": signal.content,
            }),
            InternalEventBody::Timer { .. }
            | InternalEventBody::TakeBack { .. }
            | InternalEventBody::TakenBack { .. } => json!({ "name": self.timer_name() }),
        };
        Received {
            object: self.object.clone(),
            account: thread.account.clone(),
            channel: Channel::Messaging,
            time: None,
            extra: Map::new(),
            event: Event {
                sender: party(thread),
                body: EventBody::Unknown {
                    name: self.kind().to_owned(),
                    value,
                },
                ..Event::default()
            },
        }
    }
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

impl InternalEventBody {
    /// The timer of this name ran out; `after_failed_send`: it was set because a message was not sent.
    pub(crate) fn timer(name: &str, after_failed_send: bool) -> Self {
        match ReclaimTimer::from_name(name) {
            Some(name) => Self::TakeBack { name },
            None => Self::Timer {
                name: name.to_owned(),
                after_failed_send,
            },
        }
    }
}

/// A handoff that failed.
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
    /// Reason from the platform.
    pub reason: String,
    /// The app that should have got the thread; `None` for the default app.
    #[serde(default)]
    pub target: Option<AppId>,
    /// Whether the bot should have got the thread back, by `reclaim_after`, `unclaimed_after`, `idle_after`
    /// or [`Take`](crate::Take). Then the other app still owns it, and nothing that the handler returns can
    /// be sent.
    #[serde(default)]
    pub is_reclaim: bool,
}

impl FailedHandoff {
    /// For unit tests: a handoff that was refused for this reason.
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
    /// Reason from the platform, or from the bot's own check.
    pub reason: String,
    /// Advice.
    pub advice: Advice,
    /// The platform's error code; `None` if the bot did not try.
    pub code: Option<i64>,
    /// The platform's error subcode.
    pub subcode: Option<i64>,
    /// What kind of failure it is.
    #[serde(default)]
    pub kind: FailureKind,
}

impl FailedSend {
    /// What failed, and the platform's error if it gave one.
    pub(crate) fn of(
        send: &SendRequest,
        (kind, reason): (FailureKind, &str),
        refusal: Option<&GraphError>,
    ) -> Self {
        let (code, subcode) = codes(refusal);
        let mut message = send.message.clone().unwrap_or_default();
        // Without the bot's own reference, which handlers do not need.
        message.metadata = message.metadata.filter(|it| !it.starts_with(REFERENCE));
        Self {
            message,
            reason: reason.to_owned(),
            advice: refusal.map_or(Advice::GiveUp, GraphError::advice),
            code,
            subcode,
            kind,
        }
    }

    /// For unit tests: a message that was not sent for this reason.
    pub fn new(message: impl Into<OutgoingMessage>, reason: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            reason: reason.into(),
            advice: Advice::GiveUp,
            code: None,
            subcode: None,
            kind: FailureKind::Other,
        }
    }
}

/// The platform's error code and subcode.
pub(crate) fn codes(refusal: Option<&GraphError>) -> (Option<i64>, Option<i64>) {
    match refusal {
        Some(GraphError::Refused { code, subcode, .. }) => (Some(*code), *subcode),
        _ => (None, None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::notice::NoticeKind;

    #[test]
    fn what_is_stored_is_read_back() {
        let failed = FailedHandoff {
            reason: "closed".to_owned(),
            target: Some(AppId::PAGE_INBOX),
            is_reclaim: false,
        };
        let own = [
            InternalEventBody::timer("reminder", false),
            InternalEventBody::timer("reminder", true),
            InternalEventBody::timer("idle", true),
            InternalEventBody::TakenBack {
                name: ReclaimTimer::Unclaimed,
            },
            InternalEventBody::HandoffFailed {
                failed,
                after_failed_send: true,
            },
            InternalEventBody::SendFailed(Box::new(FailedSend::new(
                OutgoingMessage::text("hi"),
                "too late",
            ))),
            InternalEventBody::Signal(Box::new(SignalEvent {
                name: "shipped".to_owned(),
                id: Some("shipped-42".to_owned()),
                content: json!({ "order": 42 }),
                receipt: Some(7),
                holds: true,
                expires_at: Some(Timestamp::from_millis(1)),
                after_failed_send: false,
            })),
            InternalEventBody::Handoff(Box::new(Notice {
                app: Some(AppId::PAGE_INBOX),
                note: Some("asked for a person".to_owned()),
                ..Notice::new(NoticeKind::HandedOver, ThreadKey::new("1", "2"))
            })),
        ];
        for body in own {
            let event = ThreadEvent::Own(InternalEvent::new(Object::Instagram, body));
            let json = event.to_json().unwrap();
            assert_eq!(ThreadEvent::from_json(&json).unwrap(), event, "{json}");
        }
    }

    #[test]
    fn nothing_that_the_platform_sends_is_the_bots_own() {
        let body = json!({
            "object": "page",
            "entry": [{
                "id": "1",
                "own": { "object": "page", "timer": { "name": "reminder" } },
                "messaging": [{ "sender": { "id": "2" }, "timer": { "name": "reminder" } }]
            }]
        });
        let read = handover_protocol::read(body.to_string().as_bytes()).unwrap();
        for received in read.received {
            let event = ThreadEvent::from(received);
            let json = event.to_json().unwrap();
            assert_eq!(ThreadEvent::from_json(&json).unwrap(), event, "{json}");
        }
    }
}
