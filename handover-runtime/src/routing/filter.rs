//! Whether an event is one for a route.

use std::panic::AssertUnwindSafe;
use std::sync::OnceLock;
use std::time::Duration;

use futures_util::FutureExt;
use handover_protocol::{AppId, Channel, EventBody, Object};
use regex::{Regex, RegexSet, SetMatches};

use super::key::{Field, Key, Place};
use super::meta::Meta;
use super::pattern::Pattern;
use super::when::DynPredicate;
use super::words::Words;
use crate::extract::captures::groups;
use crate::extract::payload::payload_of;
use crate::extract::{Context, Groups};
use crate::internal_event::InternalEvent;
use crate::outcome::HandlerError;
use crate::target::{AppDirectory, TargetApp};
use crate::trigger::TriggerKind;

/// A route that cannot work, found when the bot starts.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RouteError {
    /// `regex` is no regular expression.
    #[error("handler {handler}: `regex` is not a regular expression: {reason}")]
    Regex {
        /// The handler and its location.
        handler: String,
        /// Error of the regex crate.
        reason: String,
    },
    /// An earlier handler takes every event that this one would.
    #[error(
        "handler {handler} can never run: {by}, asked before it, already takes every event it would"
    )]
    Unreachable {
        /// The handler and its location.
        handler: String,
        /// The earlier one.
        by: String,
    },
    /// Two handlers take the same memory of a thread as different types.
    #[error(
        "handlers {handler} and {other} take {what} as different types, `{ty}` and `{other_ty}`, so each would lose what the other stores; a module that needs its own state takes a `SessionPart` with another name"
    )]
    Sessions {
        /// The later handler and its location.
        handler: String,
        /// The earlier one.
        other: String,
        /// The session, or a part by its name.
        what: String,
        /// The type of the later one.
        ty: &'static str,
        /// The type of the earlier one.
        other_ty: &'static str,
    },
    /// A handler takes the history of its thread, and the bot keeps none.
    #[error(
        "handler {handler} takes `History`, and the bot keeps none; call `Bot::history(HistoryLimits::default())`"
    )]
    NoHistory {
        /// The handler and its place.
        handler: String,
    },
    /// A named app has no id.
    #[error(
        "handler {handler} names the app `{name}`, whose id is not known; set {variable} or call `Bot::app(\"{name}\", id)`"
    )]
    UnknownApp {
        /// The handler and its location.
        handler: String,
        /// The name.
        name: &'static str,
        /// The environment variable that may hold the id.
        variable: String,
    },
}

/// The keys of a route, ready to match.
pub(super) struct CompiledFilter {
    trigger: TriggerKind,
    /// The signal that it takes, if it waits for one.
    signal: Option<&'static str>,
    keys: Vec<CompiledKey>,
    /// The `when` function, which runs last.
    predicates: Vec<&'static dyn DynPredicate>,
}

enum CompiledKey {
    /// In their normal form.
    Text(Vec<String>),
    Words(Vec<Words>),
    Regex {
        regex: Regex,
        /// Its place among all of the table.
        at: usize,
    },
    Payload(Vec<Pattern>),
    Is(Field, &'static [&'static str]),
    App(Place, TargetApp),
    Any,
}

impl CompiledFilter {
    /// Adds its regex to those of the table.
    pub(super) fn new(meta: &Meta, regexes: &mut Vec<&'static str>) -> Result<Self, RouteError> {
        let mut predicates = Vec::new();
        let keys = meta.keys.iter().map(|key| {
            Ok(match *key {
                Key::Text(texts) => CompiledKey::Text(texts.iter().map(|t| normal(t)).collect()),
                Key::Words(words) => {
                    CompiledKey::Words(words.iter().map(|phrase| Words::of(phrase)).collect())
                }
                Key::Regex(pattern) => {
                    let regex = Regex::new(pattern)?;
                    regexes.push(pattern);
                    CompiledKey::Regex {
                        regex,
                        at: regexes.len() - 1,
                    }
                }
                Key::Payload(patterns) => {
                    let patterns = patterns.iter().map(|pattern| Pattern::new(pattern));
                    CompiledKey::Payload(patterns.collect::<Result<_, _>>()?)
                }
                Key::Is(field, values) => CompiledKey::Is(field, values),
                Key::App(place, app) => CompiledKey::App(place, app),
                Key::When(_, predicate) => {
                    predicates.push(predicate);
                    CompiledKey::Any
                }
                Key::Pace(_) | Key::Typing(_) => CompiledKey::Any,
            })
        });
        let keys = keys.collect::<Result<_, regex::Error>>();
        let keys = keys.map_err(|error| RouteError::Regex {
            handler: meta.to_string(),
            reason: error.to_string(),
        })?;
        Ok(Self {
            trigger: meta.trigger,
            signal: meta.signal().map(|signal| signal.name),
            keys,
            predicates,
        })
    }

