//! Brings webhooks to one app: one at a time, in order.

use std::error::Error;
use std::sync::Arc;
use std::time::{Duration, Instant};

use reqwest::header::CONTENT_TYPE;
use reqwest::{Client, RequestBuilder};
use tokio::sync::mpsc;
use tokio::time::sleep;

use super::desk::{Desk, Parcel, Webhook};
use super::timeline::{TimelineItem, TimelineKind, TimelineState};

/// How long an app may take to answer.
const PATIENCE: Duration = Duration::from_secs(5);

/// How often an app that is not there yet is looked for.
const LOOK_AGAIN: Duration = Duration::from_millis(500);

pub(super) struct Courier {
    pub(super) desk: Arc<Desk>,
    pub(super) client: Client,
    pub(super) webhook: Webhook,
}

/// What came back from one attempt.
struct Reply {
    status: Option<u16>,
    body: Result<String, String>,
    millis: f64,
}

impl Courier {
    /// Verifies the webhook, then delivers until the desk is gone. The verification is in the
    /// timeline before anything that waits for it.
    pub(super) fn run(
        self,
        mut parcels: mpsc::UnboundedReceiver<Parcel>,
    ) -> impl Future<Output = ()> + Send {
        let challenge = self.desk.look(|_, now| now.to_string());
        let verification = self.webhook.verify_token.clone().map(|token| {
            let mut row = TimelineItem::new(TimelineKind::Verification, "verification");
            row.app = Some(self.webhook.app.clone());
            row.method = "GET".to_owned();
            row.url = self.webhook.url.to_string();
            row.request = Some(format!(
                r#"{{"hub.mode":"subscribe","hub.challenge":"{challenge}"}}"#
            ));
            (self.desk.add_row(row), token)
        });
        async move {
            if let Some((row, token)) = verification {
                self.verify(row, &challenge, &token).await;
            }
            while let Some(parcel) = parcels.recv().await {
                self.deliver(&parcel).await;
            }
        }
    }

    /// The platform subscribes no webhook that fails this. So that the bot may be started, or its
    /// verify token put right, after the simulator, it is tried until it succeeds.
    async fn verify(&self, row: u64, challenge: &str, verify_token: &str) {
        let mut url = self.webhook.url.clone();
        url.query_pairs_mut()
            .append_pair("hub.mode", "subscribe")
            .append_pair("hub.challenge", challenge)
            .append_pair("hub.verify_token", verify_token);
        loop {
            let mut reply = attempt(self.client.get(url.clone())).await;
            let state = match reply.status {
                Some(200) if reply.body.as_deref() == Ok(challenge) => TimelineState::Succeeded,
                Some(_) => TimelineState::Failed,
                None => TimelineState::Waiting,
            };
            let trouble = match reply.status {
                Some(200) => "the answer is not the challenge",
                _ => "not verified: is the verify token the same on both sides?",
            };
            if state == TimelineState::Failed {
                reply.body = Err(format!("{trouble} (trying again)"));
            }
            self.write_down(row, reply, state);
            if state == TimelineState::Succeeded {
                return;
            }
            sleep(LOOK_AGAIN).await;
        }
    }

    /// Tries until the app answers 200 or the delays are used up. Only then is the next one's turn.
    async fn deliver(&self, parcel: &Parcel) {
        for delay in self.desk.retry_after.iter().map(Some).chain([None]) {
            if !self.desk.is_current(parcel) {
                return;
            }
            let reply = attempt(self.request(parcel)).await;
            let arrived = reply.status == Some(200);
            let state = match delay {
                _ if arrived => TimelineState::Succeeded,
                Some(_) => TimelineState::Waiting,
                None => TimelineState::Failed,
            };
            self.write_down(parcel.row, reply, state);
            match delay {
                _ if arrived => return,
                Some(delay) => sleep(*delay).await,
                None => tracing::warn!(app = %self.webhook.app, "a webhook was given up"),
            }
        }
    }

    fn request(&self, parcel: &Parcel) -> RequestBuilder {
        self.client
            .post(self.webhook.url.clone())
            .header(CONTENT_TYPE, "application/json")
            .header(
                "X-Hub-Signature",
                self.webhook.signer.sha1(parcel.body.as_bytes()),
            )
            .header("X-Hub-Signature-256", &parcel.signature)
            .body(parcel.body.clone())
    }

    fn write_down(&self, row: u64, reply: Reply, state: TimelineState) {
        self.desk.update_row(row, |item| {
            item.attempts += 1;
            item.state = state;
            item.status = reply.status;
            item.millis = Some(reply.millis);
            (item.response, item.error) = match reply.body {
                Ok(body) => (Some(body), None),
                Err(why) => (None, Some(why)),
            };
        });
    }
}

async fn attempt(request: RequestBuilder) -> Reply {
    let began = Instant::now();
    let mut status = None;
    let body = async {
        let response = request.timeout(PATIENCE).send().await?;
        status = Some(response.status().as_u16());
        response.text().await
    }
    .await;
    Reply {
        status,
        body: body.map_err(explain),
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
