//! Ownership rules: who owns a thread, whether a human answered, and whether the bot is paused.
//!
//! [`seen`] is a function of one event and of what was known before it. It has no I/O and no clock. Dispatch
//! calls it for each event it handles; before a call, the outbox calls it for the events that still wait. The
//! bot's own messages never get here: they are recognised by what was sent (the `message_id` of the response,
//! the reference in `metadata`, the content while a response is outstanding), not by `app_id`.
//!
//! | event | channel | product | default app | known | owner | pause | human spoke |
//! |---|---|---|---|---|---|---|---|
//! | `pass_thread_control` | messaging | any | any | any | the new owner it names; the bot if none | ends, if to the bot | no |
//! | `take_thread_control` | messaging | any | any | any | the new owner it names; another app if none | – | no |
//! | `request_thread_control` | messaging | any | any | another app, or it may be | unknown: requests go to the owner, and in the legacy protocol to the primary receiver | – | no |
//! | `request_thread_control` | messaging | any | any | else | the bot | – | no |
//! | message | messaging | Messenger | yes: the owner's, or nobody's | not another app | the bot | – | no |
//! | message | messaging | Messenger | none: every app gets it | not another app | the bot, which may try | – | no |
//! | message | messaging | any | any | another app, or it may be | – : [`addressee`] decides when to ask the platform | – | no |
//! | message | messaging | Instagram | any: every app gets it | any | – | – | no |
//! | message, postback | standby | any | yes | any | another app | – | no |
//! | postback | messaging | any | any: goes to the app that sent the button | any | – | – | no |
//! | echo: deleted | any | any | any | any | – | – | no |
//! | echo: Meta's AI, an automatic app | any | any | any | any | – | – | no |
//! | echo: instant reply or away message (inbox, just after a conversation began, the first) | any | any | any | conversation just begun | – | – | no |
//! | echo: the word that ends a pause | any | any | any | any | – | ends; another owner's thread is taken back | no |
//! | echo: the word that begins a pause | messaging | any | any | not another app | – | begins | yes |
//! | echo: an inbox, an app of people, nobody's app | messaging | any | none, or a take to be announced | not another app | – | begins | yes |
//! | echo: the same | any | any | any | another app | – | – | yes |
//! | anything else | any | any | any | any | – | – | no |
//!
//! An event that happened before the last known handover arrives late: it shows no owner, and its echo begins no
//! pause. An echo from longer before says nothing at all.
//!
//! Only the owner *another app* is certain, and only that blocks a call. *The bot* means that the bot may
//! answer as far as it knows: the platform refuses the call if that is wrong. After another app, the owner is
//! unknown while the platform cannot be asked: the bot may answer, but what was set for the time with another
//! owner, such as a timer, stays. A pause is the bot's own rule and does not depend on the owner.

mod human_apps;

use std::time::Duration;

use handover_protocol::{
    AppId, Channel, ControlType, EventBody, ExtendThreadControlRequest, Message, MessageTag,
    MessagingType, Object, OutgoingMessage, PassThreadControlRequest, Received,
    ReleaseThreadControlRequest, RequestThreadControlRequest, SendRequest,
    TakeThreadControlRequest, Timestamp,
};

use crate::event_time::EventTime;
use crate::graph::{Call, GraphError, LONGEST_CALL};
use crate::thread::{KnownOwner, Owner, Window};
pub use human_apps::HumanApps;

/// Longest delay of the inbox's instant reply after the first message of a conversation.
const INSTANT_REPLY: Duration = Duration::from_secs(5);
/// Longest time between what an agent says and the take that the platform makes of it.
const CAUSED_TAKE: Duration = Duration::from_secs(5);
/// A message begins a conversation if the person has not written for this long. Also the window in which a
/// bot may answer (protocol: windows and tags).
const DAY: Duration = Duration::from_secs(24 * 60 * 60);
/// Longest delay of the echo of a message whose response is outstanding: a video is fetched before.
pub(crate) const ECHO_WITHIN: Duration = LONGEST_CALL;
/// Prefix of every reference of a call, by which its echo is recognised.
pub(crate) const REFERENCE: &str = "handover:";

