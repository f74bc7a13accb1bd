//! The keys of an attribute, as the macros write them down.

use std::fmt;

use super::pace::Pace;
use super::when::DynPredicate;
use crate::target::TargetApp;

/// One key of an attribute and what it asks for.
#[derive(Clone, Copy, Debug)]
pub enum Key {
    /// `text = …`: the message's text is one of these; trimmed, case ignored.
    Text(&'static [&'static str]),
    /// `words = …`: the message's text contains one of these, whole words in any case.
    Words(&'static [&'static str]),
    /// `regex = …`: this is found in the message's text.
    Regex(&'static str),
    /// `payload = …`: the payload is one of these, or fits one of these patterns.
    Payload(&'static [&'static str]),
    /// The field is one of these, exactly.
    Is(Field, &'static [&'static str]),
    /// `from = …`, `to = …`, `by = …`: the app in this place is this one.
    App(Place, TargetApp),
    /// `when = …`: this function says yes.
    When(&'static str, &'static dyn DynPredicate),
    /// `pace = …`: what happens when a person writes several messages quickly. Every event fits.
    Pace(Pace),
    /// `typing = …`: whether the person sees that the bot is typing. Every event fits.
    Typing(bool),
}

/// A part of an event that keys compare as it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Field {
    /// `quick_reply`: the payload of the tapped quick reply.
    QuickReply,
    /// `attachment`: the type of an attachment.
    Attachment,
    /// `reply_to`: `message` or `story`, whatever the message answers.
    ReplyTo,
    /// `ref`: the reference of a link, an advertisement or an opt-in.
    Ref,
    /// `status`: of an account linking.
    Status,
    /// `reaction`: the reaction's name.
    Reaction,
    /// `action`: of a reaction or a policy enforcement.
    Action,
    /// `kind`, `name`: the event's name on the wire.
    Kind,
    /// `name`: of the timer that ran out.
    Timer,
    /// `kind`: what became of the thread: `handed_over`, `unclaimed` or `returned`.
    Notice,
    /// `object`: the product, `page` or `instagram`.
    Object,
    /// `page`: the account's id.
    Page,
}

/// A place in an event with an app id.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// `from`: the previous owner.
    From,
    /// `to`: the new owner.
    To,
    /// `by`: who took it, who asks for it, or who speaks.
    By,
}

impl Field {
    const fn name(self) -> &'static str {
        match self {
            Self::QuickReply => "quick_reply",
            Self::Attachment => "attachment",
            Self::ReplyTo => "reply_to",
            Self::Ref => "ref",
            Self::Status => "status",
            Self::Reaction => "reaction",
            Self::Action => "action",
            Self::Kind | Self::Notice => "kind",
            Self::Timer => "name",
            Self::Object => "object",
            Self::Page => "page",
        }
    }
}

impl Place {
    const fn name(self) -> &'static str {
        match self {
            Self::From => "from",
            Self::To => "to",
            Self::By => "by",
        }
    }
}

/// As in the attribute: `text = "a" | "b"`.
impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let among = |values: &[&str]| {
            let quoted: Vec<_> = values.iter().map(|value| format!("{value:?}")).collect();
            quoted.join(" | ")
        };
        match self {
            Self::Text(texts) => write!(f, "text = {}", among(texts)),
            Self::Words(words) => write!(f, "words = {}", among(words)),
            Self::Regex(regex) => write!(f, "regex = {regex:?}"),
            Self::Payload(payloads) => write!(f, "payload = {}", among(payloads)),
            Self::Is(field, values) => write!(f, "{} = {}", field.name(), among(values)),
            Self::App(place, app) => write!(f, "{} = {app}", place.name()),
            Self::When(path, _) => write!(f, "when {path}"),
            Self::Pace(pace) => write!(f, "pace = {pace}"),
            Self::Typing(on) => write!(f, "typing = {on}"),
        }
    }
}
