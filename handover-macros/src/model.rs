//! Model of an attribute, without its syntax.

use proc_macro2::{Span, TokenTree};
use quote::ToTokens;
use syn::{Attribute, Expr, Ident, LitBool, LitInt, LitStr, Path, Type};

use crate::paths::Root;
use crate::types;

/// What a handler waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TriggerName {
    Message,
    Postback,
    Referral,
    Optin,
    AccountLinking,
    PassThreadControl,
    TakeThreadControl,
    RequestThreadControl,
    AppRoles,
    Echo,
    Reaction,
    Read,
    Delivery,
    MessageEdit,
    MessageDeleted,
    Feedback,
    PolicyEnforcement,
    Standby,
    Event,
    Timer,
    Handoff,
    HandoffFailed,
    SendFailed,
    Signal,
    Error,
    Fallback,
}

impl TriggerName {
    pub(crate) const ALL: &[Self] = &[
        Self::Message,
        Self::Postback,
        Self::Referral,
        Self::Optin,
        Self::AccountLinking,
        Self::PassThreadControl,
        Self::TakeThreadControl,
        Self::RequestThreadControl,
        Self::AppRoles,
        Self::Echo,
        Self::Reaction,
        Self::Read,
        Self::Delivery,
        Self::MessageEdit,
        Self::MessageDeleted,
        Self::Feedback,
        Self::PolicyEnforcement,
        Self::Standby,
        Self::Event,
        Self::Timer,
        Self::Handoff,
        Self::HandoffFailed,
        Self::SendFailed,
        Self::Signal,
        Self::Error,
        Self::Fallback,
    ];

    /// The attribute, the marker type in the runtime, and the attribute's own keys.
    const fn facts(self) -> (&'static str, &'static str, &'static [KeyName]) {
        use KeyName::{
            Action, Attachment, By, From, Kind, Name, NoticeKind, Pace, Payload, QuickReply,
            ReactionName, Ref, Regex, ReplyTo, Status, Text, TimerName, To, Typing, Words,
        };
        match self {
            Self::Message => (
                "on_message",
                "OnMessage",
                &[
                    Text, Words, Regex, QuickReply, Attachment, ReplyTo, Pace, Typing,
                ],
            ),
            Self::Postback => ("on_postback", "OnPostback", &[Payload, Ref, Typing]),
            Self::Referral => ("on_referral", "OnReferral", &[Ref]),
            Self::Optin => ("on_optin", "OnOptin", &[Payload, Ref]),
            Self::AccountLinking => ("on_account_linking", "OnAccountLinking", &[Status]),
            Self::PassThreadControl => {
                ("on_pass_thread_control", "OnPassThreadControl", &[From, To])
            }
            Self::TakeThreadControl => (
                "on_take_thread_control",
                "OnTakeThreadControl",
                &[From, To, By],
            ),
            Self::RequestThreadControl => (
                "on_request_thread_control",
                "OnRequestThreadControl",
                &[From, By],
            ),
            Self::AppRoles => ("on_app_roles", "OnAppRoles", &[]),
            Self::Echo => ("on_echo", "OnEcho", &[By]),
            Self::Reaction => ("on_reaction", "OnReaction", &[ReactionName, Action]),
            Self::Read => ("on_read", "OnRead", &[]),
            Self::Delivery => ("on_delivery", "OnDelivery", &[]),
            Self::MessageEdit => ("on_message_edit", "OnMessageEdit", &[]),
            Self::MessageDeleted => ("on_message_deleted", "OnMessageDeleted", &[]),
            Self::Feedback => ("on_feedback", "OnFeedback", &[]),
            Self::PolicyEnforcement => ("on_policy_enforcement", "OnPolicyEnforcement", &[Action]),
            Self::Standby => ("on_standby", "OnStandby", &[Kind, Payload]),
            Self::Event => ("on_event", "OnEvent", &[Name]),
            Self::Timer => ("on_timer", "OnTimer", &[TimerName]),
            Self::Handoff => ("on_handoff", "OnHandoff", &[NoticeKind]),
            Self::HandoffFailed => ("on_handoff_failed", "OnHandoffFailed", &[]),
            Self::SendFailed => ("on_send_failed", "OnSendFailed", &[]),
            Self::Signal => ("on_signal", "OnSignal", &[]),
            Self::Error => ("on_error", "OnError", &[]),
            Self::Fallback => ("fallback", "OnFallback", &[Pace, Typing]),
        }
    }

