//! One request to a webhook, and what came back.

use std::error::Error;
use std::time::{Duration, Instant};

use reqwest::RequestBuilder;

use super::headers::Headers;
use super::timeline_item::{TimelineItem, TimelineState};

/// How long an app may take to answer (webhooks, acknowledgement).
const PATIENCE: Duration = Duration::from_secs(5);

/// What came back from one attempt.
pub(super) struct Reply {
    pub(super) status: Option<u16>,
    pub(super) body: Result<String, String>,
    headers: Option<Headers>,
    millis: f64,
}

impl Reply {
    pub(super) fn write_down(&self, row: &mut TimelineItem, state: TimelineState) {
        row.attempts += 1;
        row.state = state;
        row.status = self.status;
        row.millis = Some(self.millis);
        row.response_headers = self.headers.clone();
        (row.response, row.error) = match &self.body {
            Ok(body) => (Some(body.as_str().into()), None),
            Err(why) => (None, Some(why.clone())),
        };
    }
}

pub(super) async fn attempt(request: RequestBuilder) -> Reply {
    let began = Instant::now();
    let mut status = None;
    let mut headers = None;
    let body = async {
        let response = request.timeout(PATIENCE).send().await?;
        status = Some(response.status().as_u16());
        headers = Some(Headers::of(response.headers()));
        response.text().await
    }
    .await;
    Reply {
        status,
        body: body.map_err(explain),
        headers,
        millis: began.elapsed().as_secs_f64() * 1000.0,
    }
}

/// Says what went wrong without the address, which may carry the verify token.
fn explain(error: reqwest::Error) -> String {
    if error.is_timeout() {
        return format!("no answer within {} s", PATIENCE.as_secs());
    }
    if error.is_connect() {
        return "nobody answers at this address: is the bot running?".to_owned();
    }
    let error = error.without_url();
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text = format!("{text}: {cause}");
        source = cause.source();
    }
    text
}
