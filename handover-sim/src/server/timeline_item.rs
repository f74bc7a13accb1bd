use std::fmt;
use std::sync::Arc;

use handover_protocol::{AccountId, AppId, Channel, PersonId, Timestamp};
use serde::Serialize;

use super::headers::Headers;

/// Row of the timeline: a webhook, a Graph API call, or a webhook verification.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct TimelineItem {
    /// Row id. Ids start at 1 and increase.
    pub id: u64,
    /// Start time.
    pub at: Timestamp,
    /// Kind of row.
    pub kind: TimelineKind,
    /// App that is called or that calls. `None` for an unknown token.
    pub app: Option<AppId>,
    /// Page or Instagram account.
    pub account: Option<AccountId>,
    /// Person of the thread.
    pub person: Option<PersonId>,
    /// Kind of event, or the last segment of the call's path.
    pub title: String,
    /// Channel of a webhook.
    pub channel: Option<Channel>,
    /// HTTP method.
    pub method: String,
    /// URL of the request, without tokens.
    pub url: Arc<str>,
    /// Request: the exact body of a webhook, or the parameters of a call as JSON without the token.
    pub request: Option<Arc<str>>,
    /// `X-Hub-Signature-256` of a webhook.
    pub signature: Option<String>,
    /// State of the request.
    pub state: TimelineState,
    /// HTTP status of the response.
    pub status: Option<u16>,
    /// Body of the response.
    pub response: Option<Arc<str>>,
    /// Error, if the request failed without a valid response.
    pub error: Option<String>,
    /// Number of attempts.
    pub attempts: u32,
    /// Duration of the last attempt, in milliseconds.
    pub millis: Option<f64>,
    /// Type of the injected fault.
    pub fault: Option<&'static str>,
    pub(super) request_headers: Option<Headers>,
    pub(super) response_headers: Option<Headers>,
    #[serde(skip)]
    pub(super) revision: u64,
}

/// Kind of a timeline row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum TimelineKind {
    /// A webhook to an app.
    Webhook,
    /// A Graph API call of an app.
    Call,
    /// A verification of an app's webhook.
    Verification,
    /// A data deletion request to an app.
    DataDeletion,
}

/// State of a timeline row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum TimelineState {
    /// Queued, in progress, or waiting for a retry.
    Waiting,
    /// The request succeeded.
    Succeeded,
    /// The request failed, or all retries failed.
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

    /// Size of the texts of the row in bytes.
    pub(super) fn weight(&self) -> usize {
        let text = |text: &Option<Arc<str>>| text.as_ref().map_or(0, |text| text.len());
        text(&self.request) + text(&self.response)
    }
}

/// One line per row: time of day (UTC), kind, app, result and request.
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
            (TimelineKind::DataDeletion, _) => write!(f, "data deletion request to {app}")?,
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
