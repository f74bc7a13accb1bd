//! Verification of webhooks.

use std::sync::Arc;
use std::time::Duration;

use handover_protocol::AppId;
use tokio::time::sleep;
use url::Url;

use super::attempt::WebhookResponse;
use super::credentials::Callback;
use super::shared_state::SharedState;
use super::timeline_item::{TimelineItem, TimelineKind, TimelineState};

/// Interval between attempts.
const RETRY_INTERVAL: Duration = Duration::from_millis(500);

/// Verification of a webhook, with its timeline row.
pub(super) struct Verification {
    shared: Arc<SharedState>,
    app: AppId,
    url: Url,
    challenge: String,
    row: u64,
}

impl Verification {
    /// Creates the verification of an app's configured webhook. `None` without a verify token.
    pub(super) fn at_start(shared: &Arc<SharedState>, app: &AppId) -> Option<Self> {
        let callback = shared.callback(app)?;
        let verify_token = callback.verify_token?;
        Some(Self::of(shared, app, &callback.url, &verify_token))
    }

    fn of(shared: &Arc<SharedState>, app: &AppId, callback: &Url, verify_token: &str) -> Self {
        let challenge = shared.now().to_string();
        let mut row = TimelineItem::new(TimelineKind::Verification, "verification");
        row.app = Some(app.clone());
        row.method = "GET".to_owned();
        row.url = callback.as_str().into();
        let request = format!(r#"{{"hub.mode":"subscribe","hub.challenge":"{challenge}"}}"#);
        row.request = Some(request.into());
        let mut url = callback.clone();
        url.query_pairs_mut()
            .append_pair("hub.mode", "subscribe")
            .append_pair("hub.challenge", &challenge)
            .append_pair("hub.verify_token", verify_token);
        Self {
            row: shared.add_row(row),
            shared: shared.clone(),
            app: app.clone(),
            url,
            challenge,
        }
    }

    /// Retries until the verification succeeds, so that the bot can start, or its verify token be
    /// corrected, after the simulator.
    pub(super) async fn until_it_succeeds(self) {
        while self.attempt(" (trying again)").await.is_err() {
            sleep(RETRY_INTERVAL).await;
        }
        if let Some(callback) = self.shared.callback(&self.app) {
            self.set(callback);
        }
    }

    /// Sends the request. The error says why the verification failed.
    async fn attempt(&self, outlook: &str) -> Result<(), String> {
        let mut reply = self.shared.client.get(&self.url).await;
        let (state, verdict) = self.judge(&reply);
        if let (Err(why), TimelineState::Failed) = (&verdict, state) {
            reply.body = Err(format!("{why}{outlook}"));
        }
        self.shared
            .update_row(self.row, |row| reply.record(row, state));
        verdict
    }

    fn judge(&self, reply: &WebhookResponse) -> (TimelineState, Result<(), String>) {
        match (reply.status, &reply.body) {
            (Some(200), Ok(body)) if *body == self.challenge => (TimelineState::Succeeded, Ok(())),
            (Some(200), _) => {
                let why = "the answer is not the challenge".to_owned();
                (TimelineState::Failed, Err(why))
            }
            (Some(_), _) => {
                let why = "not verified: is the verify token the same on both sides?".to_owned();
                (TimelineState::Failed, Err(why))
            }
            (None, body) => {
                let why = body.as_ref().err().cloned().unwrap_or_default();
                (TimelineState::Waiting, Err(why))
            }
        }
    }

    fn set(&self, mut callback: Callback) {
        callback.verified = Some(true);
        self.shared.set_callback(&self.app, callback);
        if let Some(credentials) = self.shared.credentials(&self.app) {
            credentials.verified.send_replace(true);
        }
    }
}

impl SharedState {
    /// `POST /{app-id}/subscriptions`: verifies the callback and uses it from now on. The error
    /// says why the verification failed.
    pub(super) async fn register(
        self: &Arc<Self>,
        app: &AppId,
        callback_url: &str,
        verify_token: &str,
    ) -> Result<(), String> {
        let url = Callback::address(callback_url)
            .ok_or_else(|| format!("{callback_url:?} is not an http:// address"))?;
        let verification = Verification::of(self, app, &url, verify_token);
        let verified = verification.attempt("").await;
        if verified.is_err() {
            self.update_row(verification.row, |row| row.state = TimelineState::Failed);
        }
        verified?;
        verification.set(Callback {
            url,
            verify_token: Some(verify_token.to_owned()),
            verified: None,
        });
        Ok(())
    }
}
