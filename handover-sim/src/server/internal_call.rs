//! Graph API calls in the name of a connected app, from the control API.

use std::sync::Arc;

use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header};
use bytes::Bytes;
use handover_protocol::{AccountId, AppId};
use serde_json::Value;

use super::call::TimelineRow;
use super::graph::graph;
use super::shared_state::SharedState;
use super::timeline_item::TimelineItem;

/// Call in the form of an HTTP request.
pub(super) struct InternalCall {
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
}

/// Response to an internal call.
pub(super) struct CallOutcome {
    pub(super) status: StatusCode,
    pub(super) body: Value,
    /// Timeline row.
    pub(super) row: Option<u64>,
}

impl InternalCall {
    /// Creates `POST /me/{edge}` with the app's token for the account. `None` if there is no token.
    pub(super) fn post(
        shared: &SharedState,
        app: &AppId,
        account: &AccountId,
        edge: &str,
        body: &Value,
    ) -> Option<Self> {
        let token = shared.credentials(app)?.tokens.get(account)?;
        Some(Self {
            method: Method::POST,
            uri: format!("/me/{edge}").parse().ok()?,
            headers: headers(token)?,
            body: body.to_string().into(),
        })
    }

    /// Repeats the call of a row. `None` if that is impossible.
    pub(super) fn repeated(shared: &SharedState, row: &TimelineItem) -> Option<Self> {
        let credentials = shared.credentials(row.app.as_ref()?)?;
        let token = match &row.account {
            Some(account) => credentials.tokens.get(account)?,
            None => &credentials.app_token,
        };
        Some(Self {
            method: row.method.parse().ok()?,
            uri: row.url.parse().ok()?,
            headers: headers(token)?,
            body: row.request.as_deref().unwrap_or_default().to_owned().into(),
        })
    }

    pub(super) async fn execute(self, shared: &Arc<SharedState>) -> CallOutcome {
        let shared = State(shared.clone());
        let response = graph(shared, self.method, self.uri, self.headers, self.body).await;
        let status = response.status();
        let row = response.extensions().get::<TimelineRow>();
        let row = row.map(|row| row.0);
        let body = axum::body::to_bytes(response.into_body(), usize::MAX).await;
        CallOutcome {
            status,
            // A body that is not JSON comes from a fault.
            body: body
                .ok()
                .and_then(|body| serde_json::from_slice(&body).ok())
                .unwrap_or_default(),
            row,
        }
    }
}

fn headers(token: &str) -> Option<HeaderMap> {
    let bearer = HeaderValue::from_str(&format!("Bearer {token}")).ok()?;
    let json = HeaderValue::from_static("application/json");
    Some(HeaderMap::from_iter([
        (header::AUTHORIZATION, bearer),
        (header::CONTENT_TYPE, json),
    ]))
}
