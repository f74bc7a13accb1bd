//! A stand-in for the Graph API on loopback: it records what it is asked and answers what it is told.

#![allow(dead_code, reason = "each test file uses a part of it")]

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::{HeaderMap, Method, Response, Uri};
use handover_runtime::graph::{Graph, GraphSettings};
use url::Url;

pub(crate) const PAGE: &str = "1744550565845823";
pub(crate) const PERSON: &str = "1254477777772919";
pub(crate) const TOKEN: &str = "EAAB-token-of-the-page";

/// One request as it arrived.
#[derive(Clone, Debug)]
pub(crate) struct Recorded {
    pub(crate) method: Method,
    pub(crate) uri: Uri,
    pub(crate) headers: HeaderMap,
    pub(crate) body: String,
}

/// What to answer.
#[derive(Clone, Debug)]
pub(crate) struct Prepared {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) body: String,
}

#[derive(Clone)]
pub(crate) struct Stub {
    pub(crate) url: Url,
    shared: Arc<Mutex<(Vec<Recorded>, Prepared)>>,
}

impl Stub {
    /// Answers everything with 200 and this body.
    pub(crate) async fn answering(body: impl Into<String>) -> Self {
        Self::start(Prepared {
            status: 200,
            headers: Vec::new(),
            body: body.into(),
        })
        .await
    }

    pub(crate) async fn start(answer: Prepared) -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let stub = Self {
            url: url.parse().unwrap(),
            shared: Arc::new(Mutex::new((Vec::new(), answer))),
        };
        let router = Router::new().fallback(record).with_state(stub.clone());
        tokio::spawn(async { axum::serve(listener, router).await });
        stub
    }

    /// What to answer from now on.
    pub(crate) fn prepare(&self, status: u16, body: impl Into<String>) {
        self.shared.lock().unwrap().1 = Prepared {
            status,
            headers: Vec::new(),
            body: body.into(),
        };
    }

    pub(crate) fn settings(&self) -> GraphSettings {
        GraphSettings::new(PAGE, TOKEN).base_url(self.url.clone())
    }

    pub(crate) fn graph(&self) -> Graph {
        Graph::new(self.settings()).unwrap()
    }

    /// The requests since the last time this was called.
    pub(crate) fn take(&self) -> Vec<Recorded> {
        std::mem::take(&mut self.shared.lock().unwrap().0)
    }

    /// The only request since then.
    pub(crate) fn only(&self) -> Recorded {
        let requests = self.take();
        assert_eq!(requests.len(), 1, "{requests:?}");
        requests.into_iter().next().unwrap()
    }
}

async fn record(
    State(stub): State<Stub>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response<Body> {
    let mut shared = stub.shared.lock().unwrap();
    shared.0.push(Recorded {
        method,
        uri,
        headers,
        body: String::from_utf8(body.to_vec()).unwrap(),
    });
    let answer = &shared.1;
    let mut response = Response::builder().status(answer.status);
    for (name, value) in &answer.headers {
        response = response.header(*name, value);
    }
    response.body(Body::from(answer.body.clone())).unwrap()
}
