//! The keys of an attribute, ready to match.

use std::collections::HashSet;

use handover_protocol::{AppId, Channel, EventBody, Object, Received};
use regex::Regex;

use super::meta::Meta;
use crate::context::Groups;
use crate::extract::captures::groups;
use crate::extract::payload::payload_of;
use crate::target::{AppDirectory, TargetApp};
use crate::trigger::TriggerKind;

/// A route that cannot work, found when the bot starts.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RouteError {
    /// `regex` is no regular expression.
    #[error("handler {handler}: `regex` is not a regular expression: {reason}")]
    Regex {
        /// The handler and where it stands.
        handler: String,
        /// What the regex crate says.
        reason: String,
    },
    /// A named app has no id.
    #[error(
        "handler {handler} names the app `{name}`, whose id is not known; set {variable} or call `Bot::app(\"{name}\", id)`"
    )]
    UnknownApp {
        /// The handler and where it stands.
        handler: String,
        /// The name.
        name: &'static str,
        /// The environment variable that may hold the id.
        variable: String,
    },
}

pub(super) struct CompiledFilter {
    trigger: TriggerKind,
    text: HashSet<String>,
    regex: Option<Regex>,
    quick_reply: &'static [&'static str],
    payload: &'static [&'static str],
    from: Option<TargetApp>,
    to: Option<TargetApp>,
    kind: &'static [&'static str],
}

impl CompiledFilter {
    pub(super) fn new(meta: &Meta) -> Result<Self, RouteError> {
        let filter = meta.filter;
        let regex = filter.regex.map(Regex::new).transpose();
        Ok(Self {
            trigger: meta.trigger,
            text: filter.text.iter().map(|text| normal(text)).collect(),
            regex: regex.map_err(|error| RouteError::Regex {
                handler: meta.to_string(),
                reason: error.to_string(),
            })?,
            quick_reply: filter.quick_reply,
            payload: filter.payload,
            from: filter.from,
            to: filter.to,
            kind: filter.kind,
        })
    }

    /// The groups of the regex if the event is one for this route; no groups without a regex.
    pub(super) fn matches(&self, received: &Received, apps: &AppDirectory) -> Option<Groups> {
        self.is_triggered(received).then_some(())?;
        let body = &received.event.body;
        let object = &received.object;
        let text = text_of(body);
        let among = |set: &[&str], value: Option<&str>| {
            set.is_empty() || value.is_some_and(|value| set.contains(&value))
        };
        let is_app = |wanted: Option<TargetApp>, app: Option<&AppId>| match wanted {
            None => true,
            Some(wanted) => app.is_some() && apps.id_of(wanted, object).as_ref() == app,
        };
        let wanted = (self.text.is_empty()
            || text.is_some_and(|text| self.text.contains(&normal(text))))
            && among(self.quick_reply, payload_of(body))
            && among(self.payload, payload_of(body))
            && among(self.kind, Some(body.kind()))
            && is_app(self.from, from_app(body))
            && is_app(self.to, to_app(body));
        wanted.then_some(())?;
        match &self.regex {
            Some(regex) => groups(regex, text?),
            None => Some(Groups::new()),
        }
    }

    fn is_triggered(&self, received: &Received) -> bool {
        let body = &received.event.body;
        // `#[on_event]` is the door for everything that no typed handler may see.
        let typed = matches!(received.object, Object::Page | Object::Instagram)
            && received.channel != Channel::Standby;
        match self.trigger {
            TriggerKind::Message => typed && matches!(body, EventBody::Message(_)),
            TriggerKind::Postback => typed && matches!(body, EventBody::Postback(_)),
            TriggerKind::PassThreadControl => {
                typed && matches!(body, EventBody::PassThreadControl(_))
            }
            TriggerKind::TakeThreadControl => {
                typed && matches!(body, EventBody::TakeThreadControl(_))
            }
            TriggerKind::RequestThreadControl => {
                typed && matches!(body, EventBody::RequestThreadControl(_))
            }
            TriggerKind::AppRoles => typed && matches!(body, EventBody::AppRoles(_)),
            TriggerKind::Standby => received.channel == Channel::Standby,
            TriggerKind::Event => received.channel != Channel::Standby,
            TriggerKind::Fallback => {
                typed && matches!(body, EventBody::Message(_) | EventBody::Postback(_))
            }
        }
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

fn from_app(body: &EventBody) -> Option<&AppId> {
    match body {
        EventBody::PassThreadControl(pass) => pass.previous_owner_app_id.as_ref(),
        EventBody::TakeThreadControl(take) => take.previous_owner_app_id.as_ref(),
        EventBody::RequestThreadControl(request) => request.requested_owner_app_id.as_ref(),
        _ => None,
    }
}

fn to_app(body: &EventBody) -> Option<&AppId> {
    match body {
        EventBody::PassThreadControl(pass) => pass.new_owner_app_id.as_ref(),
        EventBody::TakeThreadControl(take) => take.new_owner_app_id.as_ref(),
        _ => None,
    }
}
