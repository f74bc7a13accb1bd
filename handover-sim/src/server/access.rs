//! Which pages of the web may use the simulator through a browser: none but its own.
//!
//! Bots send neither `Origin` nor `Sec-Fetch-Site`, and reach the Graph API by an address, `localhost`, or the
//! name of a container. A name with a domain has to be allowed, for bots as well: a page under a name that
//! was pointed at this machine (DNS rebinding) sends the same headers as a bot.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::{StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use handover_protocol::pages::{is_local_host, is_same_origin};
use serde_json::json;

use super::call::JSON;
use super::encode::to_json;
use crate::platform::Refusal;

/// Names with a domain under which the simulator may be reached.
pub(super) type AllowedHosts = Arc<[String]>;

/// The Graph API's own names, for clients that know no other address and come through a proxy. No website can point
/// them at this machine.
const GRAPH_HOSTS: [&str; 2] = ["graph.facebook.com", "graph.instagram.com"];

/// `fbtrace_id` of a refused call, which is no row of the timeline.
const TRACE_ID: &str = "SimRefused";

/// Refuses a request under a name with a domain, and one that the page of another website sends, with an
/// error of the control API.
pub(super) async fn guard(
    State(allowed): State<AllowedHosts>,
    request: Request,
    next: Next,
) -> Response {
    match refusal(&allowed, &[], &request) {
        None => next.run(request).await,
        Some(why) => forbidden("application/json", json!({ "error": why }).to_string()),
    }
}

/// The same with an error of the Graph API.
pub(super) async fn guard_graph(
    State(allowed): State<AllowedHosts>,
    request: Request,
    next: Next,
) -> Response {
    match refusal(&allowed, &GRAPH_HOSTS, &request) {
        None => next.run(request).await,
        Some(why) => forbidden(JSON, to_json(&Refusal::permission(why).body(TRACE_ID))),
    }
}

fn forbidden(content_type: &'static str, body: String) -> Response {
    let headers = [(header::CONTENT_TYPE, content_type)];
    (StatusCode::FORBIDDEN, headers, body).into_response()
}

fn refusal(allowed: &[String], graph: &[&str], request: &Request) -> Option<String> {
    let headers = request.headers();
    let text = |name: header::HeaderName, unreadable: &'static str| {
        let value = headers.get(name)?;
        Some(value.to_str().unwrap_or(unreadable))
    };
    let host = text(header::HOST, "?").unwrap_or_default();
    let name = host.split_once(':').map_or(host, |(name, _)| name);
    let mut names = allowed
        .iter()
        .map(String::as_str)
        .chain(graph.iter().copied());
    let is_allowed = names.any(|it| it.eq_ignore_ascii_case(name));
    if !host.is_empty() && !is_allowed && !is_local_host(host) {
        return Some(format!(
            "`{host}` is a name with a domain: use the IP address or `localhost`, or allow it with the option \
             `--allow-host {name}` of `handover-sim` and `handover dev`, in a program with \
             `SimulatorBuilder::allow_host`"
        ));
    }
    let site = headers
        .get("sec-fetch-site")
        .map(|site| site.to_str().unwrap_or("cross-site"));
    // A link on another page may open this one. A form of another page may not act.
    let opens = request.method().is_safe()
        && headers
            .get("sec-fetch-mode")
            .is_some_and(|mode| mode == "navigate");
    let site = site.filter(|_| !opens);
    (!is_same_origin(host, text(header::ORIGIN, "null"), site))
        .then(|| "a page of another website may not use the simulator".to_owned())
}
