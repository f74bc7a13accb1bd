//! A Graph API that records every call and answers as told.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::http::header::{AUTHORIZATION, CONTENT_TYPE, RETRY_AFTER};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::watch;

/// How long a call is waited for.
const PATIENCE: Duration = Duration::from_secs(10);

/// One recorded call.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Call {
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) authorization: String,
    /// Without the reference, which differs from call to call.
    pub(crate) body: Value,
}

impl Call {
    /// The last part of the path: `messages`, `pass_thread_control` …
    pub(crate) fn name(&self) -> &str {
        self.path.rsplit('/').next().unwrap_or_default()
    }

    /// The text of a sent message.
    pub(crate) fn text(&self) -> Option<&str> {
        self.body["message"]["text"].as_str()
    }
}

#[derive(Default)]
struct Record {
    /// Who owns every thread, if anybody.
    owner: Mutex<Option<u64>>,
    held: watch::Sender<bool>,
    calls: Mutex<Vec<Call>>,
    references: Mutex<Vec<String>>,
    answers: Mutex<VecDeque<Scripted>>,
    /// The answer to questions about the owner, in place of the owner.
    owner_refusal: Mutex<Option<Value>>,
    owner_questions: AtomicUsize,
}

/// An answer that a test asked for.
struct Scripted {
    status: StatusCode,
    body: Value,
    retry_after: Option<Duration>,
}

/// The stub, listening on loopback until the test ends.
#[derive(Clone)]
pub(crate) struct GraphStub {
    address: SocketAddr,
    record: Arc<Record>,
}

impl GraphStub {
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let record = Arc::new(Record::default());
        let router = Router::new().fallback(answer).with_state(record.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { address, record }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The next call is answered with this instead of success.
    pub(crate) fn next_answer(&self, status: u16, body: Value) {
        self.script(status, body, None);
    }

    /// The same, and the answer says how long to wait.
    pub(crate) fn next_answer_after(&self, retry_after: Duration, status: u16, body: Value) {
        self.script(status, body, Some(retry_after));
    }

    fn script(&self, status: u16, body: Value, retry_after: Option<Duration>) {
        let scripted = Scripted {
            status: StatusCode::from_u16(status).unwrap(),
            body,
            retry_after,
        };
        self.record.answers.lock().unwrap().push_back(scripted);
    }

    /// Who owns every thread from now on.
    pub(crate) fn owned_by(&self, app: u64) {
        *self.record.owner.lock().unwrap() = Some(app);
    }

    /// Nobody tells who owns a thread: questions are refused with this.
    pub(crate) fn refuses_owners(&self, refusal: Value) {
        *self.record.owner_refusal.lock().unwrap() = Some(refusal);
    }

    /// How often somebody asked who owns a thread.
    pub(crate) fn owner_questions(&self) -> usize {
        self.record.owner_questions.load(Ordering::Relaxed)
    }

    /// Calls are recorded but not answered until [`let_go`](Self::let_go).
    pub(crate) fn hold(&self) {
        self.record.held.send_replace(true);
    }

    pub(crate) fn let_go(&self) {
        self.record.held.send_replace(false);
    }

    /// What was called, questions about the owner left out.
    pub(crate) fn calls(&self) -> Vec<Call> {
        self.record.calls.lock().unwrap().clone()
    }

    /// The bot's own names for its messages, which it sends as their metadata.
    pub(crate) fn references(&self) -> Vec<String> {
        self.record.references.lock().unwrap().clone()
    }

    /// The texts sent so far.
    pub(crate) fn texts(&self) -> Vec<String> {
        self.calls()
            .iter()
            .filter_map(|call| call.text().map(str::to_owned))
            .collect()
    }

    /// The calls once there are this many.
    pub(crate) async fn wait_for_calls(&self, count: usize) -> Vec<Call> {
        let deadline = tokio::time::Instant::now() + PATIENCE;
        loop {
            let calls = self.calls();
            if calls.len() >= count {
                return calls;
            }
            assert!(
                tokio::time::Instant::now() < deadline,
                "waited for {count} calls, got {calls:#?}"
            );
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }
}

async fn answer(State(record): State<Arc<Record>>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let body = axum::body::to_bytes(body, 1 << 20).await.unwrap();
    let header = |name| {
        parts
            .headers
            .get(name)
            .and_then(|v| v.to_str().ok())
            .unwrap_or_default()
    };
    let mut body = serde_json::from_slice(&body).unwrap_or(Value::Null);
    let reference = take_reference(&mut body);
    let call = Call {
        method: parts.method.to_string(),
        path: parts.uri.to_string(),
        authorization: header(AUTHORIZATION).to_owned(),
        body,
    };
    if call.name().starts_with("thread_owner") {
        record.owner_questions.fetch_add(1, Ordering::Relaxed);
        if let Some(refusal) = record.owner_refusal.lock().unwrap().clone() {
            return answered(StatusCode::BAD_REQUEST, &refusal);
        }
        let owner = *record.owner.lock().unwrap();
        let owner = owner.map(|app| json!({ "thread_owner": { "app_id": app.to_string() } }));
        return answered(StatusCode::OK, &json!({ "data": Vec::from_iter(owner) }));
    }
    let success = {
        let mut calls = record.calls.lock().unwrap();
        let success = match call.name() {
            "messages" => {
                let mid = format!("m_out_{}", calls.len());
                json!({ "recipient_id": call.body["recipient"]["id"], "message_id": mid })
            }
            _ => json!({ "success": true }),
        };
        calls.push(call);
        record.references.lock().unwrap().extend(reference);
        success
    };
    record
        .held
        .subscribe()
        .wait_for(|held| !held)
        .await
        .unwrap();
    let scripted = record.answers.lock().unwrap().pop_front();
    let Some(scripted) = scripted else {
        return answered(StatusCode::OK, &success);
    };
    let mut response = answered(scripted.status, &scripted.body);
    if let Some(time) = scripted.retry_after {
        let seconds = time.as_secs().into();
        response.headers_mut().insert(RETRY_AFTER, seconds);
    }
    response
}

fn take_reference(body: &mut Value) -> Option<String> {
    let message = body.get_mut("message")?.as_object_mut()?;
    let reference = message.get("metadata")?.as_str()?;
    let reference = reference
        .starts_with("handover:")
        .then(|| reference.to_owned())?;
    message.remove("metadata");
    Some(reference)
}

fn answered(status: StatusCode, body: &Value) -> Response {
    let kind = [(CONTENT_TYPE, "application/json")];
    (status, kind, body.to_string()).into_response()
}
