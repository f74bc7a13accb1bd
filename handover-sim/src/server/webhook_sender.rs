//! Sends webhooks to an app about an account: one at a time and in order, except for faults.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use axum::http::HeaderMap;
use axum::http::header::{CONTENT_TYPE, HeaderName, HeaderValue, USER_AGENT};
use handover_protocol::{AccountId, AppId, Timestamp};
use tokio::sync::mpsc;
use tokio::time::{Instant, timeout_at};
use url::Url;

use super::attempt::WebhookResponse;
use super::clock::later;
use super::delivery_queue::{DeliveryQueue, QueuedWebhook};
use super::encode::encode;
use super::faults::Fault;
use super::headers::Headers;
use super::shared_state::SharedState;
use super::timeline_item::TimelineState;
use crate::platform::{Batching, Post};

/// Duration of failures after which the app is unsubscribed from the account (webhooks,
/// acknowledgement).
const HOUR: i64 = 60 * 60 * 1000;

/// `User-Agent` of the platform's webhooks.
const AGENT: &str = "facebookexternalua";

const SHA1: &str = "x-hub-signature";
const SHA256: &str = "x-hub-signature-256";

pub(super) struct WebhookSender {
    shared: Arc<SharedState>,
    app: AppId,
    account: AccountId,
    webhooks: mpsc::UnboundedReceiver<QueuedWebhook>,
    /// Webhooks that wait until later ones overtake them.
    reordered: VecDeque<Reordered>,
    failing_since: Option<Timestamp>,
}

struct Reordered {
    webhook: QueuedWebhook,
    overtaken_by: u32,
    until: Instant,
}

impl WebhookSender {
    pub(super) fn new(shared: Arc<SharedState>, queue: DeliveryQueue) -> Self {
        Self {
            shared,
            app: queue.app,
            account: queue.account,
            webhooks: queue.webhooks,
            reordered: VecDeque::new(),
            failing_since: None,
        }
    }

    /// Sends webhooks once the callback is verified, until the queue is closed.
    pub(super) async fn run(mut self) {
        let Some(credentials) = self.shared.credentials(&self.app) else {
            return;
        };
        let mut verified = credentials.verified.subscribe();
        if verified.wait_for(|verified| *verified).await.is_err() {
            return;
        }
        while let Some(webhook) = self.next().await {
            self.send(webhook).await;
        }
    }

    /// Returns the next webhook. Reordered ones come when they have been overtaken or their wait is
    /// over.
    async fn next(&mut self) -> Option<QueuedWebhook> {
        loop {
            let Some(first) = self.reordered.front() else {
                let webhook = self.webhooks.recv().await?;
                match self.set_aside(webhook) {
                    Some(webhook) => return Some(webhook),
                    None => continue,
                }
            };
            if first.overtaken_by == 0 {
                return self
                    .reordered
                    .pop_front()
                    .map(|reordered| reordered.webhook);
            }
            match timeout_at(first.until, self.webhooks.recv()).await {
                Ok(Some(webhook)) => {
                    if let Some(webhook) = self.set_aside(webhook) {
                        for reordered in &mut self.reordered {
                            reordered.overtaken_by = reordered.overtaken_by.saturating_sub(1);
                        }
                        return Some(webhook);
                    }
                }
                Ok(None) => return None,
                Err(_) => {
                    return self
                        .reordered
                        .pop_front()
                        .map(|reordered| reordered.webhook);
                }
            }
        }
    }

    /// Sets the webhook aside if a fault reorders it.
    fn set_aside(&mut self, webhook: QueuedWebhook) -> Option<QueuedWebhook> {
        let Some(Fault::Reorder { window, wait_ms }) = webhook.fault else {
            return Some(webhook);
        };
        self.reordered.push_back(Reordered {
            webhook,
            overtaken_by: window,
            until: Instant::now() + Duration::from_millis(wait_ms),
        });
        None
    }

    async fn send(&mut self, webhook: QueuedWebhook) {
        match webhook.fault {
            Some(Fault::Drop) => self.shared.update_row(webhook.row, |row| {
                row.state = TimelineState::Failed;
                row.error = Some("dropped by a fault".to_owned());
            }),
            Some(Fault::Delay { ms }) => {
                self.shared.wait_until(later(webhook.at, ms)).await;
                self.deliver(&PostBody::of(webhook)).await;
            }
            Some(Fault::Duplicate { copies }) => {
                let request = PostBody::of(webhook);
                for _ in 0..=copies {
                    self.deliver(&request).await;
                }
            }
            Some(Fault::Batch { items, gather_ms }) => {
                let request = self.gather(webhook, items, gather_ms).await;
                self.deliver(&request).await;
            }
            _ => self.deliver(&PostBody::of(webhook)).await,
        }
    }

