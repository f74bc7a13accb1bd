//! Calls of the app itself, with its id and secret.

use std::fmt;

use handover_protocol::{
    AccessToken, AppId, AppSubscription, DebugToken, DebuggedToken, IdForPage, Listing, Sticker,
    StickerPack,
};
use secrecy::{ExposeSecret, SecretString};

use super::client::Graph;
use super::error::GraphError;
use super::listing::ListCall;
use super::routing::Endpoint;

/// The Graph API of the app itself: webhook subscriptions, access tokens, stickers.
///
/// ```no_run
/// # async fn example(graph: handover_runtime::graph::Graph) -> Result<(), handover_runtime::graph::GraphError> {
/// let app = graph.as_app("1517776481860111", "the app secret")?;
/// let about = app.debug_token("EAAB…").await?;
/// println!("{}", about.is_valid);
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct AppGraph {
    graph: Graph,
    app_id: AppId,
    secret: SecretString,
}

impl Graph {
    /// Returns a client that acts as the app.
    ///
    /// # Errors
    ///
    /// If the id or the secret is malformed.
    pub fn as_app(
        &self,
        app_id: impl Into<AppId>,
        app_secret: impl Into<SecretString>,
    ) -> Result<AppGraph, GraphError> {
        let (app_id, secret) = (app_id.into(), app_secret.into());
        let token = format!("{app_id}|{}", secret.expose_secret());
        Ok(AppGraph {
            graph: self.for_page(app_id.as_str(), token)?,
            app_id,
            secret,
        })
    }
}

impl AppGraph {
    /// The ids under which the Pages of the app's business know a person, by the person's id at the app:
    /// the one that a data deletion request or Facebook Login names. Calls carry an `appsecret_proof`.
    ///
    /// ```no_run
    /// # async fn example(app: handover_runtime::graph::AppGraph) -> Result<(), handover_runtime::graph::GraphError> {
    /// for row in app.ids_for_pages("10159999999999999").await? {
    ///     println!("{:?} at {:?}", row.id, row.page);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// See [`GraphError`].
    pub async fn ids_for_pages(
        &self,
        user: impl Into<String>,
    ) -> Result<Vec<IdForPage>, GraphError> {
        let graph = self.graph.proved_by(&self.secret)?;
        let ids = ListCall::new(&graph, Endpoint::IdsForPages).about(user);
        ids.query("fields", "id,page").limit(100).all().await
    }

    /// Returns the app's webhook subscription for each product.
    ///
    /// # Errors
    ///
    /// See [`GraphError`].
    pub async fn subscriptions(&self) -> Result<Vec<AppSubscription>, GraphError> {
        let request = self.graph.request(Endpoint::Subscriptions);
        let answer: Listing<AppSubscription> = request.about(self.app_id.as_str()).answer().await?;
        Ok(answer.data)
    }

    /// Sets the callback URL for the webhooks of a product, `page` or `instagram`. The platform verifies it
    /// at once with the verify token. [Subscribe](Graph::subscribe) each Page too.
    ///
    /// # Errors
    ///
    /// See [`GraphError`].
    pub async fn subscribe<F: AsRef<str>>(
        &self,
        product: &str,
        callback_url: &str,
        verify_token: &str,
        fields: impl IntoIterator<Item = F>,
    ) -> Result<(), GraphError> {
        let fields: Vec<_> = fields.into_iter().collect();
        let fields: Vec<_> = fields.iter().map(AsRef::as_ref).collect();
        let body = serde_json::json!({
            "object": product,
            "callback_url": callback_url,
            "verify_token": verify_token,
            "fields": fields.join(","),
            "include_values": true,
        });
        let request = self.graph.request(Endpoint::Subscribe);
        request.about(self.app_id.as_str()).json(&body).done().await
    }

    /// Deletes the app's subscription to a product, `page` or `instagram`.
    ///
    /// # Errors
    ///
    /// See [`GraphError`].
    pub async fn unsubscribe(&self, product: &str) -> Result<(), GraphError> {
        let request = self.graph.request(Endpoint::Unsubscribe);
        let request = request.about(self.app_id.as_str()).query("object", product);
        request.done().await
    }

    /// Inspects an access token: whether it is valid, its owner, its permissions.
    ///
    /// # Errors
    ///
    /// See [`GraphError`].
    pub async fn debug_token(
        &self,
        token: impl Into<SecretString>,
    ) -> Result<DebuggedToken, GraphError> {
        let request = self.graph.request(Endpoint::DebugToken);
        let request = request.query("input_token", token.into().expose_secret());
        let answer: DebugToken = request.answer().await?;
        Ok(answer.data)
    }

    /// Exchanges a person's short-lived access token for one of about 60 days. Page tokens that are
    /// [obtained](super::UserGraph::page_tokens) with that one do not expire.
    ///
    /// # Errors
    ///
    /// See [`GraphError`].
    pub async fn long_lived_token(
        &self,
        token: impl Into<SecretString>,
    ) -> Result<AccessToken, GraphError> {
        let request = self.graph.request(Endpoint::AccessToken);
        let request = request
            .query("grant_type", "fb_exchange_token")
            .query("client_id", self.app_id.as_str())
            .query("client_secret", self.secret.expose_secret())
            .query("fb_exchange_token", token.into().expose_secret());
        request.answer().await
    }

    /// Lists the sticker packs that Pages can send.
    pub fn sticker_packs(&self) -> ListCall<'_, StickerPack> {
        ListCall::new(&self.graph, Endpoint::StickerPacks)
    }

    /// Lists the stickers of a pack.
    pub fn stickers(&self, pack: impl Into<String>) -> ListCall<'_, Sticker> {
        ListCall::new(&self.graph, Endpoint::Stickers).about(pack)
    }

    /// Searches stickers by a word.
    pub fn search_stickers(&self, word: impl Into<String>) -> ListCall<'_, Sticker> {
        ListCall::new(&self.graph, Endpoint::StickerSearch).query("q", word)
    }
}

impl fmt::Debug for AppGraph {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AppGraph")
            .field("app_id", &self.app_id)
            .finish_non_exhaustive()
    }
}