/// Ownership rules from the settings of a bot.
#[derive(Clone, Debug)]
pub(crate) struct OwnershipRules {
    pub(crate) bot: AppId,
    pub(crate) humans: HumanApps,
    /// Length of the pause after a human message; zero disables it.
    pub(crate) pause: Duration,
    /// Text with which an agent begins a pause, and its length.
    pub(crate) pause_word: Option<(String, Duration)>,
    /// Text with which an agent ends a pause.
    pub(crate) resume_word: Option<String>,
}

/// What is known of a thread before an event.
#[derive(Clone, Copy, Debug)]
pub(crate) struct KnownThread<'a> {
    pub(crate) ownership: &'a KnownOwner,
    /// Whether another app owns it, or had it before the owner became unknown.
    pub(crate) is_away: bool,
    pub(crate) paused_until: Option<Timestamp>,
    /// When the person began the conversation, if it was not answered since.
    pub(crate) began_at: Option<Timestamp>,
}

impl KnownThread<'_> {
    pub(crate) fn is_paused(&self, now: Timestamp) -> bool {
        self.paused_until.is_some_and(|until| until > now)
    }

    fn is_away(&self, now: Timestamp) -> bool {
        self.is_away && !self.ownership.has_expired(now)
    }
}

/// What an event changes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct EventEffect {
    /// The owner; `None` if the event does not show it.
    pub(crate) owner: Option<Owner>,
    pub(crate) pause: Option<PauseUpdate>,
    /// Whether a human wrote for the account, with or without control.
    pub(crate) human: bool,
    /// Whether it is an automatic greeting of the inbox.
    pub(crate) instant_reply: bool,
    /// Whether an agent gives back a thread that another app owns.
    pub(crate) takes_back: bool,
}

/// Change of the pause.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum PauseUpdate {
    Until(Timestamp),
    Ends,
}

/// Evaluates an event that happened at this time; see the table above.
pub(crate) fn seen(
    received: &Received,
    time: &EventTime,
    known: &KnownThread<'_>,
    rules: &OwnershipRules,
) -> EventEffect {
    if let EventBody::Echo(echo) = &received.event.body {
        return spoke(received, echo, time, known, rules);
    }
    if known.ownership.is_newer_than(time) {
        return EventEffect::default();
    }
    let is_away = known.is_away(time.at);
    let of = |app: &Option<AppId>| match app {
        Some(id) if *id == rules.bot => Owner::Bot,
        other => Owner::Other(other.clone()),
    };
    let owner = match &received.event.body {
        // The event goes to the new owner, and old bodies leave out the key.
        EventBody::PassThreadControl(pass) => match of(&pass.new_owner_app_id) {
            Owner::Bot | Owner::Other(None) => {
                return EventEffect {
                    owner: Some(Owner::Bot),
                    pause: Some(PauseUpdate::Ends),
                    ..EventEffect::default()
                };
            }
            other => Some(other),
        },
        EventBody::TakeThreadControl(take) => Some(of(&take.new_owner_app_id)),
        EventBody::RequestThreadControl(_) if is_away => Some(Owner::Unknown),
        EventBody::RequestThreadControl(_) => Some(Owner::Bot),
        EventBody::Message(_)
            if received.channel == Channel::Messaging
                && received.object == Object::Page
                && !is_away =>
        {
            Some(Owner::Bot)
        }
        EventBody::Message(_) | EventBody::Postback(_) if received.channel == Channel::Standby => {
            Some(Owner::Other(None))
        }
        _ => None,
    };
    EventEffect {
        owner,
        ..EventEffect::default()
    }
}

