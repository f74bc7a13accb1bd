//! Webhook subscriptions of the apps to a Page.

use handover_protocol::{Listing, SubscribedApp};

use super::client::Graph;
use super::error::GraphError;
use super::routing::Endpoint;

impl Graph {
    /// Lists the apps that are subscribed to the Page, with their fields.
    ///
    /// # Errors
    ///
    /// See [`GraphError`].
    pub async fn subscribed_apps(&self) -> Result<Vec<SubscribedApp>, GraphError> {
        let request = self.request(Endpoint::SubscribedApps);
        let answer: Listing<SubscribedApp> = request.answer().await?;
        Ok(answer.data)
    }

    /// Subscribes this app to the Page. Replaces the fields it had. The app itself needs the fields too:
    /// [`AppGraph::subscribe`](super::AppGraph::subscribe).
    ///
    /// ```no_run
    /// # async fn example(graph: handover_runtime::graph::Graph) -> Result<(), handover_runtime::graph::GraphError> {
    /// graph.subscribe(["messages", "messaging_postbacks", "messaging_handovers"]).await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// See [`GraphError`].
    pub async fn subscribe<F: AsRef<str>>(
        &self,
        fields: impl IntoIterator<Item = F>,
    ) -> Result<(), GraphError> {
        let fields: Vec<_> = fields.into_iter().collect();
        let fields: Vec<_> = fields.iter().map(AsRef::as_ref).collect();
        let body = serde_json::json!({ "subscribed_fields": fields.join(",") });
        let request = self.request(Endpoint::SubscribeApp);
        request.json(&body).done().await
    }

    /// Deletes this app's subscription to the Page: its webhooks stop.
    ///
    /// # Errors
    ///
    /// See [`GraphError`].
    pub async fn unsubscribe(&self) -> Result<(), GraphError> {
        self.request(Endpoint::UnsubscribeApp).done().await
    }
}
