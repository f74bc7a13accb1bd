//! Conversations API. Limit: 2 calls per second for each account.

use handover_protocol::{Conversation, ConversationMessage, PersonId};

use super::client::Graph;
use super::error::GraphError;
use super::listing::ListCall;
use super::routing::Endpoint;

impl Graph {
    /// Lists the account's conversations, the newest first.
    pub fn conversations(&self) -> ListCall<'_, Conversation> {
        let platform = self.platform().unwrap_or("messenger");
        ListCall::new(self, Endpoint::Conversations).query("platform", platform)
    }

    /// Lists the account's conversation with this person: one, or none.
    pub fn conversations_with(&self, person: &PersonId) -> ListCall<'_, Conversation> {
        self.conversations().query("user_id", person.as_str())
    }

    /// Returns a conversation: its participants, whether the bot owns it, and its newest messages.
    ///
    /// # Errors
    ///
    /// See [`GraphError`].
    pub async fn conversation(&self, id: &str) -> Result<Conversation, GraphError> {
        let request = self.request(Endpoint::Conversation).about(id);
        request
            .query("fields", "updated_time,participants,messages,is_owner")
            .answer()
            .await
    }

    /// Returns a message. Limit: the newest 20 of a conversation.
    ///
    /// # Errors
    ///
    /// See [`GraphError`].
    pub async fn message(&self, mid: &str) -> Result<ConversationMessage, GraphError> {
        let request = self.request(Endpoint::Message).about(mid);
        request
            .query("fields", "id,created_time,from,to,message,reply_to")
            .answer()
            .await
    }
}