/// Evaluates an echo of a message that the bot did not send.
fn spoke(
    received: &Received,
    echo: &Message,
    time: &EventTime,
    known: &KnownThread<'_>,
    rules: &OwnershipRules,
) -> EventEffect {
    let at = time.at;
    let nothing = EventEffect::default();
    if !may_be_human(echo, rules) {
        return nothing;
    }
    let by_inbox = match &echo.app_id {
        Some(app) => is_inbox(app),
        None => received.object == Object::Instagram,
    };
    let just_begun = known
        .began_at
        .is_some_and(|began| at >= began && at.duration_since(began) <= INSTANT_REPLY);
    if by_inbox && just_begun && !rules.humans.instant_replies {
        return EventEffect {
            instant_reply: true,
            ..nothing
        };
    }
    // The take that an agent's words cause has a later timestamp than they.
    if known.ownership.is_newer_by(CAUSED_TAKE, time) {
        return nothing;
    }
    let other_owns = known.ownership.other_owner(at).is_some();
    let says = |word: &str| {
        let text = echo.text.as_deref().unwrap_or_default();
        text.trim().to_lowercase() == word.trim().to_lowercase()
    };
    if rules.resume_word.as_deref().is_some_and(says) {
        return EventEffect {
            pause: Some(PauseUpdate::Ends),
            takes_back: other_owns,
            ..nothing
        };
    }
    let length = match &rules.pause_word {
        Some((word, length)) if says(word) => *length,
        _ => rules.pause,
    };
    let beside_the_bot = received.channel == Channel::Messaging
        && !other_owns
        // An agent's last words, which come after the thread did.
        && !known.ownership.is_newer_than(time);
    EventEffect {
        human: true,
        pause: (beside_the_bot && !length.is_zero()).then(|| PauseUpdate::Until(at + length)),
        ..nothing
    }
}

/// Whether an echo may be from a human, judging by its content.
pub(crate) fn may_be_human(echo: &Message, rules: &OwnershipRules) -> bool {
    let by_ai = echo.ai_generated || echo.metadata.as_deref().is_some_and(is_by_axon);
    let by_nobody = echo.is_deleted || echo.admin_text.is_some();
    let by_a_person = match &echo.app_id {
        Some(app) => *app != rules.bot && rules.humans.contains(app),
        // A bot built with this framework: this one, or another.
        None => reference_in(echo).is_none(),
    };
    !by_nobody && (by_a_person || by_ai) && (!by_ai || rules.humans.meta_ai)
}

/// Metadata of Meta's AI.
fn is_by_axon(metadata: &str) -> bool {
    metadata.contains("axon")
        && serde_json::from_str::<serde_json::Value>(metadata)
            .is_ok_and(|metadata| metadata["source"] == "axon")
}

/// The reference in an echo of a call of this framework.
pub(crate) fn reference_in(echo: &Message) -> Option<&str> {
    let metadata = echo.metadata.as_deref()?;
    metadata.starts_with(REFERENCE).then_some(metadata)
}

pub(crate) fn is_inbox(app: &AppId) -> bool {
    *app == AppId::PAGE_INBOX || *app == AppId::INSTAGRAM_INBOX
}

/// Whether an action of the person begins a conversation, given the time of their last message and of their
/// last action that opens the messaging window. After "Get Started" or a link, their first message begins it
/// too.
pub(crate) fn begins_conversation(
    body: &EventBody,
    at: Timestamp,
    messaged_at: Option<Timestamp>,
    wrote_at: Option<Timestamp>,
) -> bool {
    let before = match body {
        EventBody::Message(_) => messaged_at,
        _ => wrote_at,
    };
    opens_window(body) && before.is_none_or(|before| at.duration_since(before) >= DAY)
}

/// Whether the action opens the 24-hour window (protocol: windows and tags).
pub(crate) fn opens_window(body: &EventBody) -> bool {
    match body {
        EventBody::Message(message) => !message.is_deleted,
        EventBody::Postback(_) | EventBody::Referral(_) | EventBody::Optin(_) => true,
        EventBody::Reaction(reaction) => reaction.action.as_deref() != Some("unreact"),
        _ => false,
    }
}

/// Addressee of a message or postback on the channel `messaging`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Addressee {
    /// The bot answers it.
    Bot,
    /// Another app or a human answers it; the bot only listens, as on standby.
    Listens,
    /// Ask the platform: another app owned the thread, as far as is known, and the event came later.
    Ask,
}

/// Decides who answers an event.
pub(crate) fn addressee(
    received: &Received,
    time: &EventTime,
    known: &KnownThread<'_>,
    now: Timestamp,
) -> Addressee {
    let to_the_bot = received.channel == Channel::Messaging
        && match &received.event.body {
            EventBody::Message(message) => !message.is_deleted,
            EventBody::Postback(_) => true,
            _ => false,
        };
    if !to_the_bot {
        return Addressee::Bot;
    }
    let is_later = time.sequence > known.ownership.as_of && !known.ownership.is_newer_than(time);
    if known.ownership.other_owner(now).is_some() {
        // An event that was in flight during the handover is the new owner's. A later one may mean that the
        // thread has come back, or that this account's apps receive everything.
        return if is_later {
            Addressee::Ask
        } else {
            Addressee::Listens
        };
    }
    if known.is_paused(now) {
        Addressee::Listens
    } else if is_later && known.is_away(now) {
        Addressee::Ask
    } else {
        Addressee::Bot
    }
}