    /// Combines the webhook with those that follow soon, ignoring their faults.
    async fn gather(&mut self, first: QueuedWebhook, items: u32, gather_ms: u64) -> PostBody {
        let name = first.fault.as_ref().map(Fault::name);
        let mut deliveries = first
            .post
            .clone()
            .map_or_else(Vec::new, |post| post.deliveries);
        let mut request = PostBody::of(first);
        let until = Instant::now() + Duration::from_millis(gather_ms);
        while request.rows.len() < items as usize {
            // A timeout is expected: then there are fewer items.
            let Ok(Some(webhook)) = timeout_at(until, self.webhooks.recv()).await else {
                break;
            };
            match &webhook.post {
                Some(post) if webhook.epoch == request.epoch => {
                    deliveries.extend(post.deliveries.iter().cloned());
                    request.rows.push(webhook.row);
                }
                _ => {
                    self.reordered.push_back(Reordered {
                        webhook,
                        overtaken_by: 0,
                        until,
                    });
                    break;
                }
            }
        }
        let together = Post::batched(deliveries, Batching::Entries);
        if let (Some(post), Some(credentials)) =
            (together.first(), self.shared.credentials(&self.app))
        {
            request.body = encode(&post.envelope()).into();
            request.signature = credentials.signer.sha256(request.body.as_bytes());
            for row in &request.rows {
                self.shared.update_row(*row, |row| {
                    row.fault = name;
                    row.request = Some(request.body.clone());
                    row.signature = Some(request.signature.clone());
                });
            }
        }
        request
    }

    /// Sends the request until the app answers 200 or no delay is left.
    async fn deliver(&mut self, request: &PostBody) {
        let shared = self.shared.clone();
        for delay in shared.retry_after.iter().map(Some).chain([None]) {
            if !shared.is_current(request.epoch) {
                return;
            }
            if !(request.forced || shared.is_subscribed(&self.app, &self.account)) {
                let why = "not delivered: the app is not subscribed to the account any more";
                return self.give_up(request, why);
            }
            let Some(callback) = shared.callback(&self.app) else {
                return;
            };
            let reply = self.post(&callback.url, request).await;
            if reply.status == Some(200) {
                self.failing_since = None;
                return self.record(request, &reply, TimelineState::Succeeded);
            }
            let now = shared.now();
            let since = *self.failing_since.get_or_insert(now);
            if now.as_millis() - since.as_millis() >= HOUR {
                self.record(request, &reply, TimelineState::Failed);
                return self.unsubscribe(request);
            }
            match delay {
                Some(delay) => {
                    self.record(request, &reply, TimelineState::Waiting);
                    let delay = u64::try_from(delay.as_millis()).unwrap_or(u64::MAX);
                    shared.wait_until(later(now, delay)).await;
                }
                None => {
                    self.record(request, &reply, TimelineState::Failed);
                    tracing::warn!(app = %self.app, account = %self.account, "webhook dropped after the last retry");
                }
            }
        }
    }

    async fn post(&self, url: &Url, request: &PostBody) -> WebhookResponse {
        let credentials = self.shared.credentials(&self.app);
        let sha1 = credentials.map(|credentials| credentials.signer.sha1(request.body.as_bytes()));
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        headers.insert(USER_AGENT, HeaderValue::from_static(AGENT));
        let signatures = [
            (SHA1, sha1.as_deref()),
            (SHA256, Some(request.signature.as_str())),
        ];
        for (name, signature) in signatures {
            // Signatures are hexadecimal digits, which any header may hold.
            if let Some(value) = signature.and_then(|text| HeaderValue::from_str(text).ok()) {
                headers.insert(HeaderName::from_static(name), value);
            }
        }
        let shown = Headers::of(&headers);
        for row in &request.rows {
            self.shared.update_row(*row, |row| {
                row.url = url.as_str().into();
                row.request_headers = Some(shown.clone());
            });
        }
        let client = &self.shared.client;
        let body = request.body.to_string();
        client.post(url, headers, body).await
    }

    fn record(&self, request: &PostBody, reply: &WebhookResponse, state: TimelineState) {
        for row in &request.rows {
            self.shared.update_row(*row, |row| reply.record(row, state));
        }
    }

    fn give_up(&self, request: &PostBody, why: &str) {
        for row in &request.rows {
            self.shared.update_row(*row, |row| {
                row.state = TimelineState::Failed;
                row.error = Some(why.to_owned());
            });
        }
    }

    fn unsubscribe(&mut self, request: &PostBody) {
        self.failing_since = None;
        self.shared.subscribe_app(&self.app, &self.account, false);
        self.give_up(
            request,
            "webhooks have failed for an hour: the app is unsubscribed from the account until it is \
             subscribed again",
        );
        tracing::warn!(app = %self.app, account = %self.account, "unsubscribed: webhooks failed for an hour");
    }
}

/// Body of a POST and its timeline rows.
struct PostBody {
    rows: Vec<u64>,
    body: Arc<str>,
    signature: String,
    epoch: u64,
    /// Whether subscriptions are ignored.
    forced: bool,
}

impl PostBody {
    fn of(webhook: QueuedWebhook) -> Self {
        Self {
            rows: vec![webhook.row],
            body: webhook.body,
            signature: webhook.signature,
            epoch: webhook.epoch,
            forced: webhook.post.is_none(),
        }
    }
}
