//! What a fuzzer runs with any bytes: requests to the Graph API and to the control API.
//!
//! Requests are in blocks with an empty line between them: `POST /me/messages application/json` in the
//! first line, the body in the others. `PERSON` and `MID` are replaced by the ids of a person and their first message.

#![allow(
    clippy::expect_used,
    clippy::panic,
    reason = "a panic is what the fuzzer looks for"
)]

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::http::{Request, Response, StatusCode, header};
use handover_protocol::PersonId;
use hyper::service::Service;
use hyper_util::service::TowerToHyperService;
use serde_json::Value;

use super::{ServerConfig, SharedState, router};
use crate::platform::{Account, Behavior, Routing};
use crate::simulated_app::SimulatedApp;

const PAGE: &str = "1744550565845823";
const INSTAGRAM: &str = "17841405793187218";
const APP: &str = "1517776481860111";
const OTHER_APP: &str = "2262510160704936";
const TOKEN: &str = "token";

/// No input has more requests.
const REQUESTS: usize = 8;

/// An answer that takes longer than this never comes.
const TIMEOUT: Duration = Duration::from_secs(10);

/// Calls of an app: each is answered as the platform would.
pub fn graph_api(input: &[u8]) {
    run(input, |line| !line.path.starts_with("/control"), check_call);
}

/// Requests of the page: each is answered, and what is shown afterwards can be shown.
pub fn control_api(input: &[u8]) {
    run(
        input,
        |line| line.path.starts_with("/control/"),
        check_control,
    );
}

fn check_call(line: &RequestLine, answer: &RequestAnswer) {
    let others = ["/favicon.ico", "/messenger_platform"];
    let path = line.path.split('?').next();
    let is_page = path == Some("/") && line.method == "GET";
    if is_page || others.iter().any(|path| line.path.starts_with(path)) {
        return;
    }
    let json = answer.json();
    match answer.status.as_u16() {
        200 => assert!(json.is_object() || json.is_array(), "{line:?}: {json}"),
        400 => assert!(json["error"]["code"].is_i64(), "{line:?}: {json}"),
        status => panic!("{line:?}: {status}: {json}"),
    }
}

fn check_control(line: &RequestLine, answer: &RequestAnswer) {
    let is_expected = matches!(answer.status.as_u16(), 200..=299 | 400..=499);
    assert!(is_expected, "{line:?}: {}", answer.status);
    if answer.status.is_client_error() && answer.is_json {
        assert!(answer.json()["error"].is_string(), "{line:?}");
    }
}

#[derive(Debug)]
struct RequestLine {
    method: &'static str,
    path: String,
    kind: String,
}

impl RequestLine {
    fn read(line: &str) -> Option<Self> {
        let mut words = line.splitn(3, ' ');
        let method = words.next()?;
        let methods = ["GET", "POST", "DELETE", "PUT", "PATCH"];
        Some(Self {
            method: methods.into_iter().find(|known| *known == method)?,
            path: words.next()?.to_owned(),
            kind: words.next().unwrap_or_default().to_owned(),
        })
    }
}

struct RequestAnswer {
    status: StatusCode,
    is_json: bool,
    body: Vec<u8>,
}

impl RequestAnswer {
    fn json(&self) -> Value {
        let json = serde_json::from_slice(&self.body);
        json.unwrap_or_else(|_| panic!("no JSON: {}", self.body.escape_ascii()))
    }
}

fn run(
    input: &[u8],
    is_meant: impl Fn(&RequestLine) -> bool,
    check: impl Fn(&RequestLine, &RequestAnswer),
) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build()
        .expect("a runtime");
    runtime.block_on(async {
        let (shared, _queues) = config().prepare().expect("a simulator");
        let person = shared.person(&PAGE.into(), "Ana");
        let mid = first_message(&shared, &person);
        let service = TowerToHyperService::new(router(shared.clone(), &Arc::default()));
        for block in blocks(input).take(REQUESTS) {
            let block = replaced(block, b"PERSON", person.as_str().as_bytes());
            let block = replaced(&block, b"MID", mid.as_bytes());
            let end = block.iter().position(|byte| *byte == b'\n');
            let (head, body) = block.split_at(end.unwrap_or(block.len()));
            let Ok(head) = std::str::from_utf8(head) else {
                continue;
            };
            let Some(line) = RequestLine::read(head).filter(&is_meant) else {
                continue;
            };
            let body = body.get(1..).unwrap_or_default();
            if calls_somebody(&line, body) {
                continue;
            }
            if let Some(answer) = send(&service, &line, body).await {
                check(&line, &answer);
            }
            let set_faults = line.path.starts_with("/control/faults");
            if set_faults {
                // A delay would be waited for.
                let none = super::faults::Faults::new(1, Vec::new());
                shared.set_faults(none.expect("no rules are right"));
            }
        }
        for path in ["/control/state", "/control/threads", "/control/timeline"] {
            let line = RequestLine::read(&format!("GET {path}")).expect("a request");
            let answer = send(&service, &line, b"").await.expect("an answer");
            assert_eq!(answer.status, StatusCode::OK, "{path}");
            assert!(answer.json().is_object(), "{path}");
        }
    });
}