    pub(crate) const fn name(self) -> &'static str {
        self.facts().0
    }

    pub(crate) const fn marker(self) -> &'static str {
        self.facts().1
    }

    /// The variant of the runtime's `TriggerKind`.
    pub(crate) fn kind(self) -> &'static str {
        self.marker().trim_start_matches("On")
    }

    /// The keys it has: its own, and those of every trigger.
    pub(crate) fn keys(self) -> impl Iterator<Item = KeyName> {
        let own = self.facts().2.iter().copied();
        own.chain([KeyName::Object, KeyName::Page, KeyName::When])
    }

    /// Whether its payload is available only as a whole or through the route's pattern.
    pub(crate) const fn has_payload(self) -> bool {
        matches!(self, Self::Postback | Self::Optin | Self::Standby)
    }
}

/// Names of events on the wire, and webhook fields that are nearly the same.
const EVENTS: &[&str] = &[
    "account_linking",
    "app_roles",
    "calls",
    "checkout_update",
    "comments",
    "delivery",
    "echo",
    "feed",
    "form",
    "game_play",
    "group_feed",
    "inbox_labels",
    "leadgen",
    "live_comments",
    "mention",
    "mentions",
    "message",
    "message_edit",
    "message_edits",
    "messages",
    "messaging_customer_information",
    "messaging_feedback",
    "optin",
    "order",
    "pass_thread_control",
    "payment",
    "policy_enforcement",
    "postback",
    "pre_checkout",
    "reaction",
    "read",
    "referral",
    "request_thread_control",
    "response_feedback",
    "take_thread_control",
    "template",
];

/// Webhook fields whose events have another name on the wire.
pub(crate) const FIELDS: &[(&str, &str)] = &[
    ("message_deliveries", "delivery"),
    ("message_echoes", "echo"),
    ("message_edits", "message_edit"),
    ("message_reactions", "reaction"),
    ("message_reads", "read"),
    ("messages", "message"),
    ("messaging_account_linking", "account_linking"),
    ("messaging_checkout_updates", "checkout_update"),
    ("messaging_game_plays", "game_play"),
    ("messaging_handover", "pass_thread_control"),
    ("messaging_handovers", "pass_thread_control"),
    ("messaging_in_thread_lead_form_submit", "form"),
    ("messaging_optins", "optin"),
    ("messaging_payments", "payment"),
    ("messaging_policy_enforcement", "policy_enforcement"),
    ("messaging_postbacks", "postback"),
    ("messaging_pre_checkouts", "pre_checkout"),
    ("messaging_referral", "referral"),
    ("messaging_referrals", "referral"),
    ("messaging_seen", "read"),
];

/// Types of attachments.
const ATTACHMENTS: &[&str] = &[
    "appointment_booking",
    "audio",
    "ephemeral",
    "fallback",
    "file",
    "ig_post",
    "ig_reel",
    "image",
    "like_heart",
    "location",
    "post",
    "reel",
    "share",
    "sticker",
    "story_mention",
    "template",
    "video",
];

/// Names of reactions.
const REACTIONS: &[&str] = &[
    "angry", "dislike", "like", "love", "other", "sad", "smile", "wow",
];

/// A key that filters events.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum KeyName {
    Text,
    Words,
    Regex,
    QuickReply,
    Attachment,
    ReplyTo,
    Pace,
    Typing,
    Payload,
    Ref,
    Status,
    From,
    To,
    By,
    ReactionName,
    Action,
    Kind,
    NoticeKind,
    Name,
    TimerName,
    Object,
    Page,
    When,
}

/// What a key takes as its value.
#[derive(Clone, Copy, Debug)]
pub(crate) enum KeyValue {
    /// One string or several. With names, only those.
    Strings(&'static [&'static str]),
    /// One name or several. The platform may have more than these, but not some that are so close.
    Names(&'static [&'static str]),
    /// One string or several with words in them.
    Words,
    /// Payloads or patterns.
    Patterns,
    /// A regular expression.
    Regex,
    /// An app.
    App,
    /// A path to a function.
    Predicate,
    /// What to do with several messages.
    Pace,
    /// `true` or `false`.
    Switch,
}

