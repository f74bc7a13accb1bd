//! The platform's side of the webhook, written by hand: signs bodies and posts them.

use std::sync::atomic::{AtomicU64, Ordering};

use handover_testkit::http;
use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use sha2::Sha256;

pub(crate) const PAGE: &str = "1744550565845823";
pub(crate) const PERSON: &str = "1254477777772919";
pub(crate) const APP: u64 = 1_517_776_481_860_111;
pub(crate) const PAGE_INBOX: u64 = 263_902_037_430_900;
pub(crate) const SECRET: &str = "the app secret";
pub(crate) const VERIFY_TOKEN: &str = "the verify token";
pub(crate) const ACCESS_TOKEN: &str = "EAAB-the-access-token";

/// The other end of a bot's webhook.
#[derive(Clone)]
pub(crate) struct Platform {
    webhook: String,
    client: http::Client,
}

impl Platform {
    pub(crate) fn new(webhook: impl Into<String>) -> Self {
        Self {
            webhook: webhook.into(),
            client: http::Client::new(),
        }
    }

    /// Posts the body with a valid signature and gives the status.
    pub(crate) async fn post_bytes(&self, body: impl Into<Vec<u8>>) -> u16 {
        let body = body.into();
        let signature = signature(&body);
        self.post_signed(body, Some(&signature)).await
    }

    /// Posts the body with this signature.
    pub(crate) async fn post_signed(&self, body: Vec<u8>, signature: Option<&str>) -> u16 {
        let mut request = self.client.post(&self.webhook).body(body);
        if let Some(signature) = signature {
            request = request.header("X-Hub-Signature-256", signature);
        }
        request.send().await.unwrap().status().as_u16()
    }

    /// Posts items in one entry of the Page and expects 200.
    pub(crate) async fn deliver(&self, items: impl IntoIterator<Item = Value>) {
        let items: Vec<_> = items.into_iter().collect();
        let body = json!({ "object": "page", "entry": [{ "id": PAGE, "time": 1_458_692_752_478_i64, "messaging": items }] });
        assert_eq!(self.post_bytes(body.to_string()).await, 200, "{body}");
    }

    /// Posts items on the standby channel and expects 200.
    pub(crate) async fn deliver_on_standby(&self, items: impl IntoIterator<Item = Value>) {
        let items: Vec<_> = items.into_iter().collect();
        let body = json!({ "object": "page", "entry": [{ "id": PAGE, "time": 1_458_692_752_478_i64, "standby": items }] });
        assert_eq!(self.post_bytes(body.to_string()).await, 200, "{body}");
    }

    /// The person writes.
    pub(crate) async fn says(&self, text: &str) {
        self.deliver([message(PERSON, text)]).await;
    }

    /// The inbox passes the thread to the bot.
    pub(crate) async fn passes_back(&self, metadata: Option<&str>) {
        self.deliver([item(
            "pass_thread_control",
            json!({ "previous_owner_app_id": PAGE_INBOX, "new_owner_app_id": APP, "metadata": metadata }),
        )])
        .await;
    }
}

pub(crate) fn signature(body: &[u8]) -> String {
    let mac = Hmac::<Sha256>::new_from_slice(SECRET.as_bytes()).unwrap();
    format!(
        "sha256={}",
        hex::encode(mac.chain_update(body).finalize().into_bytes())
    )
}

/// A number that no earlier event had.
pub(crate) fn fresh() -> u64 {
    static LAST: AtomicU64 = AtomicU64::new(0);
    LAST.fetch_add(1, Ordering::Relaxed)
}

/// A text message of this person.
pub(crate) fn message(person: &str, text: &str) -> Value {
    let mut item = item(
        "message",
        json!({ "mid": format!("m_{}", fresh()), "text": text }),
    );
    item["sender"]["id"] = person.into();
    item
}

/// An event of the person, of any kind.
pub(crate) fn item(kind: &str, content: Value) -> Value {
    let timestamp = 1_458_692_752_478_u64 + fresh();
    json!({ "sender": { "id": PERSON }, "recipient": { "id": PAGE }, "timestamp": timestamp, kind: content })
}
