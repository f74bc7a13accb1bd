//! `POST /{app-id}/subscriptions`: the webhook has to prove that it is the app's.

use std::sync::Arc;

use axum::http::Method;

use super::super::credentials::TokenInfo;
use super::super::parameters::RequestParameters;
use super::super::shared_state::SharedState;
use super::path::Path;
use crate::platform::Refusal;

/// Verifies the callback of such a call. What else is wrong with it is for the rules to say.
pub(super) async fn verify(
    shared: &Arc<SharedState>,
    method: &Method,
    path: &Path,
    token: &TokenInfo,
    parameters: &RequestParameters,
) -> Result<(), Refusal> {
    let of_app = token.account.is_none() && !token.is_user;
    let named = token.app == path.object.as_str() || path.object == "me";
    if method != Method::POST || path.edge != "subscriptions" || !of_app || !named {
        return Ok(());
    }
    let wanted =
        shared.read(|platform, _| platform.read_app_subscription(&token.app, parameters.fields()));
    let Ok(wanted) = wanted else {
        return Ok(());
    };
    shared
        .register(&token.app, wanted.callback.as_str(), &wanted.verify_token)
        .await
        .map_err(|why| Refusal::callback(&why))
}
