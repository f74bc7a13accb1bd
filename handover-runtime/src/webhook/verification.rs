//! `GET /webhook`: the platform verifies the callback URL.

use std::sync::Arc;

use axum::extract::{RawQuery, State};
use axum::http::StatusCode;

use super::WebhookState;
use crate::secrets::is_one_of;

/// Answers `hub.challenge` if `hub.mode` is `subscribe` and `hub.verify_token` one of the bot's.
pub(super) async fn verify(
    State(webhook): State<Arc<WebhookState>>,
    RawQuery(query): RawQuery,
) -> Result<String, (StatusCode, &'static str)> {
    let query = query.unwrap_or_default();
    let parameter = |name: &str| {
        let mut pairs = url::form_urlencoded::parse(query.as_bytes());
        pairs
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.into_owned())
    };
    let (Some(mode), Some(token), Some(challenge)) = (
        parameter("hub.mode"),
        parameter("hub.verify_token"),
        parameter("hub.challenge"),
    ) else {
        return Err((
            StatusCode::BAD_REQUEST,
            "this is a Messenger webhook: hub.mode, hub.verify_token and hub.challenge are needed\n",
        ));
    };
    let verify_tokens = &webhook.secrets.now().lists.verify_tokens;
    if mode != "subscribe" || !is_one_of(verify_tokens, token.as_bytes()) {
        tracing::warn!(
            "a verification with a wrong mode or token was refused; does MESSENGER_VERIFY_TOKEN match the verify token in the App Dashboard?"
        );
        return Err((StatusCode::FORBIDDEN, "wrong mode or verify token\n"));
    }
    tracing::info!("the webhook was verified");
    Ok(challenge)
}
