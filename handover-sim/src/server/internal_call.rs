//! Calls of the Graph API that are made at the shared, in the name of a connected app.

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

/// A call as it would come over the network.
pub(super) struct InternalCall {
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
}

/// What it came to.
pub(super) struct CallOutcome {
    pub(super) status: StatusCode,
    pub(super) body: Value,
    /// Its row in the timeline.
    pub(super) row: Option<u64>,
}

impl InternalCall {
    /// `POST /me/{edge}` with the app's token for the account. `None` if it has none.
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

    /// The call of a row once more. `None` if it cannot be repeated.
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
            // What is no JSON is the work of a fault.
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
