use handover_protocol::{AccountId, AppId};

use super::{Ad, Connection, Product, Routing};

/// The business side of a thread: a Facebook Page, or an Instagram professional account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// Its id: what its webhooks have as the entry's id.
    pub id: AccountId,
    /// What it belongs to.
    pub product: Product,
    /// Its name.
    pub name: String,
    /// The Page an Instagram account is linked to. Apps call the Graph API by the Page's id.
    pub page: Option<AccountId>,
    /// Which app gets a thread that nobody owns.
    pub routing: Routing,
    /// The payload behind the "Get Started" button, if there is one.
    pub get_started: Option<String>,
    /// The ads that lead into a thread.
    pub ads: Vec<Ad>,
    /// What the inbox answers by itself to the first message of a conversation.
    pub instant_reply: Option<String>,
    /// What the inbox answers by itself while nobody is there, at most once a day to each person.
    pub away_message: Option<String>,
    pub(super) connections: Vec<Connection>,
}

impl Account {
    /// A Page in zero-config mode whose "Get Started" button says `GET_STARTED`.
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

    /// An Instagram professional account in zero-config mode, linked to a Page.
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

    /// Sets which app gets a thread that nobody owns.
    #[must_use]
    pub fn routing(mut self, routing: Routing) -> Self {
        self.routing = routing;
        self
    }

    /// Switches conversation routing on, with this app as the default one.
    #[must_use]
    pub fn default_app(self, app: impl Into<AppId>) -> Self {
        self.routing(Routing::to(app))
    }

    /// Adds an ad that leads into a thread with this account.
    #[must_use]
    pub fn ad(mut self, ad: Ad) -> Self {
        self.ads.push(ad);
        self
    }

    /// Lets the inbox answer the first message of each conversation with this text.
    #[must_use]
    pub fn instant_reply(mut self, text: impl Into<String>) -> Self {
        self.instant_reply = Some(text.into());
        self
    }

    /// Lets the inbox answer with this text while nobody is there, at most once a day to each person.
    #[must_use]
    pub fn away_message(mut self, text: impl Into<String>) -> Self {
        self.away_message = Some(text.into());
        self
    }

    /// The id by which apps call the Graph API about it: its own, or that of the linked Page.
    pub fn graph_id(&self) -> &AccountId {
        self.page.as_ref().unwrap_or(&self.id)
    }

    /// The apps connected to it, in the order in which they were.
    pub fn connections(&self) -> &[Connection] {
        &self.connections
    }

    /// The connection of this app.
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
