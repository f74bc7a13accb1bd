use handover_protocol::{AccountId, AppId};

use super::{Ad, Connection, Product, Routing};

/// Account of a business: a Facebook Page or an Instagram professional account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// Id of the account, which webhooks carry as `entry[].id`.
    pub id: AccountId,
    /// Product: Messenger or Instagram.
    pub product: Product,
    /// Name of the account.
    pub name: String,
    /// Linked Page of an Instagram account. Apps call the Graph API with the id of the Page.
    pub page: Option<AccountId>,
    /// Routing of idle threads to apps.
    pub routing: Routing,
    /// Payload of the "Get Started" button. `None`: there is no button.
    pub get_started: Option<String>,
    /// Ads that open a thread.
    pub ads: Vec<Ad>,
    /// Automatic answer of the inbox to the first message of a conversation.
    pub instant_reply: Option<String>,
    /// Automatic answer of the inbox while no agent is available, at most once a day for each
    /// person.
    pub away_message: Option<String>,
    pub(super) connections: Vec<Connection>,
}

impl Account {
    /// Creates a Page in zero-config mode. The payload of its "Get Started" button is
    /// `GET_STARTED`.
    pub fn page(id: impl Into<AccountId>, name: impl Into<String>) -> Self {
        Self {
            id: id.into(),
            product: Product::Messenger,
            name: name.into(),
            page: None,
            routing: Routing::ZeroConfig,
            get_started: Some("GET_STARTED".to_owned()),
            ads: Vec::new(),
            instant_reply: None,
            away_message: None,
            connections: Vec::new(),
        }
    }

    /// Creates an Instagram professional account in zero-config mode, linked to a Page.
    pub fn instagram(
        id: impl Into<AccountId>,
        name: impl Into<String>,
        page: impl Into<AccountId>,
    ) -> Self {
        Self {
            product: Product::Instagram,
            page: Some(page.into()),
            ..Self::page(id, name)
        }
    }

    /// Sets the routing of idle threads to apps.
    #[must_use]
    pub fn routing(mut self, routing: Routing) -> Self {
        self.routing = routing;
        self
    }

    /// Turns on conversation routing with this default app.
    #[must_use]
    pub fn default_app(self, app: impl Into<AppId>) -> Self {
        self.routing(Routing::to(app))
    }

    /// Adds an ad that opens a thread with this account.
    #[must_use]
    pub fn ad(mut self, ad: Ad) -> Self {
        self.ads.push(ad);
        self
    }

    /// Sets the automatic answer of the inbox to the first message of a conversation.
    #[must_use]
    pub fn instant_reply(mut self, text: impl Into<String>) -> Self {
        self.instant_reply = Some(text.into());
        self
    }

    /// Sets the automatic answer of the inbox while no agent is available. It is sent at most once
    /// a day to each person.
    #[must_use]
    pub fn away_message(mut self, text: impl Into<String>) -> Self {
        self.away_message = Some(text.into());
        self
    }

    /// Returns the id with which apps call the Graph API: the id of the linked Page, or the
    /// account's own.
    pub fn graph_id(&self) -> &AccountId {
        self.page.as_ref().unwrap_or(&self.id)
    }

    /// Returns the connected apps, in the order in which they were connected.
    pub fn connections(&self) -> &[Connection] {
        &self.connections
    }

    /// Returns the connection of an app.
    pub fn connection(&self, app: &AppId) -> Option<&Connection> {
        self.connections
            .iter()
            .find(|connection| connection.app == *app)
    }

    pub(super) fn connect(&mut self, connection: Connection) {
        let known = self
            .connections
            .iter_mut()
            .find(|known| known.app == connection.app);
        match known {
            Some(known) => *known = connection,
            None => self.connections.push(connection),
        }
    }
}
