use std::fmt;
use std::sync::Arc;

use handover_protocol::{AccountId, AppId, Channel, PersonId, Timestamp};
use serde::Serialize;

use super::headers::Headers;

/// One row of the timeline: a webhook, a Graph API call, or the verification of a webhook.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct TimelineItem {
    /// Counts up from 1, in the order things began.
    pub id: u64,
    /// When it began.
    pub at: Timestamp,
    /// What it is.
    pub kind: TimelineKind,
    /// The app that is called, or calls. Unknown if the token is.
    pub app: Option<AppId>,
    /// The Page or Instagram account it is about.
    pub account: Option<AccountId>,
    /// The person whose thread it is about.
    pub person: Option<PersonId>,
    /// The kind of the event, or the last part of the call's path.
    pub title: String,
    /// The channel a webhook came on.
    pub channel: Option<Channel>,
    /// HTTP method.
    pub method: String,
    /// Where the request went. Never carries a token.
    pub url: Arc<str>,
    /// The request: a webhook's body byte for byte, or a call's parameters as JSON without the
    /// token.
    pub request: Option<Arc<str>>,
    /// `X-Hub-Signature-256` of a webhook.
    pub signature: Option<String>,
    /// How it stands.
    pub state: TimelineState,
    /// HTTP status of the answer.
    pub status: Option<u16>,
    /// Body of the answer.
    pub response: Option<Arc<str>>,
    /// Why there is no good answer.
    pub error: Option<String>,
    /// How often a webhook was tried.
    pub attempts: u32,
    /// How long the last attempt took, in milliseconds.
    pub millis: Option<f64>,
    /// What went wrong on demand: the type of the fault.
    pub fault: Option<&'static str>,
    pub(super) request_headers: Option<Headers>,
    pub(super) response_headers: Option<Headers>,
    #[serde(skip)]
    pub(super) revision: u64,
}

/// What a row of the timeline is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum TimelineKind {
    /// The platform called an app's webhook.
    Webhook,
    /// An app called the Graph API.
    Call,
    /// The platform checked an app's webhook with the verify token.
    Verification,
}

/// How a row of the timeline stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum TimelineState {
    /// Waiting in line, under way, or to be tried again.
    Waiting,
    /// Answered well.
    Succeeded,
    /// Refused, or given up.
    Failed,
}

impl TimelineItem {
    pub(super) fn new(kind: TimelineKind, title: impl Into<String>) -> Self {
        Self {
            id: 0,
            at: Timestamp::default(),
            kind,
            app: None,
            account: None,
            person: None,
            title: title.into(),
            channel: None,
            method: "POST".to_owned(),
            url: "".into(),
            request: None,
            signature: None,
            state: TimelineState::Waiting,
            status: None,
            response: None,
            error: None,
            attempts: 0,
            millis: None,
            fault: None,
            request_headers: None,
            response_headers: None,
            revision: 0,
        }
    }

    /// The bytes it takes up besides the row itself, as if nothing were shared.
    pub(super) fn weight(&self) -> usize {
        let text = |text: &Option<Arc<str>>| text.as_ref().map_or(0, |text| text.len());
        text(&self.request) + text(&self.response)
    }
}

/// One line per row: time of day (UTC), what, who, how it went, and the request.
impl fmt::Display for TimelineItem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let second = self.at.as_millis().div_euclid(1000).rem_euclid(86_400);
        let (hour, minute) = (second / 3600, second / 60 % 60);
        let millis = self.at.as_millis().rem_euclid(1000);
        write!(f, "{hour:02}:{minute:02}:{:02}.{millis:03} ", second % 60)?;
        let app = self.app.as_ref().map_or("unknown app", AppId::as_str);
        match (self.kind, self.channel) {
            (TimelineKind::Call, _) => write!(f, "call {} by {app}", self.title)?,
            (TimelineKind::Verification, _) => write!(f, "verification of {app}")?,
            (TimelineKind::Webhook, Some(channel)) => {
                write!(f, "webhook {} to {app} on {channel}", self.title)?;
            }
            (TimelineKind::Webhook, None) => write!(f, "webhook {} to {app}", self.title)?,
        }
        match (self.state, self.status) {
            (TimelineState::Waiting, _) => write!(f, ": waiting, {} attempts", self.attempts)?,
            (_, Some(status)) => write!(f, ": {status}")?,
            (TimelineState::Succeeded, None) => write!(f, ": done")?,
            (TimelineState::Failed, None) => write!(f, ": failed")?,
        }
        if let Some(fault) = self.fault {
            write!(f, " [{fault} on demand]")?;
        }
        if let Some(error) = &self.error {
            write!(f, " ({error})")?;
        }
        for (arrow, body) in [("→", &self.request), ("←", &self.response)] {
            if let Some(body) = body {
                write!(f, "\n    {arrow} {body}")?;
            }
        }
        Ok(())
    }
}
