//! Calls on behalf of a user who manages Pages.

use handover_protocol::{AccessToken, AccountId, PageToken};
use secrecy::SecretString;

use super::client::Graph;
use super::error::GraphError;
use super::listing::ListCall;
use super::routing::Endpoint;

/// The Graph API on behalf of a user who manages Pages, with the user's access token. Use it to obtain Page
/// access tokens.
///
/// ```no_run
/// # async fn example(graph: handover_runtime::graph::Graph) -> Result<(), handover_runtime::graph::GraphError> {
/// let person = graph.as_user("EAAB…")?;
/// for page in person.page_tokens().all().await? {
///     println!("{} {:?}", page.id, page.tasks);
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct UserGraph(Graph);

impl Graph {
    /// Returns a client that acts as a user.
    ///
    /// # Errors
    ///
    /// If the token is malformed.
    pub fn as_user(&self, access_token: impl Into<SecretString>) -> Result<UserGraph, GraphError> {
        self.for_page("me", access_token).map(UserGraph)
    }
}

impl UserGraph {
    /// Lists the Pages that the user manages, each with its access token.
    pub fn page_tokens(&self) -> ListCall<'_, PageToken> {
        ListCall::new(&self.0, Endpoint::Accounts)
    }

    /// Returns the access token of one Page.
    ///
    /// # Errors
    ///
    /// See [`GraphError`].
    pub async fn page_token(&self, page: &AccountId) -> Result<AccessToken, GraphError> {
        let request = self.0.request(Endpoint::PageToken).about(page.as_str());
        request.query("fields", "access_token").answer().await
    }
}
