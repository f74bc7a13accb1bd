//! Brings webhooks to one app about one account: one at a time, in order, unless a fault says
//! otherwise.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use axum::http::HeaderMap;
use axum::http::header::{CONTENT_TYPE, HeaderName, HeaderValue, USER_AGENT};
use handover_protocol::{AccountId, AppId, Timestamp};
use tokio::sync::mpsc;
use tokio::time::{Instant, timeout_at};
use url::Url;

use super::attempt::Reply;
use super::clock::later;
use super::desk::{Desk, Line};
use super::encode::encode;
use super::faults::Fault;
use super::headers::Headers;
use super::parcel::Parcel;
use super::timeline_item::TimelineState;
use crate::platform::{Batching, Post};

/// How long a webhook may fail until the app is unsubscribed from the account (webhooks,
/// acknowledgement).
const HOUR: i64 = 60 * 60 * 1000;

/// What the platform's webhooks call themselves.
const AGENT: &str = "facebookexternalua";

const SHA1: &str = "x-hub-signature";
const SHA256: &str = "x-hub-signature-256";

pub(super) struct Courier {
    desk: Arc<Desk>,
    app: AppId,
    account: AccountId,
    parcels: mpsc::UnboundedReceiver<Parcel>,
    /// What waits to be overtaken.
    held: VecDeque<Held>,
    failing_since: Option<Timestamp>,
}

struct Held {
    parcel: Parcel,
    overtaken_by: u32,
    until: Instant,
}

impl Courier {
    pub(super) fn new(desk: Arc<Desk>, line: Line) -> Self {
        Self {
            desk,
            app: line.app,
            account: line.account,
            parcels: line.parcels,
            held: VecDeque::new(),
            failing_since: None,
        }
    }

    /// Delivers until the desk is gone, once the webhook is verified.
    pub(super) async fn run(mut self) {
        let Some(seat) = self.desk.seat(&self.app) else {
            return;
        };
        let mut verified = seat.verified.subscribe();
        if verified.wait_for(|verified| *verified).await.is_err() {
            return;
        }
        while let Some(parcel) = self.next().await {
            self.bring(parcel).await;
        }
    }

    /// The next one whose turn it is. Those that are held come when they have been overtaken, or
    /// when nothing overtakes them.
    async fn next(&mut self) -> Option<Parcel> {
        loop {
            let Some(first) = self.held.front() else {
                let parcel = self.parcels.recv().await?;
                match self.hold(parcel) {
                    Some(parcel) => return Some(parcel),
                    None => continue,
                }
            };
            if first.overtaken_by == 0 {
                return self.held.pop_front().map(|held| held.parcel);
            }
            match timeout_at(first.until, self.parcels.recv()).await {
                Ok(Some(parcel)) => {
                    if let Some(parcel) = self.hold(parcel) {
                        for held in &mut self.held {
                            held.overtaken_by = held.overtaken_by.saturating_sub(1);
                        }
                        return Some(parcel);
                    }
                }
                Ok(None) => return None,
                Err(_) => return self.held.pop_front().map(|held| held.parcel),
            }
        }
    }

    /// Puts it aside if it is to be overtaken.
    fn hold(&mut self, parcel: Parcel) -> Option<Parcel> {
        let Some(Fault::Reorder { window, wait_ms }) = parcel.fault else {
            return Some(parcel);
        };
        self.held.push_back(Held {
            parcel,
            overtaken_by: window,
            until: Instant::now() + Duration::from_millis(wait_ms),
        });
        None
    }

    async fn bring(&mut self, parcel: Parcel) {
        match parcel.fault {
            Some(Fault::Drop) => self.desk.update_row(parcel.row, |row| {
                row.state = TimelineState::Failed;
                row.error = Some("dropped on demand".to_owned());
            }),
            Some(Fault::Delay { ms }) => {
                self.desk.wait_until(later(parcel.at, ms)).await;
                self.deliver(&Load::of(parcel)).await;
            }
            Some(Fault::Duplicate { copies }) => {
                let load = Load::of(parcel);
                for _ in 0..=copies {
                    self.deliver(&load).await;
                }
            }
            Some(Fault::Batch { items, gather_ms }) => {
                let load = self.gather(parcel, items, gather_ms).await;
                self.deliver(&load).await;
            }
            _ => self.deliver(&Load::of(parcel)).await,
        }
    }