fn config() -> ServerConfig {
    let routing = || Routing::to(APP);
    ServerConfig {
        accounts: vec![
            Account::page(PAGE, "Kaffeehaus").routing(routing()),
            Account::instagram(INSTAGRAM, "kaffeehaus", PAGE).routing(routing()),
        ],
        apps: vec![
            SimulatedApp::new(APP, "Live chat").secret("s").token(TOKEN),
            SimulatedApp::new(OTHER_APP, "Shop").secret("s"),
        ],
        behavior: Behavior::default(),
        faults: Vec::new(),
        address: ([127, 0, 0, 1], 0).into(),
        retry_after: Vec::new(),
        seed: 1,
        allowed_hosts: Vec::new(),
    }
}

fn first_message(shared: &Arc<SharedState>, person: &PersonId) -> String {
    let said = shared.act(person, |platform, now| platform.say(person, "hello", now));
    said.map(|mid| mid.to_string()).unwrap_or_default()
}

/// Whether the simulator would look for another program: nothing that is fuzzed leaves the process.
fn calls_somebody(line: &RequestLine, body: &[u8]) -> bool {
    let text = format!("{} {}", line.path, String::from_utf8_lossy(body));
    let is_batch = text.contains("batch") && text.contains('%');
    let path = text.to_ascii_lowercase();
    is_batch || path.contains("subscriptions") || path.contains("callback")
}

async fn send(
    service: &TowerToHyperService<Router>,
    line: &RequestLine,
    body: &[u8],
) -> Option<RequestAnswer> {
    let mut request = Request::builder().method(line.method).uri(&line.path);
    if !line.kind.is_empty() {
        request = request.header(header::CONTENT_TYPE, &line.kind);
    }
    if !line.path.contains("access_token") {
        request = request.header(header::AUTHORIZATION, format!("Bearer {TOKEN}"));
    }
    // What is no request does not get here.
    let request = request.body(Body::from(body.to_vec())).ok()?;
    let answered = async {
        let Ok(response) = service.call(request).await;
        read(response).await
    };
    let answer = tokio::time::timeout(TIMEOUT, answered).await;
    Some(answer.unwrap_or_else(|_| panic!("no answer: {line:?}")))
}

async fn read(response: Response<Body>) -> RequestAnswer {
    let (head, body) = response.into_parts();
    let kind = head.headers.get(header::CONTENT_TYPE);
    let starts =
        |start: &str| kind.is_some_and(|kind| kind.as_bytes().starts_with(start.as_bytes()));
    // A stream of events has no end.
    let body = match starts("text/event-stream") {
        true => Vec::new(),
        false => axum::body::to_bytes(body, usize::MAX)
            .await
            .map(Into::into)
            .unwrap_or_default(),
    };
    RequestAnswer {
        status: head.status,
        is_json: starts("application/json"),
        body,
    }
}

fn blocks(input: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut rest = Some(input);
    std::iter::from_fn(move || {
        let text = rest.take()?;
        let end = text.windows(2).position(|pair| pair == b"\n\n");
        let Some(end) = end else {
            return Some(text);
        };
        rest = Some(&text[end + 2..]);
        Some(&text[..end])
    })
}

fn replaced(text: &[u8], word: &[u8], with: &[u8]) -> Vec<u8> {
    let mut replaced = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.windows(word.len()).position(|window| window == word) {
        replaced.extend_from_slice(&rest[..at]);
        replaced.extend_from_slice(with);
        rest = &rest[at + word.len()..];
    }
    replaced.extend_from_slice(rest);
    replaced
}

#[cfg(test)]
mod tests {
    use handover_testkit::fuzz::fuzz;

    #[test]
    fn graph_api() {
        fuzz("graph_api", super::graph_api);
    }

    #[test]
    fn control_api() {
        fuzz("control_api", super::control_api);
    }
}