    /// Whether all functions that `when` names say yes; or why one cannot say anything.
    pub(super) async fn when(
        &self,
        context: &Context,
        limit: Duration,
    ) -> Result<bool, HandlerError> {
        for predicate in &self.predicates {
            let said = AssertUnwindSafe(predicate.ask(context)).catch_unwind();
            let said = tokio::time::timeout(limit, said).await;
            // It decides, and does nothing.
            context.forget_changes();
            let said = said
                .map_err(|_| format!("its `when` took longer than {limit:?}"))?
                .map_err(|_| "its `when` panicked")?;
            match said {
                Ok(true) => {}
                Err(rejection) if rejection.is_fault() => return Err(rejection.into()),
                Ok(false) | Err(_) => return Ok(false),
            }
        }
        Ok(true)
    }

    /// Captures of the keys, if they match the event; without `when`.
    /// `found` is what is in its text.
    pub(super) fn matches(
        &self,
        context: &Context,
        apps: &AppDirectory,
        found: &TextMatches<'_>,
    ) -> Option<Groups> {
        let received = context.routed_by();
        is_triggered(self.trigger, context).then_some(())?;
        if self.trigger == TriggerKind::Signal {
            let signal = context.own().and_then(InternalEvent::signal)?;
            (self.signal == Some(signal.name.as_str())).then_some(())?;
        }
        let body = &received.event.body;
        let mut captured = Groups::new();
        for key in &self.keys {
            let fits = match key {
                CompiledKey::Text(texts) => {
                    text_of(body)?;
                    texts.iter().any(|text| text == found.normal())
                }
                CompiledKey::Words(wanted) => {
                    text_of(body)?;
                    wanted.iter().any(|phrase| found.words().contain(phrase))
                }
                CompiledKey::Regex { regex, at } => {
                    found.regexes().matched(*at).then_some(())?;
                    captured = groups(regex, text_of(body)?)?;
                    true
                }
                CompiledKey::Payload(patterns) => {
                    let payload = payload_of(body)?;
                    captured = patterns
                        .iter()
                        .find_map(|pattern| pattern.captures(payload))?;
                    true
                }
                CompiledKey::Is(field, wanted) => is_one_of(wanted, *field, context),
                CompiledKey::App(place, app) => {
                    let there = app_in(*place, body)?;
                    apps.id_of(*app, &received.object).as_ref() == Some(there)
                        || (*app == TargetApp::Inbox && context.is_of_people(there))
                }
                CompiledKey::Any => true,
            };
            fits.then_some(())?;
        }
        Some(captured)
    }
}

/// Matches in an event's text, computed once for all routes, when the first asks for them.
pub(super) struct TextMatches<'a> {
    text: &'a str,
    table: &'a RegexSet,
    /// Which of the table's regexes match.
    regexes: OnceLock<SetMatches>,
    words: OnceLock<Words>,
    normal: OnceLock<String>,
}

impl<'a> TextMatches<'a> {
    pub(super) fn new(body: &'a EventBody, table: &'a RegexSet) -> Self {
        Self {
            text: text_of(body).unwrap_or_default(),
            table,
            regexes: OnceLock::new(),
            words: OnceLock::new(),
            normal: OnceLock::new(),
        }
    }

    fn regexes(&self) -> &SetMatches {
        self.regexes.get_or_init(|| self.table.matches(self.text))
    }

    fn normal(&self) -> &str {
        self.normal.get_or_init(|| normal(self.text))
    }

    fn words(&self) -> &Words {
        self.words.get_or_init(|| Words::of(self.text))
    }
}

fn is_triggered(trigger: TriggerKind, context: &Context) -> bool {
    let (received, own) = (context.routed_by(), context.own());
    let body = &received.event.body;
    let fits = match trigger {
        TriggerKind::Standby => {
            return received.channel == Channel::Standby && body.deleted_message().is_none();
        }
        // Under any owner: the deleted content has to be removed.
        TriggerKind::MessageDeleted => return body.deleted_message().is_some(),
        // The door for everything that no typed handler may see.
        TriggerKind::Event => {
            return received.channel != Channel::Standby && own.is_none() && !is_no_edit(body);
        }
        TriggerKind::Timer => return own.and_then(InternalEvent::timer_name).is_some(),
        TriggerKind::HandoffFailed => return own.and_then(InternalEvent::failed_handoff).is_some(),
        TriggerKind::Signal => return own.and_then(InternalEvent::signal).is_some(),
        TriggerKind::SendFailed => return own.and_then(InternalEvent::failed_send).is_some(),
        TriggerKind::Handoff => return own.and_then(InternalEvent::notice).is_some(),
        // Not by an event, but by a handler that failed.
        TriggerKind::Error => return true,
        TriggerKind::Message => says_something(body),
        TriggerKind::Postback => matches!(body, EventBody::Postback(_)),
        TriggerKind::Referral => matches!(body, EventBody::Referral(_)),
        TriggerKind::Optin => matches!(body, EventBody::Optin(_)),
        TriggerKind::AccountLinking => matches!(body, EventBody::AccountLinking(_)),
        // To the new owner, and old bodies leave out who that is.
        TriggerKind::PassThreadControl => match body {
            EventBody::PassThreadControl(pass) => pass
                .new_owner_app_id
                .as_ref()
                .is_none_or(|owner| owner == context.app_id()),
            _ => false,
        },
        TriggerKind::TakeThreadControl => matches!(body, EventBody::TakeThreadControl(_)),
        TriggerKind::RequestThreadControl => matches!(body, EventBody::RequestThreadControl(_)),
        TriggerKind::AppRoles => matches!(body, EventBody::AppRoles(_)),
        TriggerKind::Echo => matches!(body, EventBody::Echo(_)) && body.deleted_message().is_none(),
        TriggerKind::Reaction => matches!(body, EventBody::Reaction(_)),
        TriggerKind::Read => matches!(body, EventBody::Read(_)),
        TriggerKind::Delivery => matches!(body, EventBody::Delivery(_)),
        // An event without a person cannot be answered.
        TriggerKind::MessageEdit => {
            matches!(body, EventBody::MessageEdit(edit) if edit.is_edit())
                && received.event.person(&received.account).is_some()
        }
        TriggerKind::Feedback => matches!(body, EventBody::Feedback(_)),
        TriggerKind::PolicyEnforcement => matches!(body, EventBody::PolicyEnforcement(_)),
        TriggerKind::Fallback => says_something(body) || matches!(body, EventBody::Postback(_)),
    };
    fits && received.channel != Channel::Standby
        && matches!(received.object, Object::Page | Object::Instagram)
}