    /// Puts it together with those that come soon after it, whatever else was to befall them.
    async fn gather(&mut self, first: Parcel, items: u32, gather_ms: u64) -> Load {
        let name = first.fault.as_ref().map(Fault::name);
        let mut deliveries = first
            .post
            .clone()
            .map_or_else(Vec::new, |post| post.deliveries);
        let mut load = Load::of(first);
        let until = Instant::now() + Duration::from_millis(gather_ms);
        while load.rows.len() < items as usize {
            // Elapsing is fine: then there were fewer.
            let Ok(Some(parcel)) = timeout_at(until, self.parcels.recv()).await else {
                break;
            };
            match &parcel.post {
                Some(post) if parcel.era == load.era => {
                    deliveries.extend(post.deliveries.iter().cloned());
                    load.rows.push(parcel.row);
                }
                _ => {
                    self.held.push_back(Held {
                        parcel,
                        overtaken_by: 0,
                        until,
                    });
                    break;
                }
            }
        }
        let together = Post::put_together(deliveries, Batching::Entries);
        if let (Some(post), Some(seat)) = (together.first(), self.desk.seat(&self.app)) {
            load.body = encode(&post.envelope()).into();
            load.signature = seat.signer.sha256(load.body.as_bytes());
            for row in &load.rows {
                self.desk.update_row(*row, |row| {
                    row.fault = name;
                    row.request = Some(load.body.clone());
                    row.signature = Some(load.signature.clone());
                });
            }
        }
        load
    }

    /// Tries until the app answers 200 or the delays are used up. Only then is the next one's turn.
    async fn deliver(&mut self, load: &Load) {
        let desk = self.desk.clone();
        for delay in desk.retry_after.iter().map(Some).chain([None]) {
            if !desk.is_current(load.era) {
                return;
            }
            if !(load.forced || desk.is_subscribed(&self.app, &self.account)) {
                let why = "not delivered: the app is not subscribed to the account any more";
                return self.give_up(load, why);
            }
            let Some(callback) = desk.callback(&self.app) else {
                return;
            };
            let reply = self.post(&callback.url, load).await;
            if reply.status == Some(200) {
                self.failing_since = None;
                return self.write_down(load, &reply, TimelineState::Succeeded);
            }
            let now = desk.now();
            let since = *self.failing_since.get_or_insert(now);
            if now.as_millis() - since.as_millis() >= HOUR {
                self.write_down(load, &reply, TimelineState::Failed);
                return self.unsubscribe(load);
            }
            match delay {
                Some(delay) => {
                    self.write_down(load, &reply, TimelineState::Waiting);
                    let delay = u64::try_from(delay.as_millis()).unwrap_or(u64::MAX);
                    desk.wait_until(later(now, delay)).await;
                }
                None => {
                    self.write_down(load, &reply, TimelineState::Failed);
                    tracing::warn!(app = %self.app, account = %self.account, "a webhook was given up");
                }
            }
        }
    }

    async fn post(&self, url: &Url, load: &Load) -> Reply {
        let seat = self.desk.seat(&self.app);
        let sha1 = seat.map(|seat| seat.signer.sha1(load.body.as_bytes()));
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        headers.insert(USER_AGENT, HeaderValue::from_static(AGENT));
        let signatures = [
            (SHA1, sha1.as_deref()),
            (SHA256, Some(load.signature.as_str())),
        ];
        for (name, signature) in signatures {
            // Signatures are hexadecimal digits, which any header may hold.
            if let Some(value) = signature.and_then(|text| HeaderValue::from_str(text).ok()) {
                headers.insert(HeaderName::from_static(name), value);
            }
        }
        let shown = Headers::of(&headers);
        for row in &load.rows {
            self.desk.update_row(*row, |row| {
                row.url = url.as_str().into();
                row.request_headers = Some(shown.clone());
            });
        }
        let client = &self.desk.client;
        let body = load.body.to_string();
        client.post(url, headers, body).await
    }

    fn write_down(&self, load: &Load, reply: &Reply, state: TimelineState) {
        for row in &load.rows {
            self.desk
                .update_row(*row, |row| reply.write_down(row, state));
        }
    }

    fn give_up(&self, load: &Load, why: &str) {
        for row in &load.rows {
            self.desk.update_row(*row, |row| {
                row.state = TimelineState::Failed;
                row.error = Some(why.to_owned());
            });
        }
    }

    fn unsubscribe(&mut self, load: &Load) {
        self.failing_since = None;
        self.desk.subscribe_app(&self.app, &self.account, false);
        self.give_up(
            load,
            "webhooks have failed for an hour: the app is unsubscribed from the account until it is \
             subscribed again",
        );
        tracing::warn!(app = %self.app, account = %self.account, "unsubscribed: webhooks failed for an hour");
    }
}

/// The body of one POST, and the rows it stands for.
struct Load {
    rows: Vec<u64>,
    body: Arc<str>,
    signature: String,
    era: u64,
    /// Whether it goes out however the app is subscribed.
    forced: bool,
}

impl Load {
    fn of(parcel: Parcel) -> Self {
        Self {
            rows: vec![parcel.row],
            body: parcel.body,
            signature: parcel.signature,
            era: parcel.era,
            forced: parcel.post.is_none(),
        }
    }
}
