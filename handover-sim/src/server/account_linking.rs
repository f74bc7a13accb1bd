//! Redirect target of a login page.

use std::sync::Arc;

use axum::extract::{RawQuery, State};
use axum::http::StatusCode;
use url::form_urlencoded;

use super::shared_state::SharedState;

/// `GET /messenger_platform/account_linking`: the `redirect_uri` for login pages. Without an
/// authorization code, the person has not logged in.
pub(super) async fn come_back(
    State(shared): State<Arc<SharedState>>,
    RawQuery(query): RawQuery,
) -> (StatusCode, &'static str) {
    const UNKNOWN: (StatusCode, &str) = (
        StatusCode::NOT_FOUND,
        "This login is unknown, or was begun more than five minutes ago. Tap the button again.\n",
    );
    let query = query.unwrap_or_default();
    let value = |wanted: &str| {
        let mut pairs = form_urlencoded::parse(query.as_bytes());
        pairs
            .find(|(name, _)| name == wanted)
            .map(|(_, value)| value)
    };
    let token = value("account_linking_token").unwrap_or_default();
    let Some(person) = shared.read(|platform, now| platform.who_logs_in(&token, now)) else {
        return UNKNOWN;
    };
    let Some(code) = value("authorization_code") else {
        return (StatusCode::OK, "Nobody logged in: nothing is linked.\n");
    };
    let finish = shared.act(&person, |platform, now| {
        platform.finish_account_link(&person, &code, now)
    });
    match finish {
        Ok(()) => (
            StatusCode::OK,
            "The accounts are linked. You can close this page.\n",
        ),
        Err(_) => UNKNOWN,
    }
}
