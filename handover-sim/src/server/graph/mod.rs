//! The Graph API: every path that is not the desk's own.

mod account;
mod asked;
mod batch;
mod call;
mod caller;
mod path;
mod reference;
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

use super::desk::Desk;
use super::parameters::Parameters;
use call::Incoming;

/// An upload has at most 25 MB, and its form a little more.
const MOST_BYTES: usize = 32 * 1024 * 1024;

/// Takes a request off the network.
pub(super) async fn endpoint(desk: State<Arc<Desk>>, request: Request) -> Response {
    let (head, body) = request.into_parts();
    match axum::body::to_bytes(body, MOST_BYTES).await {
        Ok(body) => graph(desk, head.method, head.uri, head.headers, body).await,
        Err(_) => {
            Incoming::too_big(head.method, &head.uri, head.headers)
                .answer(&desk)
                .await
        }
    }
}

/// Answers a call, or a batch of them.
pub(super) async fn graph(
    State(desk): State<Arc<Desk>>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let mut parameters = Parameters::read(&uri, &headers, &body);
    if method == Method::POST
        && let Ok(parameters) = &mut parameters
        && let Some(items) = parameters.take("batch")
    {
        return batch::answer(&desk, &uri, &headers, &items, parameters).await;
    }
    Incoming::new(method, &uri, headers, parameters)
        .answer(&desk)
        .await
}