impl KeyName {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Words => "words",
            Self::Regex => "regex",
            Self::QuickReply => "quick_reply",
            Self::Attachment => "attachment",
            Self::ReplyTo => "reply_to",
            Self::Pace => "pace",
            Self::Typing => "typing",
            Self::Payload => "payload",
            Self::Ref => "ref",
            Self::Status => "status",
            Self::From => "from",
            Self::To => "to",
            Self::By => "by",
            Self::ReactionName => "reaction",
            Self::Action => "action",
            Self::Kind | Self::NoticeKind => "kind",
            Self::Name | Self::TimerName => "name",
            Self::Object => "object",
            Self::Page => "page",
            Self::When => "when",
        }
    }

    pub(crate) const fn value(self) -> KeyValue {
        match self {
            Self::Words => KeyValue::Words,
            Self::Regex => KeyValue::Regex,
            Self::Payload => KeyValue::Patterns,
            Self::From | Self::To | Self::By => KeyValue::App,
            Self::When => KeyValue::Predicate,
            Self::Pace => KeyValue::Pace,
            Self::Typing => KeyValue::Switch,
            Self::Kind | Self::Name => KeyValue::Names(EVENTS),
            Self::Attachment => KeyValue::Names(ATTACHMENTS),
            Self::ReactionName => KeyValue::Names(REACTIONS),
            Self::Action => KeyValue::Names(&["react", "unreact", "warning", "block", "unblock"]),
            Self::Object => KeyValue::Strings(&["page", "instagram"]),
            Self::ReplyTo => KeyValue::Strings(&["message", "story"]),
            Self::Status => KeyValue::Strings(&["linked", "unlinked"]),
            Self::NoticeKind => KeyValue::Strings(&["handed_over", "unclaimed", "returned"]),
            _ => KeyValue::Strings(&[]),
        }
    }

    /// Its variant of the runtime's `KeyName`; for a field or a place, that one's variant.
    pub(crate) const fn variant(self) -> &'static str {
        match self {
            Self::Text => "Text",
            Self::Words => "Words",
            Self::Regex => "Regex",
            Self::QuickReply => "QuickReply",
            Self::Attachment => "Attachment",
            Self::ReplyTo => "ReplyTo",
            Self::Pace => "Pace",
            Self::Typing => "Typing",
            Self::Payload => "Payload",
            Self::Ref => "Ref",
            Self::Status => "Status",
            Self::From => "From",
            Self::To => "To",
            Self::By => "By",
            Self::ReactionName => "Reaction",
            Self::Action => "Action",
            Self::Kind | Self::Name => "Kind",
            Self::TimerName => "Timer",
            Self::NoticeKind => "Notice",
            Self::Object => "Object",
            Self::Page => "Page",
            Self::When => "When",
        }
    }
}

/// An annotated handler.
pub(crate) struct Handler {
    pub(crate) root: Root,
    pub(crate) name: Ident,
    pub(crate) arguments: Vec<Type>,
    /// The type that it returns as it is written; without one, that is `()`.
    pub(crate) answer: Option<Type>,
    pub(crate) doc: String,
    /// What it waits for, by attribute.
    pub(crate) triggers: Vec<TriggerSpec>,
    pub(crate) handoff: Option<HandoffSpec>,
}

impl Handler {
    /// The argument that may be a session: one that says so, or else one under a name that says
    /// nothing.
    pub(crate) fn maybe_session(&self) -> Option<usize> {
        let of_name = |ty: &Type| mentions(ty, "Session");
        let arguments = &self.arguments;
        let named = arguments.iter().position(of_name);
        named.or_else(|| arguments.iter().position(|ty| !is_extractor(ty)))
    }
}

/// One trigger of a handler and its keys.
pub(crate) struct TriggerSpec {
    pub(crate) trigger: TriggerName,
    pub(crate) filter: Vec<(KeyName, Value)>,
    /// Span of the attribute.
    pub(crate) span: Span,
}

impl TriggerSpec {
    /// Whether rustc has to look if something fills the argument: patterns, a `regex`, a session that is
    /// still free. Judged by names alone, because each lookup takes time.
    pub(crate) fn may_lack_source(&self, arguments: &[Type], at: usize) -> bool {
        let (earlier, others) = arguments.split_at(at);
        let Some(ty) = others.first() else {
            return false;
        };
        let is = |name| mentions(ty, name);
        let has_regex = self.filter.iter().any(|(key, _)| *key == KeyName::Regex);
        let may_be_session = |ty| mentions(ty, "SessionPart") || !is_extractor(ty);
        let may_be_payload = is("Payload") || (self.trigger.has_payload() && !is_extractor(ty));
        let is_whole_payload =
            is_plain_payload(ty) && self.trigger.has_payload() && !self.has_pattern();
        (may_be_payload && !is_whole_payload)
            || (!has_regex && is("Captures"))
            || (may_be_session(ty) && earlier.iter().any(may_be_session))
    }

