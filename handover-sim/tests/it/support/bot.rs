//! A webhook that writes down what it gets, byte for byte.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, Method, StatusCode, Uri};
use handover_protocol::{Received, read};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

/// One request as it came.
#[derive(Debug, Clone)]
pub(crate) struct Request {
    pub(crate) method: Method,
    pub(crate) uri: Uri,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl Request {
    /// The one event of a webhook.
    pub(crate) fn event(&self) -> Received {
        let mut webhook = read(&self.body).unwrap();
        assert_eq!(webhook.received.len(), 1, "one item per body");
        webhook.received.remove(0)
    }
}

#[derive(Default)]
struct Notebook {
    requests: Mutex<Vec<Request>>,
    answers: Mutex<VecDeque<StatusCode>>,
}

/// Answers 200 to webhooks by default, and answers verifications as a bot should.
pub(crate) struct Bot {
    pub(crate) address: SocketAddr,
    notebook: Arc<Notebook>,
    serving: JoinHandle<()>,
}

/// The token the bot was set up with.
pub(crate) const VERIFY_TOKEN: &str = "a verify token & more";

impl Bot {
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        Self::on(listener)
    }

    pub(crate) fn on(listener: TcpListener) -> Self {
        let address = listener.local_addr().unwrap();
        let notebook = Arc::new(Notebook::default());
        let router = Router::new().fallback(answer).with_state(notebook.clone());
        let serving = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self {
            address,
            notebook,
            serving,
        }
    }

    pub(crate) fn webhook(&self) -> String {
        format!("http://{}/webhook", self.address)
    }

    /// The next webhooks are answered with these, in this order.
    pub(crate) fn answers(&self, statuses: impl IntoIterator<Item = StatusCode>) {
        self.notebook.answers.lock().unwrap().extend(statuses);
    }

    /// Answers 200 again from now on.
    pub(crate) fn answers_no_more(&self) {
        self.notebook.answers.lock().unwrap().clear();
    }

    pub(crate) fn requests(&self) -> Vec<Request> {
        self.notebook.requests.lock().unwrap().clone()
    }

    /// The webhooks alone.
    pub(crate) fn webhooks(&self) -> Vec<Request> {
        let mut requests = self.requests();
        requests.retain(|request| request.method == Method::POST);
        requests
    }

    /// The kinds of the events that came.
    pub(crate) fn kinds(&self) -> Vec<String> {
        let webhooks = self.webhooks().into_iter();
        webhooks
            .map(|request| request.event().event.body.kind().to_owned())
            .collect()
    }
}

impl Drop for Bot {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

async fn answer(
    State(notebook): State<Arc<Notebook>>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> (StatusCode, String) {
    let query = uri.query().unwrap_or_default().to_owned();
    let verification = method == Method::GET;
    notebook.requests.lock().unwrap().push(Request {
        method,
        uri,
        headers,
        body,
    });
    if verification {
        let parameter = |name: &str| {
            url::form_urlencoded::parse(query.as_bytes())
                .find(|(key, _)| key == name)
                .map(|(_, value)| value.into_owned())
                .unwrap_or_default()
        };
        let known = parameter("hub.verify_token") == VERIFY_TOKEN;
        return if known && parameter("hub.mode") == "subscribe" {
            (StatusCode::OK, parameter("hub.challenge"))
        } else {
            (StatusCode::FORBIDDEN, String::new())
        };
    }
    let status = notebook.answers.lock().unwrap().pop_front();
    (
        status.unwrap_or(StatusCode::OK),
        "EVENT_RECEIVED".to_owned(),
    )
}