/// Owner of a thread that another app owned, if the platform does not show it; `None` if that is still the
/// best guess. Otherwise nobody knows, and the bot may try: the platform refuses the call if it is not the owner.
pub(crate) fn unconfirmed_owner(received: &Received, known: &KnownOwner) -> Option<Owner> {
    let is_message = matches!(received.event.body, EventBody::Message(_));
    // On Messenger, a message may mean that the thread has come back.
    let may_be_back = is_message && received.object == Object::Page;
    // Any other event goes to every app. An owner without a name was only a guess.
    let is_certain = matches!(known.owner, Owner::Other(Some(_))) && !may_be_back;
    (!is_certain).then_some(Owner::Unknown)
}

/// Effect of a call on the control of its thread.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum ControlEffect {
    /// None, or the bot has to own the thread.
    #[default]
    Keeps,
    /// The bot gives the thread away.
    GivesAway,
    /// The bot gets the thread.
    BringsBack,
}

impl ControlEffect {
    pub(crate) const fn of(call: &Call) -> Self {
        match call {
            Call::PassThreadControl(_) | Call::ReleaseThreadControl(_) => Self::GivesAway,
            Call::Messages(send) if send.thread_control.is_some() => Self::GivesAway,
            Call::TakeThreadControl(_) | Call::RequestThreadControl(_) => Self::BringsBack,
            Call::Messages(_) | Call::ExtendThreadControl(_) => Self::Keeps,
        }
    }

    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Keeps => "keeps",
            Self::GivesAway => "gives",
            Self::BringsBack => "brings",
        }
    }

    pub(crate) fn from_name(name: &str) -> Self {
        match name {
            "gives" => Self::GivesAway,
            "brings" => Self::BringsBack,
            _ => Self::Keeps,
        }
    }
}

/// What each call does to the control of its thread: `gives` it away, `brings` it back or `keeps` it.
#[must_use]
pub fn control_effects() -> Vec<(&'static str, &'static str)> {
    let calls = [
        Call::Messages(SendRequest::default()),
        Call::PassThreadControl(PassThreadControlRequest::default()),
        Call::TakeThreadControl(TakeThreadControlRequest::default()),
        Call::RequestThreadControl(RequestThreadControlRequest::default()),
        Call::ReleaseThreadControl(ReleaseThreadControlRequest::default()),
        Call::ExtendThreadControl(ExtendThreadControlRequest::default()),
    ];
    let effects = calls
        .iter()
        .map(|call| (call.name(), ControlEffect::of(call).as_str()));
    effects.collect()
}

/// Whether the bot no longer owns the thread once this call has succeeded.
pub(crate) fn gives_thread_away(call: &Call) -> bool {
    ControlEffect::of(call) == ControlEffect::GivesAway
}

/// The owner after a successful call; `None` if the call does not change it.
pub(crate) fn owner_after(call: &Call) -> Option<Owner> {
    match call {
        Call::PassThreadControl(pass) => Some(Owner::Other(pass.target_app_id.clone())),
        Call::Messages(send) => {
            let control = send.thread_control.as_ref()?;
            match control.control_type {
                Some(ControlType::Pass) => Some(Owner::Other(control.app_id.clone())),
                _ => Some(Owner::Nobody),
            }
        }
        Call::TakeThreadControl(_) => Some(Owner::Bot),
        Call::ReleaseThreadControl(_) => Some(Owner::Nobody),
        Call::RequestThreadControl(_) | Call::ExtendThreadControl(_) => None,
    }
}

/// The owner after a refused call; `None` if the refusal does not show it.
pub(crate) fn owner_after_refusal(call: &Call, error: &GraphError) -> Option<Owner> {
    is_not_owner(call, error).then_some(Owner::Other(None))
}