    /// Whether rustc has to check that exactly one argument is the signal. Decided by names alone.
    pub(crate) fn may_lack_signal(&self, arguments: &[Type]) -> bool {
        let of_name = arguments.iter().filter(|ty| mentions(ty, "Signal"));
        self.trigger == TriggerName::Signal && of_name.count() != 1
    }

    /// Whether a payload is taken apart, or may be.
    fn has_pattern(&self) -> bool {
        self.filter.iter().any(|(key, value)| match value {
            Value::Strings(strings) if *key == KeyName::Payload => {
                strings.iter().any(|one| one.value().contains(['{', '}']))
            }
            _ => false,
        })
    }
}

/// `Payload`, which is a `String`.
fn is_plain_payload(ty: &Type) -> bool {
    matches!(ty, Type::Path(path) if path.path.is_ident("Payload"))
}

/// Whether the type has the name of an extractor other than `Session`.
fn is_extractor(ty: &Type) -> bool {
    const EXTRACTORS: &[&str] = &[
        "Attachments",
        "Burst",
        "Captures",
        "Content",
        "Event",
        "FailedHandoff",
        "Failure",
        "Graph",
        "Handback",
        "History",
        "SessionPart",
        "Metadata",
        "NewOwner",
        "Notice",
        "Now",
        "Ownership",
        "Payload",
        "PreviousOwner",
        "RequestingApp",
        "Sender",
        "Signal",
        "State",
        "Text",
        "Thread",
        "Timers",
        "Window",
    ];
    let Type::Path(path) = types::bare(ty) else {
        return false;
    };
    let name = path.path.segments.last();
    name.is_some_and(|name| EXTRACTORS.iter().any(|other| name.ident == other))
}

fn mentions(ty: &Type, name: &str) -> bool {
    let mut tokens = ty.to_token_stream().into_iter();
    tokens.any(|token| matches!(token, TokenTree::Ident(ident) if ident == name))
}

/// The value of a key.
pub(crate) enum Value {
    Strings(Vec<LitStr>),
    App(AppValue),
    Predicate(Path),
    Pace(PaceValue),
    Switch(LitBool),
}

/// What happens when a person writes several messages quickly.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum PaceValue {
    /// One of the runtime's variants without a time.
    Plain(&'static str),
    /// In seconds.
    Debounce(u64),
}

/// `#[handoff]`.
pub(crate) struct HandoffSpec {
    pub(crate) root: Root,
    pub(crate) to: AppValue,
    pub(crate) metadata: Option<Expr>,
    pub(crate) say: Option<Expr>,
    pub(crate) when: Option<Path>,
    /// In seconds.
    pub(crate) reclaim_after: Option<u64>,
    /// In seconds.
    pub(crate) unclaimed_after: Option<u64>,
    /// In seconds.
    pub(crate) idle_after: Option<u64>,
    /// Span of `on = "error"`.
    pub(crate) on_error: Option<Span>,
}

/// An app, as a key names it.
pub(crate) enum AppValue {
    /// One of [`WELL_KNOWN_APPS`], by its type in the runtime.
    WellKnown(&'static str, Span),
    /// By its id.
    Number(LitInt),
    /// A type that implements `Target`.
    Type(Path),
}

/// The names of apps that need no id, and their types in the runtime.
pub(crate) const WELL_KNOWN_APPS: &[(&str, &str)] = &[
    ("page_inbox", "PageInbox"),
    ("instagram_inbox", "InstagramInbox"),
    ("default_app", "DefaultApp"),
    ("requester", "Requester"),
];

/// The entries of `routes![]`.
pub(crate) struct RouteList {
    pub(crate) root: Root,
    pub(crate) handlers: Vec<RouteSpec>,
}

/// An entry of `routes![]`.
pub(crate) struct RouteSpec {
    pub(crate) path: Path,
    /// `#[cfg(…)]`.
    pub(crate) conditions: Vec<Attribute>,
}
