//! Several calls in one request.

use std::future::IntoFuture;

use handover_protocol::{
    BatchItem, BatchRequest, BatchResponse, PersonId, SendResponse, UserProfile,
};
use serde::Deserialize;

use super::client::{CallFuture, Graph};
use super::error::GraphError;
use super::request::Request;
use super::routing::Endpoint;

impl Graph {
    /// Makes up to 50 calls in one request. They run concurrently, in any order, and each counts for the
    /// limits. A failed call does not affect the others.
    ///
    /// Use it to save round trips where order does not matter. The bot's own messages are never sent this
    /// way: a batch does not keep the order of a thread, and if its response is lost, nobody knows which
    /// calls were made.
    ///
    /// ```no_run
    /// # async fn example(graph: handover_runtime::graph::Graph) -> Result<(), handover_runtime::graph::GraphError> {
    /// # let people: [handover_protocol::PersonId; 0] = [];
    /// let mut batch = graph.batch();
    /// for person in &people {
    ///     batch = batch.user_profile(person);
    /// }
    /// for answer in batch.await?.into_iter().flatten() {
    ///     println!("{} {:?}", answer.code, answer.json());
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn batch(&self) -> BatchCall<'_> {
        BatchCall {
            graph: self,
            items: Vec::new(),
        }
    }
}

/// A [batch](Graph::batch), sent when awaited. Returns the results in the order of the calls; a call that did
/// not finish in time has none, and may have been carried out.
#[derive(Clone, Debug)]
#[must_use = "the calls are made when this is awaited"]
pub struct BatchCall<'graph> {
    graph: &'graph Graph,
    items: Vec<BatchItem>,
}

impl BatchCall<'_> {
    /// Adds a call. Its address begins with the version or with a node, such as `me/personas`.
    pub fn item(mut self, item: BatchItem) -> Self {
        self.items.push(item);
        self
    }

    /// Adds a query for a person's profile.
    pub fn user_profile(self, person: &PersonId) -> Self {
        let fields = match self.graph.platform() {
            Some(_) => UserProfile::INSTAGRAM_FIELDS,
            None => UserProfile::MESSENGER_FIELDS,
        };
        self.item(BatchItem::get(format!("{person}?fields={fields}")))
    }
}

impl<'graph> IntoFuture for BatchCall<'graph> {
    type Output = Result<Vec<Option<BatchResponse>>, GraphError>;
    type IntoFuture = CallFuture<'graph, Vec<Option<BatchResponse>>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move {
            let batch = BatchRequest {
                batch: self.items,
                include_headers: Some(false),
                ..BatchRequest::default()
            };
            batch.check()?;
            let request = Request::new(self.graph, Endpoint::Batch);
            let answers: Vec<Option<BatchResponse>> = request.json(&batch).answer().await?;
            for answer in answers.iter().flatten() {
                let Some(json) = answer.json() else {
                    continue;
                };
                // Only messages have such a response.
                if let Ok(SendResponse {
                    recipient_id,
                    message_id: Some(mid),
                    ..
                }) = SendResponse::deserialize(&json)
                {
                    self.graph.note_sent(0, recipient_id, Some(mid)).await;
                }
            }
            Ok(answers)
        })
    }
}
