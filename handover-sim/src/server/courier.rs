//! Brings webhooks to one app: one at a time, in order.

use std::error::Error;
use std::sync::Arc;
use std::time::{Duration, Instant};

use reqwest::header::CONTENT_TYPE;
use reqwest::{Client, RequestBuilder};
use tokio::sync::mpsc;
use tokio::time::sleep;

use super::desk::{Desk, Parcel};
use super::signature::Signer;
use super::timeline::{TimelineItem, TimelineKind, TimelineState};

/// How long an app may take to answer.
const PATIENCE: Duration = Duration::from_secs(5);

/// How often an app that is not there yet is looked for.
const LOOK_AGAIN: Duration = Duration::from_millis(500);

pub(super) struct Courier {
    pub(super) desk: Arc<Desk>,
    pub(super) client: Client,
    pub(super) app: handover_protocol::AppId,
    pub(super) url: String,
    pub(super) verify_token: Option<String>,
    pub(super) signer: Signer,
}

/// What came back from one attempt.
struct Reply {
    status: Option<u16>,
    body: Result<String, String>,
    millis: f64,
}

impl Courier {
    /// Verifies the webhook, then delivers until the desk is gone. The verification is in the
    /// timeline from the start.
    pub(super) fn run(
        self,
        mut queue: mpsc::UnboundedReceiver<Parcel>,
    ) -> impl Future<Output = ()> + Send {
        let challenge = self.desk.look(|_, now| now.to_string());
        let row = self.verify_token.is_some().then(|| {
            let mut row = TimelineItem::new(TimelineKind::Verification, "verification");
            row.app = Some(self.app.clone());
            row.method = "GET".to_owned();
            row.url.clone_from(&self.url);
            row.request = Some(format!(
                r#"{{"hub.mode":"subscribe","hub.challenge":"{challenge}"}}"#
            ));
            self.desk.add_row(row)
        });
        async move {
            if let (Some(row), Some(token)) = (row, &self.verify_token) {
                self.verify(row, &challenge, token).await;
            }
            while let Some(parcel) = queue.recv().await {
                self.deliver(&parcel).await;
            }
        }
    }

    /// The platform subscribes no webhook that fails this. So that the bot may be started, or its
    /// verify token put right, after the simulator, it is tried until it succeeds.
    async fn verify(&self, row: u64, challenge: &str, verify_token: &str) {
        loop {
            let query = [
                ("hub.mode", "subscribe"),
                ("hub.challenge", challenge),
                ("hub.verify_token", verify_token),
            ];
            let url = url::Url::parse_with_params(&self.url, query);
            let reply = match url {
                Ok(url) => attempt(self.client.get(url)).await,
                Err(error) => Reply::none(format!("not an address: {error}")),
            };
            let verified = reply.status == Some(200) && reply.body.as_deref() == Ok(challenge);
            let trouble = match reply.status {
                _ if verified => None,
                Some(200) => Some("the answer is not the challenge; trying again".to_owned()),
                Some(status) => Some(format!(
                    "answered {status}: is the verify token the same on both sides? Trying again"
                )),
                None => None,
            };
            self.write_down(row, &reply, |item| {
                item.state = match reply.status {
                    _ if verified => TimelineState::Succeeded,
                    Some(_) => TimelineState::Failed,
                    None => TimelineState::Waiting,
                };
                item.error = trouble.or(item.error.take());
            });
            if verified {
                return;
            }
            sleep(LOOK_AGAIN).await;
        }
    }

    /// Tries until the app answers 200 or the delays are used up. Only then is the next one's turn.
    async fn deliver(&self, parcel: &Parcel) {
        let mut delays = self.desk.retry_after.iter();
        while self.desk.is_current(parcel) {
            let body = parcel.body.clone();
            let request = self
                .client
                .post(&self.url)
                .header(CONTENT_TYPE, "application/json")
                .header("X-Hub-Signature", self.signer.sha1(body.as_bytes()))
                .header("X-Hub-Signature-256", self.signer.sha256(body.as_bytes()))
                .body(body);
            let reply = attempt(request).await;
            let delay = delays.next();
            self.write_down(parcel.row, &reply, |item| {
                item.state = match (reply.status, delay) {
                    (Some(200), _) => TimelineState::Succeeded,
                    (_, Some(_)) => TimelineState::Waiting,
                    (_, None) => TimelineState::Failed,
                };
            });
            match delay {
                Some(delay) if reply.status != Some(200) => sleep(*delay).await,
                Some(_) => return,
                None => {
                    if reply.status != Some(200) {
                        tracing::warn!(app = %self.app, row = parcel.row, "webhook given up");
                    }
                    return;
                }
            }
        }
    }

    fn write_down(&self, row: u64, reply: &Reply, more: impl FnOnce(&mut TimelineItem)) {
        self.desk.update_row(row, |item| {
            item.attempts += 1;
            item.status = reply.status;
            item.millis = Some(reply.millis);
            item.response = reply.body.clone().ok();
            item.error = reply.body.clone().err();
            more(item);
        });
    }
}

impl Reply {
    fn none(why: String) -> Self {
        Self {
            status: None,
            body: Err(why),
            millis: 0.0,
        }
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
