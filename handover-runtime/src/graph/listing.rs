//! Paginated lists.

use std::future::IntoFuture;
use std::marker::PhantomData;

use handover_protocol::Listing;
use serde::de::DeserializeOwned;

use super::client::{CallFuture, Graph};
use super::error::GraphError;
use super::request::Request;
use super::routing::Endpoint;

/// A paginated list: awaited, it returns one page; [`all`](Self::all) returns every row.
///
/// ```no_run
/// # async fn example(graph: handover_runtime::graph::Graph) -> Result<(), handover_runtime::graph::GraphError> {
/// let first = graph.personas().limit(10).await?;
/// if let Some(cursor) = first.next() {
///     let second = graph.personas().limit(10).after(cursor).await?;
///     println!("{}", second.data.len());
/// }
/// let all = graph.personas().all().await?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
#[must_use = "the call is made when this is awaited"]
pub struct ListCall<'graph, T> {
    graph: &'graph Graph,
    endpoint: Endpoint,
    object: String,
    query: Vec<(&'static str, String)>,
    after: Option<String>,
    rows: PhantomData<fn() -> T>,
}

impl<'graph, T: DeserializeOwned> ListCall<'graph, T> {
    pub(super) fn new(graph: &'graph Graph, endpoint: Endpoint) -> Self {
        Self {
            graph,
            endpoint,
            object: String::new(),
            query: Vec::new(),
            after: None,
            rows: PhantomData,
        }
    }

    pub(super) fn about(mut self, id: impl Into<String>) -> Self {
        self.object = id.into();
        self
    }

    pub(super) fn query(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.query.push((name, value.into()));
        self
    }

    /// Limits the rows of a page.
    pub fn limit(self, rows: u32) -> Self {
        self.query("limit", rows.to_string())
    }

    /// Continues after this cursor, from [`Listing::next`].
    pub fn after(mut self, cursor: impl Into<String>) -> Self {
        self.after = Some(cursor.into());
        self
    }

    /// Returns the rows of all pages, one request for each.
    ///
    /// # Errors
    ///
    /// See [`GraphError`].
    pub async fn all(mut self) -> Result<Vec<T>, GraphError> {
        let mut rows = Vec::new();
        loop {
            let piece = self.piece().await?;
            let next = piece.next().map(str::to_owned);
            rows.extend(piece.data);
            // A cursor that stays the same would never end.
            if next.is_none() || next == self.after {
                return Ok(rows);
            }
            self.after = next;
        }
    }

    async fn piece(&self) -> Result<Listing<T>, GraphError> {
        let mut request = Request::new(self.graph, self.endpoint).about(&self.object);
        request.query.clone_from(&self.query);
        if let Some(cursor) = &self.after {
            request = request.query("after", cursor);
        }
        request.answer().await
    }
}

impl<'graph, T: DeserializeOwned + Send + 'graph> IntoFuture for ListCall<'graph, T> {
    type Output = Result<Listing<T>, GraphError>;
    type IntoFuture = CallFuture<'graph, Listing<T>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move { self.piece().await })
    }
}
