//! Graph API: all paths outside of the control API.

mod account;
mod batch;
mod call;
mod caller;
mod path;
mod reference;
mod request_context;
mod reveal;
mod routes;
mod subscription;
mod token;
mod version;

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::{HeaderMap, Method, Uri};
use axum::response::Response;
use bytes::Bytes;

use super::parameters::RequestParameters;
use super::shared_state::SharedState;
use call::Incoming;

/// An upload has at most 25 MB, and its form a little more.
const MAX_BYTES: usize = 32 * 1024 * 1024;

/// Handles an HTTP request.
pub(super) async fn endpoint(shared: State<Arc<SharedState>>, request: Request) -> Response {
    let (head, body) = request.into_parts();
    match axum::body::to_bytes(body, MAX_BYTES).await {
        Ok(body) => graph(shared, head.method, head.uri, head.headers, body).await,
        Err(_) => {
            Incoming::too_big(head.method, &head.uri, head.headers)
                .answer(&shared)
                .await
        }
    }
}

/// Handles a call or a batch of calls.
pub(super) async fn graph(
    State(shared): State<Arc<SharedState>>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let mut parameters = RequestParameters::read(&uri, &headers, &body);
    if method == Method::POST
        && let Ok(parameters) = &mut parameters
        && let Some(items) = parameters.take("batch")
    {
        return batch::answer(&shared, &uri, &headers, &items, parameters).await;
    }
    Incoming::new(method, &uri, headers, parameters)
        .answer(&shared)
        .await
}