/// For pass and release, only the message of the error shows it (protocol: errors of thread control).
pub(crate) fn is_not_owner(call: &Call, error: &GraphError) -> bool {
    let control = matches!(
        call,
        Call::PassThreadControl(_) | Call::ReleaseThreadControl(_) | Call::ExtendThreadControl(_)
    );
    let in_words = match error {
        GraphError::Refused {
            code: 100, message, ..
        } => message.contains("thread owner"),
        _ => false,
    };
    error.is_not_owner() || (control && in_words)
}

/// Why a call may not be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Objection {
    /// Another app owns the thread.
    ThreadOwned(String),
    /// A human answers in it beside the bot.
    Paused(String),
    /// The person has not written for too long.
    OutsideWindow(String),
    /// A bot may never send it.
    Forbidden(String),
}

/// Why a call certainly may not be made now. `is_spared`: the call was queued before the pause.
pub(crate) fn objection(
    call: &Call,
    known: &KnownThread<'_>,
    window: Window,
    is_spared: bool,
    now: Timestamp,
) -> Option<Objection> {
    let owner = known.ownership.other_owner(now);
    let is_needed = match call {
        // The platform knows whether the owner is the app that it is passed to.
        Call::PassThreadControl(_) => owner != Some(&Owner::Other(None)),
        _ => ControlEffect::of(call) != ControlEffect::BringsBack,
    };
    if let Some(owner) = owner.filter(|_| is_needed) {
        return Some(Objection::ThreadOwned(format!(
            "blocked: {owner} owns the thread"
        )));
    }
    let Call::Messages(send) = call else {
        return None;
    };
    if known.is_paused(now) && !is_spared {
        let reason = "blocked: a human is answering in this thread".to_owned();
        return Some(Objection::Paused(reason));
    }
    if send.tag == Some(MessageTag::HumanAgent) {
        let reason = "the tag HUMAN_AGENT is for what people write, not for what a bot does";
        return Some(Objection::Forbidden(reason.to_owned()));
    }
    // Recipients by token, comment or post have another window, which the platform knows.
    send.recipient.id.as_ref()?;
    if is_answer(send) && !window.is_open() {
        let wrote_at = window.open_until.map(|until| until - DAY);
        let silence = wrote_at.map_or(DAY, |at| now.duration_since(at));
        let hours = silence.as_secs() / (60 * 60);
        return Some(Objection::OutsideWindow(format!(
            "outside the 24-hour messaging window: the person last wrote {hours} hours ago, and has to write again before the bot may"
        )));
    }
    None
}

/// Whether it may only be sent within the window.
fn is_answer(send: &SendRequest) -> bool {
    let answers = matches!(
        send.messaging_type,
        None | Some(MessagingType::Response | MessagingType::Update)
    );
    answers && send.tag.is_none() && send.sender_action.is_none()
}

/// Whether an echo has the content of this message: the same text, attachments of the same kinds.
pub(crate) fn is_echo_of(echo: &Message, sent: &OutgoingMessage) -> bool {
    let text = |text: &Option<String>| text.as_deref().unwrap_or_default().trim().to_owned();
    let kinds = sent.attachment.iter().chain(&sent.attachments);
    let kinds: Vec<_> = kinds.map(|attachment| attachment.kind.as_str()).collect();
    let echoed = echo.attachments.iter();
    let echoed: Vec<_> = echoed.map(|attachment| attachment.kind.as_str()).collect();
    // The preview of a link comes as an attachment, and the text of a template beside it.
    let same_kinds = kinds == echoed || (kinds.is_empty() && echoed == ["fallback"]);
    let same_text = text(&echo.text) == text(&sent.text) || kinds == ["template"];
    let says_something = !text(&sent.text).is_empty() || !kinds.is_empty();
    !echo.is_deleted && says_something && same_kinds && same_text
}

/// Whether an echo came soon enough after the message was sent.
pub(crate) fn is_echo_in_time(
    received: &Received,
    received_at: Timestamp,
    sent_at: Timestamp,
) -> bool {
    let said_at = received.event.timestamp;
    [Some(received_at), said_at]
        .into_iter()
        .flatten()
        // The platform's clock may be a little slow.
        .any(|at| at.max(sent_at).duration_since(at.min(sent_at)) <= ECHO_WITHIN)
}

#[cfg(test)]
mod tests;
