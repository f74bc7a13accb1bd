//! One request to the Graph API, before it leaves.

use reqwest::header::CONTENT_TYPE;
use reqwest::{Body, RequestBuilder};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::answer::Accepted;
use super::client::Graph;
use super::error::GraphError;
use super::routing::Endpoint;

/// A call that is being put together.
pub(super) struct Request<'graph> {
    pub(super) graph: &'graph Graph,
    pub(super) endpoint: Endpoint,
    /// What the path begins with, where that is neither the Page nor `me`.
    pub(super) object: String,
    pub(super) query: Vec<(&'static str, String)>,
    body: Result<Option<Content>, GraphError>,
}

struct Content {
    kind: String,
    bytes: Body,
}

impl<'graph> Request<'graph> {
    pub(super) fn new(graph: &'graph Graph, endpoint: Endpoint) -> Self {
        Self {
            graph,
            endpoint,
            object: String::new(),
            query: Vec::new(),
            body: Ok(None),
        }
    }

    /// About this: a person, a label, a conversation …
    pub(super) fn about(mut self, id: impl Into<String>) -> Self {
        self.object = id.into();
        self
    }

    pub(super) fn query(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.query.push((name, value.into()));
        self
    }

    pub(super) fn json(mut self, body: &(impl Serialize + ?Sized)) -> Self {
        let endpoint = self.endpoint;
        self.body = match serde_json::to_vec(body) {
            Ok(bytes) => Ok(Some(Content {
                kind: "application/json".to_owned(),
                bytes: bytes.into(),
            })),
            Err(source) => Err(GraphError::Unwritable { endpoint, source }),
        };
        self
    }

    pub(super) fn body(mut self, kind: String, bytes: impl Into<Body>) -> Self {
        let bytes = bytes.into();
        self.body = Ok(Some(Content { kind, bytes }));
        self
    }

    /// Makes the call.
    pub(super) async fn answer<T: DeserializeOwned>(self) -> Result<T, GraphError> {
        self.graph.exchange(self).await
    }

    /// Makes a call whose answer says no more than that it was carried out.
    pub(super) async fn done(self) -> Result<(), GraphError> {
        self.answer::<Accepted>().await.map(|Accepted| ())
    }

    pub(super) fn fill(self, request: RequestBuilder) -> Result<RequestBuilder, GraphError> {
        Ok(match self.body? {
            Some(Content { kind, bytes }) => request.header(CONTENT_TYPE, kind).body(bytes),
            None => request,
        })
    }
}
