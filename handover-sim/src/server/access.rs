//! Which pages of the web may use the page and the control API: none but the simulator's own.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::{StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use handover_protocol::pages::{is_local_host, is_same_origin};
use serde_json::json;

/// Names with a domain under which the page may be reached.
pub(super) type AllowedHosts = Arc<[String]>;

/// Refuses a request under a name with a domain, which may have been pointed at this machine by its owner
/// (DNS rebinding), and a request that the page of another website sends.
pub(super) async fn guard(
    State(allowed): State<AllowedHosts>,
    request: Request,
    next: Next,
) -> Response {
    match refusal(&allowed, &request) {
        None => next.run(request).await,
        Some(why) => {
            let json = [(header::CONTENT_TYPE, "application/json")];
            let body = json!({ "error": why }).to_string();
            (StatusCode::FORBIDDEN, json, body).into_response()
        }
    }
}

fn refusal(allowed: &[String], request: &Request) -> Option<String> {
    let headers = request.headers();
    let text = |name: header::HeaderName, unreadable: &'static str| {
        let value = headers.get(name)?;
        Some(value.to_str().unwrap_or(unreadable))
    };
    let host = text(header::HOST, "?").unwrap_or_default();
    let name = host.split_once(':').map_or(host, |(name, _)| name);
    let is_allowed = allowed.iter().any(|it| it.eq_ignore_ascii_case(name));
    if !host.is_empty() && !is_allowed && !is_local_host(host) {
        return Some(format!(
            "`{host}` is a name with a domain: use the IP address or `localhost`, or start the simulator with --allow-host {name}"
        ));
    }
    let site = headers
        .get("sec-fetch-site")
        .map(|site| site.to_str().unwrap_or("cross-site"));
    // A link on another page may open this one.
    let opens = headers
        .get("sec-fetch-mode")
        .is_some_and(|mode| mode == "navigate");
    let site = site.filter(|_| !opens);
    (!is_same_origin(host, text(header::ORIGIN, "null"), site))
        .then(|| "a page of another website may not use the control API".to_owned())
}