/// An edit in which nothing was edited: it accompanies a new message.
fn is_no_edit(body: &EventBody) -> bool {
    matches!(body, EventBody::MessageEdit(edit) if !edit.is_edit())
}

/// A message that a person wrote, not one that was taken back, that the platform does not show, or
/// that reports something about the conversation.
fn says_something(body: &EventBody) -> bool {
    match body {
        EventBody::Message(message) => {
            !(message.is_deleted || message.is_unsupported || message.admin_text.is_some())
        }
        _ => false,
    }
}

/// Text is compared without regard to case and surrounding space.
fn normal(text: &str) -> String {
    text.trim().to_lowercase()
}

fn text_of(body: &EventBody) -> Option<&str> {
    match body {
        EventBody::Message(message) | EventBody::Echo(message) => message.text.as_deref(),
        _ => None,
    }
}

/// Whether the event has one of these values there.
fn is_one_of(wanted: &[&str], field: Field, context: &Context) -> bool {
    let received = context.routed_by();
    let body = &received.event.body;
    let one = match (field, body) {
        (Field::Attachment, EventBody::Message(message) | EventBody::Echo(message)) => {
            let mut attachments = message.attachments.iter();
            return attachments.any(|one| wanted.contains(&one.kind.as_str()));
        }
        (Field::QuickReply, EventBody::Message(_)) => payload_of(body),
        (Field::ReplyTo, EventBody::Message(message)) => match &message.reply_to {
            Some(answered) if answered.story.is_some() => Some("story"),
            Some(_) => Some("message"),
            None => None,
        },
        (Field::Ref, EventBody::Referral(referral)) => referral.ref_.as_deref(),
        (Field::Ref, EventBody::Optin(optin)) => optin.ref_.as_deref(),
        (Field::Ref, EventBody::Postback(postback)) => postback
            .referral
            .as_ref()
            .and_then(|referral| referral.ref_.as_deref()),
        (Field::Status, EventBody::AccountLinking(linking)) => linking.status.as_deref(),
        (Field::Reaction, EventBody::Reaction(reaction)) => reaction.reaction.as_deref(),
        (Field::Action, EventBody::Reaction(reaction)) => reaction.action.as_deref(),
        (Field::Action, EventBody::PolicyEnforcement(enforcement)) => enforcement.action.as_deref(),
        (Field::Timer, _) => context.own().and_then(InternalEvent::timer_name),
        (Field::Notice, _) => {
            let notice = context.own().and_then(InternalEvent::notice);
            notice.map(|notice| notice.kind.as_str())
        }
        (Field::Kind, _) => Some(body.kind()),
        (Field::Object, _) => Some(received.object.as_str()),
        (Field::Page, _) => Some(received.account.as_str()),
        _ => None,
    };
    one.is_some_and(|value| wanted.contains(&value))
}

fn app_in(place: Place, body: &EventBody) -> Option<&AppId> {
    match (place, body) {
        (Place::From, EventBody::PassThreadControl(pass)) => pass.previous_owner_app_id.as_ref(),
        (Place::From, EventBody::TakeThreadControl(take)) => take.previous_owner_app_id.as_ref(),
        (Place::To, EventBody::PassThreadControl(pass)) => pass.new_owner_app_id.as_ref(),
        (Place::To | Place::By, EventBody::TakeThreadControl(take)) => {
            take.new_owner_app_id.as_ref()
        }
        (Place::From | Place::By, EventBody::RequestThreadControl(request)) => {
            request.requested_owner_app_id.as_ref()
        }
        (Place::By, EventBody::Echo(echo)) => echo.app_id.as_ref(),
        _ => None,
    }
}
