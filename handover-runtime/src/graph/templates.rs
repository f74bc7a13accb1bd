//! Templates of utility messages, which the platform approves before they can be sent.

use handover_protocol::MessageTemplate;
use serde::Serialize;

use super::client::Graph;
use super::error::GraphError;
use super::routing::Endpoint;

impl Graph {
    /// Submits a template of utility messages for approval. Then
    /// [`SendCall::utility`](super::SendCall::utility) sends it. The template is JSON with `name`,
    /// `language`, `category` and `components`.
    ///
    /// # Errors
    ///
    /// See [`GraphError`].
    pub async fn create_message_template(
        &self,
        template: &(impl Serialize + ?Sized),
    ) -> Result<MessageTemplate, GraphError> {
        let request = self.request(Endpoint::MessageTemplates);
        request.json(template).answer().await
    }
}
