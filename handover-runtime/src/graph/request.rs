//! A request to the Graph API.

use std::time::Duration;

use bytes::Bytes;
use handover_protocol::Timestamp;
use hyper::Uri;
use hyper::header::{AUTHORIZATION, CONTENT_TYPE, DATE, HeaderValue, USER_AGENT};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::answer::AnySuccess;
use super::client::Graph;
use super::credentials::Credentials;
use super::error::GraphError;
use super::routing::Endpoint;
use super::timeout::UPLOAD_TIMEOUT;
use crate::http::{HttpBody, HttpRequest, HttpResponse, SendCondition};
use crate::recording::GraphCallRecord;

const THIS_PROGRAM: &str = concat!("handover/", env!("CARGO_PKG_VERSION"));

/// A request that is being built.
pub(super) struct Request<'graph> {
    pub(super) graph: &'graph Graph,
    pub(super) endpoint: Endpoint,
    /// First segment of the path, if it is neither the Page nor `me`.
    pub(super) object: String,
    pub(super) query: Vec<(&'static str, String)>,
    pub(super) content: Result<Option<RequestBody>, GraphError>,
    /// How long at least to wait for the response.
    pub(super) at_least: Duration,
}

/// A body.
pub(super) struct RequestBody {
    /// The media type.
    pub(super) kind: HeaderValue,
    pub(super) bytes: Bytes,
}

impl RequestBody {
    pub(super) fn json(
        endpoint: Endpoint,
        body: &(impl Serialize + ?Sized),
    ) -> Result<Self, GraphError> {
        match serde_json::to_vec(body) {
            Ok(bytes) => Ok(Self {
                kind: HeaderValue::from_static("application/json"),
                bytes: bytes.into(),
            }),
            Err(source) => Err(GraphError::Unwritable { endpoint, source }),
        }
    }
}

/// A request that can be sent.
pub(super) struct PreparedRequest {
    pub(super) endpoint: Endpoint,
    pub(super) uri: Uri,
    pub(super) content: Option<RequestBody>,
    /// What has to hold when it is written.
    pub(super) condition: Option<SendCondition>,
    /// How long to wait for the response.
    pub(super) within: Duration,
}

impl PreparedRequest {
    pub(super) fn http(&self, credentials: &Credentials) -> HttpRequest {
        let mut http = HttpRequest::default();
        *http.method_mut() = self.endpoint.method();
        *http.uri_mut() = self.uri.clone();
        let headers = http.headers_mut();
        headers.insert(USER_AGENT, HeaderValue::from_static(THIS_PROGRAM));
        headers.insert(AUTHORIZATION, credentials.header().clone());
        if let Some(RequestBody { kind, bytes }) = &self.content {
            headers.insert(CONTENT_TYPE, kind.clone());
            *http.body_mut() = HttpBody::from(bytes.clone()).only_if(self.condition.clone());
        }
        http
    }
}

impl PreparedRequest {
    /// What a recording gets of the request and its response.
    pub(super) fn record(&self, answer: Option<&HttpResponse>) -> GraphCallRecord {
        let date = |answer: &HttpResponse| {
            let date = answer.headers.get(DATE)?.to_str().ok()?;
            Some(date.to_owned())
        };
        GraphCallRecord {
            at: Timestamp::from_millis(0),
            took: Duration::ZERO,
            account: String::new(),
            method: self.endpoint.method(),
            uri: self.uri.clone(),
            body: self.content.as_ref().map(|body| {
                let is_json = body.kind.as_bytes() == b"application/json";
                (body.bytes.clone(), is_json)
            }),
            answer: answer.map(|it| (it.status.as_u16(), date(it), it.body.clone())),
        }
    }
}

impl<'graph> Request<'graph> {
    pub(super) fn new(graph: &'graph Graph, endpoint: Endpoint) -> Self {
        Self {
            graph,
            endpoint,
            object: String::new(),
            query: Vec::new(),
            content: Ok(None),
            at_least: match endpoint {
                Endpoint::MessageAttachments => UPLOAD_TIMEOUT,
                _ => Duration::ZERO,
            },
        }
    }

    /// Sets the object: a person, a label, a conversation …
    pub(super) fn about(mut self, id: impl Into<String>) -> Self {
        self.object = id.into();
        self
    }

    pub(super) fn query(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.query.push((name, value.into()));
        self
    }

    pub(super) fn json(mut self, body: &(impl Serialize + ?Sized)) -> Self {
        self.content = RequestBody::json(self.endpoint, body).map(Some);
        self
    }

    pub(super) fn form(mut self, form: RequestBody) -> Self {
        self.content = Ok(Some(form));
        self
    }

    /// Waits for the response so long at least.
    pub(super) fn at_least(self, at_least: Duration) -> Self {
        Self { at_least, ..self }
    }

    /// Makes the call.
    pub(super) fn answer<T: DeserializeOwned>(
        self,
    ) -> impl Future<Output = Result<T, GraphError>> + Send + use<'graph, T> {
        self.graph.exchange(self)
    }

    /// Makes a call whose response only confirms it.
    pub(super) async fn done(self) -> Result<(), GraphError> {
        self.answer::<AnySuccess>().await.map(|AnySuccess| ())
    }
}
