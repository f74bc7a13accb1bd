//! People: profiles, linked accounts, moderation.

use handover_protocol::{
    LinkedAccount, ModerateConversations, ModerationAction, Object, PersonId, UnlinkAccount,
    UserProfile,
};

use super::client::Graph;
use super::error::GraphError;
use super::routing::Endpoint;

impl Graph {
    /// Returns the profile of a person. Fields that the app may not see are `None`, possibly all.
    ///
    /// # Errors
    ///
    /// See [`GraphError`].
    pub async fn user_profile(&self, person: &PersonId) -> Result<UserProfile, GraphError> {
        let fields = if *self.product() == Object::Instagram {
            UserProfile::INSTAGRAM_FIELDS
        } else {
            UserProfile::MESSENGER_FIELDS
        };
        let request = self.request(Endpoint::UserProfile).about(person.as_str());
        request.query("fields", fields).answer().await
    }

    /// Returns the person who is about to link an account, by the token that the login page received. The
    /// token is valid for 5 minutes.
    ///
    /// # Errors
    ///
    /// See [`GraphError`].
    pub async fn linked_account(
        &self,
        account_linking_token: &str,
    ) -> Result<LinkedAccount, GraphError> {
        let request = self.request(Endpoint::LinkedAccount);
        let request = request.query("fields", "recipient");
        let request = request.query("account_linking_token", account_linking_token);
        request.answer().await
    }

    /// Unlinks the person's linked account.
    ///
    /// # Errors
    ///
    /// See [`GraphError`].
    pub async fn unlink_account(&self, person: &PersonId) -> Result<(), GraphError> {
        let body = UnlinkAccount {
            psid: person.clone(),
            ..UnlinkAccount::default()
        };
        let request = self.request(Endpoint::UnlinkAccounts);
        request.json(&body).done().await
    }

    /// Blocks or bans people, moves them to spam, or undoes that. Limits: 10 people and 2 actions.
    ///
    /// # Errors
    ///
    /// See [`GraphError`].
    pub async fn moderate(
        &self,
        people: impl IntoIterator<Item = PersonId>,
        actions: impl IntoIterator<Item = ModerationAction>,
    ) -> Result<(), GraphError> {
        let body = ModerateConversations::new(people, actions);
        body.check()?;
        let request = self.request(Endpoint::ModerateConversations);
        request.json(&body).done().await
    }
}
