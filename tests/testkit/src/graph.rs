//! A stub of the Graph API: it records calls, and answers as the test says.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::time::{Instant, sleep};

use crate::PATIENCE;
pub use crate::server::{Request, Response};

/// Recorded call to the Graph API.
#[derive(Clone, Debug, PartialEq)]
pub struct Call {
    /// Method.
    pub method: String,
    /// Path and query, without an `appsecret_proof`.
    pub path: String,
    /// The header `Authorization`.
    pub authorization: String,
    /// JSON body without the bot's own reference, which differs from call to call.
    pub body: Value,
}

impl Call {
    /// The last part of the path: `messages`, `pass_thread_control` …
    #[must_use]
    pub fn name(&self) -> &str {
        self.path.rsplit('/').next().unwrap_or_default()
    }

    /// The text of a sent message.
    #[must_use]
    pub fn text(&self) -> Option<&str> {
        self.body["message"]["text"].as_str()
    }
}

#[derive(Default)]
struct Record {
    /// Who owns every thread, if anybody.
    owner: Mutex<Option<u64>>,
    held: watch::Sender<bool>,
    requests: Mutex<Vec<Request>>,
    calls: Mutex<Vec<Call>>,
    references: Mutex<Vec<String>>,
    /// Answers to the next calls.
    next: Mutex<VecDeque<Response>>,
    /// The answer to everything.
    always: Mutex<Option<Response>>,
    /// The answer to questions about the owner, in place of the owner.
    owner_refusal: Mutex<Option<Value>>,
    owner_questions: AtomicUsize,
}

/// Stub of the Graph API on loopback. It carries out every call by default.
#[derive(Clone)]
pub struct GraphStub {
    address: SocketAddr,
    record: Arc<Record>,
}

impl GraphStub {
    /// Starts a stub.
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let record = Arc::new(Record::default());
        let of_server = Arc::clone(&record);
        tokio::spawn(crate::server::serve(listener, move |request| {
            let record = Arc::clone(&of_server);
            async move { Some(record.answer(request).await) }
        }));
        Self { address, record }
    }

    /// Starts a stub that answers everything with this; a text is the body of a 200.
    pub async fn answering(response: impl Into<Response>) -> Self {
        let stub = Self::start().await;
        *stub.record.always.lock().unwrap() = Some(response.into());
        stub
    }

    /// The address.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Everything is answered with this from now on.
    pub fn always(&self, status: u16, body: impl Into<String>) {
        let mut response = Response::from(body);
        response.status = status;
        *self.record.always.lock().unwrap() = Some(response);
    }

    /// The next call is answered with this instead of success.
    pub fn next_answer(&self, status: u16, body: Value) {
        self.answer_next(Response::json(status, &body));
    }

    /// The same, and the answer says how long to wait.
    pub fn next_answer_after(&self, retry_after: Duration, status: u16, body: Value) {
        let seconds = retry_after.as_secs().to_string();
        self.answer_next(Response::json(status, &body).header("retry-after", seconds));
    }

    fn answer_next(&self, response: Response) {
        self.record.next.lock().unwrap().push_back(response);
    }

    /// This app owns every thread from now on.
    pub fn owned_by(&self, app: u64) {
        *self.record.owner.lock().unwrap() = Some(app);
    }

    /// Nobody tells who owns a thread: questions are refused with this.
    pub fn refuses_owners(&self, refusal: Value) {
        *self.record.owner_refusal.lock().unwrap() = Some(refusal);
    }

    /// Questions about the owner are answered again.
    pub fn shows_owners(&self) {
        *self.record.owner_refusal.lock().unwrap() = None;
    }

    /// How often somebody asked who owns a thread.
    #[must_use]
    pub fn owner_questions(&self) -> usize {
        self.record.owner_questions.load(Ordering::Relaxed)
    }

    /// Calls are recorded but not answered until [`let_go`](Self::let_go).
    pub fn hold(&self) {
        self.record.held.send_replace(true);
    }

    /// Calls are answered again.
    pub fn let_go(&self) {
        self.record.held.send_replace(false);
    }

    /// The calls so far, questions about the owner left out.
    #[must_use]
    pub fn calls(&self) -> Vec<Call> {
        self.record.calls.lock().unwrap().clone()
    }

    /// The requests since the last time this was called, all of them.
    #[must_use]
    pub fn take_requests(&self) -> Vec<Request> {
        std::mem::take(&mut self.record.requests.lock().unwrap())
    }

    /// The only request since then.
    #[must_use]
    pub fn only_request(&self) -> Request {
        let mut requests = self.take_requests();
        assert_eq!(requests.len(), 1, "{requests:?}");
        requests.remove(0)
    }

    /// The bot's own names for its messages, which it sends as their metadata.
    #[must_use]
    pub fn references(&self) -> Vec<String> {
        self.record.references.lock().unwrap().clone()
    }

    /// The texts sent so far.
    #[must_use]
    pub fn texts(&self) -> Vec<String> {
        let calls = self.calls();
        let texts = calls.iter().filter_map(Call::text);
        texts.map(str::to_owned).collect()
    }

    /// Waits until there are this many calls.
    pub async fn wait_for_calls(&self, count: usize) -> Vec<Call> {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let calls = self.calls();
            if calls.len() >= count {
                return calls;
            }
            let is_late = Instant::now() >= deadline;
            assert!(!is_late, "waited for {count} calls, got {calls:#?}");
            sleep(Duration::from_millis(5)).await;
        }
    }
}

impl Record {
    async fn answer(&self, request: Request) -> Response {
        let mut body = request.json();
        let reference = take_reference(&mut body);
        let call = Call {
            method: request.method.to_string(),
            path: without_proof(&request.uri.to_string()),
            authorization: request.header("authorization").to_owned(),
            body,
        };
        self.requests.lock().unwrap().push(request);
        let always = || self.always.lock().unwrap().clone();
        if let Some(response) = always() {
            return response;
        }
        if call.name().starts_with("thread_owner") {
            return self.owner();
        }
        let success = {
            let mut calls = self.calls.lock().unwrap();
            let success = match call.name() {
                "messages" => {
                    let mid = format!("m_out_{}", calls.len());
                    json!({ "recipient_id": call.body["recipient"]["id"], "message_id": mid })
                }
                _ => json!({ "success": true }),
            };
            calls.push(call);
            self.references.lock().unwrap().extend(reference);
            success
        };
        let mut held = self.held.subscribe();
        held.wait_for(|held| !held).await.unwrap();
        let next = self.next.lock().unwrap().pop_front();
        next.unwrap_or_else(|| Response::json(200, &success))
    }

    fn owner(&self) -> Response {
        self.owner_questions.fetch_add(1, Ordering::Relaxed);
        if let Some(refusal) = &*self.owner_refusal.lock().unwrap() {
            return Response::json(400, refusal);
        }
        let owner = *self.owner.lock().unwrap();
        let owner = owner.map(|app| json!({ "thread_owner": { "app_id": app.to_string() } }));
        Response::json(200, &json!({ "data": Vec::from_iter(owner) }))
    }
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

/// The same address without `appsecret_proof`, which nearly every call has.
fn without_proof(uri: &str) -> String {
    let Some((path, query)) = uri.split_once('?') else {
        return uri.to_owned();
    };
    let others = query
        .split('&')
        .filter(|it| !it.starts_with("appsecret_proof="));
    match Vec::from_iter(others).join("&") {
        others if others.is_empty() => path.to_owned(),
        others => format!("{path}?{others}"),
    }
}
