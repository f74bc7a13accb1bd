//! Who may ask: a page of the web that runs in the browser of an operator may not.

use axum::extract::{Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use handover_protocol::pages::{is_local_host, is_same_origin};

use super::error::OperationsError;
use super::parameter;
use crate::secrets::{Secrets, is_one_of};

/// Refuses what a page of another website sends, and data to whoever reaches this server under a name with a
/// domain without a token: such a name may have been pointed here by its owner (DNS rebinding).
pub(super) async fn guard(
    State(secrets): State<Secrets>,
    request: Request,
    next: Next,
) -> Response {
    match check(&secrets, &request) {
        Ok(()) => next.run(request).await,
        Err(error) => error.into_response(),
    }
}

fn check(secrets: &Secrets, request: &Request) -> Result<(), OperationsError> {
    let headers = request.headers();
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
    let host = text(header::HOST);
    let host = host.or_else(|| {
        request
            .uri()
            .authority()
            .map(axum::http::uri::Authority::as_str)
    });
    let host = host.unwrap_or_default();
    let site = headers
        .get("sec-fetch-site")
        .map(|value| value.to_str().unwrap_or("cross-site"));
    let origin = headers
        .get(header::ORIGIN)
        .map(|value| value.to_str().unwrap_or("null"));
    if !is_same_origin(host, origin, site) {
        tracing::warn!(
            origin,
            site,
            "a request of another website's page was refused"
        );
        return Err(OperationsError::new(
            StatusCode::FORBIDDEN,
            "other_origin",
            "a page of another website may not ask this",
        ));
    }
    // Without a name, no name was looked up.
    let has_token = || {
        let given = bearer(headers).unwrap_or_default();
        is_one_of(&secrets.now().lists.api_tokens, given) | secrets.is_operator(given)
    };
    if !host.is_empty() && !is_local_host(host) && !has_token() {
        tracing::warn!(host, "a request under a foreign name was refused");
        return Err(OperationsError::new(
            StatusCode::FORBIDDEN,
            "foreign_host",
            format!(
                "`{host}` is a name with a domain: use the IP address or `localhost`, or send the token"
            ),
        ));
    }
    Ok(())
}

/// The bearer token of a request.
pub(super) fn bearer(headers: &HeaderMap) -> Option<&[u8]> {
    let given = headers.get(header::AUTHORIZATION)?;
    given.as_bytes().strip_prefix(b"Bearer ")
}

/// Whether a request means the store of this bot: if it names one with `?store=`, it is this. Several bots may share an
/// app secret, and numbers and persons of one mean nothing in the store of another.
pub(super) fn check_store(own: &str, query: Option<&str>) -> Result<(), OperationsError> {
    if parameter(query, "store").is_none_or(|meant| meant == own) {
        return Ok(());
    }
    let message = format!("its store is {own}");
    Err(OperationsError::new(
        StatusCode::CONFLICT,
        "other_store",
        message,
    ))
}

/// Whether the request has the token of an operator.
pub(super) fn check_operator(
    secrets: &Secrets,
    headers: &HeaderMap,
) -> Result<(), OperationsError> {
    if secrets.is_operator(bearer(headers).unwrap_or_default()) {
        return Ok(());
    }
    tracing::warn!("a request of an operator was refused: its token is missing or wrong");
    Err(OperationsError::new(
        StatusCode::UNAUTHORIZED,
        "wrong_token",
        "the token is missing or wrong: `handover operations` shows it",
    ))
}
