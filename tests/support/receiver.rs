//! A server that receives the notices of a bot, with answers that the test chooses.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::Value;
use tokio::net::TcpListener;
use tokio::sync::watch;

use super::wait::until;

/// One request that was received.
#[derive(Clone, Debug)]
pub(crate) struct Received {
    pub(crate) path: String,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
}

impl Received {
    pub(crate) fn body(&self) -> Value {
        serde_json::from_str(&self.text).unwrap()
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        let value = self.headers.get(name).map(|value| value.to_str().unwrap());
        value.unwrap_or_default()
    }

    /// What happened, as a webhook says it.
    pub(crate) fn kind(&self) -> String {
        self.body()["type"].as_str().unwrap_or_default().to_owned()
    }
}

#[derive(Default)]
struct Record {
    held: watch::Sender<bool>,
    received: Mutex<Vec<Received>>,
    answers: Mutex<VecDeque<Answer>>,
    /// The answer where none is scripted; 200 if it is zero.
    usual: Mutex<u16>,
}

type Answer = (u16, Vec<(&'static str, String)>, String);

/// The server, listening on loopback until the test ends.
#[derive(Clone)]
pub(crate) struct Receiver {
    address: SocketAddr,
    record: Arc<Record>,
}

impl Receiver {
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let record = Arc::new(Record::default());
        let router = Router::new().fallback(answer).with_state(record.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { address, record }
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// The next request is answered with this instead of 200.
    pub(crate) fn next_answer(&self, status: u16) {
        self.next_answer_with(status, Vec::new(), "");
    }

    pub(crate) fn next_answer_with(
        &self,
        status: u16,
        headers: Vec<(&'static str, String)>,
        body: &str,
    ) {
        let answer = (status, headers, body.to_owned());
        self.record.answers.lock().unwrap().push_back(answer);
    }

    /// All requests are answered with this from now on.
    pub(crate) fn answers(&self, status: u16) {
        *self.record.usual.lock().unwrap() = status;
    }

    /// Requests are recorded but not answered until [`let_go`](Self::let_go).
    pub(crate) fn hold(&self) {
        self.record.held.send_replace(true);
    }

    pub(crate) fn let_go(&self) {
        self.record.held.send_replace(false);
    }

    pub(crate) fn all(&self) -> Vec<Received> {
        self.record.received.lock().unwrap().clone()
    }

    /// The requests, once there are so many.
    pub(crate) async fn received(&self, count: usize) -> Vec<Received> {
        until(&format!("{count} requests"), async || {
            let all = self.all();
            match all.len() >= count {
                true => Ok(all),
                false => Err(format!("{all:#?}")),
            }
        })
        .await
    }
}

async fn answer(State(record): State<Arc<Record>>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let body = axum::body::to_bytes(body, 1 << 20).await.unwrap();
    record.received.lock().unwrap().push(Received {
        path: parts.uri.to_string(),
        headers: parts.headers,
        text: String::from_utf8(body.to_vec()).unwrap(),
    });
    record
        .held
        .subscribe()
        .wait_for(|held| !held)
        .await
        .unwrap();
    let scripted = record.answers.lock().unwrap().pop_front();
    let usual = *record.usual.lock().unwrap();
    let (status, headers, body) = scripted.unwrap_or((usual.max(200), Vec::new(), String::new()));
    let mut response = (StatusCode::from_u16(status).unwrap(), body).into_response();
    for (name, value) in headers {
        response.headers_mut().insert(name, value.parse().unwrap());
    }
    response
}
