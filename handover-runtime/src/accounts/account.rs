use handover_protocol::AccountId;
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Deserializer};

use super::{AccountSettings, SendRate};
use crate::graph::{Graph, GraphError, GraphTransport};

/// A Page with its access token, and the linked Instagram professional accounts, which use the same
/// token.
///
/// ```
/// use handover_runtime::{Account, SendRate};
///
/// let account = Account::new("1744550565845823", "EAAB…")
///     .instagram("17841405793187218")
///     .send_rate(SendRate::default().messages(100).media(10));
/// assert!(!format!("{account:?}").contains("EAAB"));
/// ```
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Account {
    #[serde(rename = "page")]
    pub(crate) page_id: AccountId,
    #[serde(deserialize_with = "secret")]
    pub(crate) access_token: SecretString,
    #[serde(default)]
    pub(crate) instagram: Vec<AccountId>,
    #[serde(default)]
    pub(crate) send_rate: Option<SendRate>,
    #[serde(default)]
    pub(crate) settings: AccountSettings,
}

impl Account {
    /// Creates an account from a Page id and its access token.
    pub fn new(page_id: impl Into<AccountId>, access_token: impl Into<String>) -> Self {
        Self {
            page_id: page_id.into(),
            access_token: access_token.into().into(),
            instagram: Vec::new(),
            send_rate: None,
            settings: AccountSettings::default(),
        }
    }

    /// Adds an Instagram professional account that is linked to the Page.
    #[must_use]
    pub fn instagram(mut self, id: impl Into<AccountId>) -> Self {
        self.instagram.push(id.into());
        self
    }

    /// Limits the messages per second for each of these accounts. Default:
    /// [`Bot::send_rate`](crate::Bot::send_rate).
    #[must_use]
    pub fn send_rate(mut self, rate: SendRate) -> Self {
        self.send_rate = Some(rate);
        self
    }

    /// Settings for these accounts, instead of the bot's.
    #[must_use]
    pub fn settings(mut self, settings: AccountSettings) -> Self {
        self.settings = settings;
        self
    }

    /// The Page.
    #[must_use]
    pub fn page(&self) -> &AccountId {
        &self.page_id
    }

    /// Whether this is the id of the Page, or of a linked account.
    #[must_use]
    pub fn is(&self, id: &AccountId) -> bool {
        self.ids().any(|own| own == id)
    }

    /// Returns the Graph client of the account.
    pub(crate) fn graph(&self, line: &GraphTransport) -> Result<Graph, GraphError> {
        line.to(self.page_id.clone(), self.access_token.clone())
    }

    pub(crate) fn ids(&self) -> impl Iterator<Item = &AccountId> {
        std::iter::once(&self.page_id).chain(&self.instagram)
    }
}

/// The access token of an account, and the Instagram accounts that it lists.
#[must_use]
pub fn credentials_of(account: &Account) -> (&str, &[AccountId]) {
    (account.access_token.expose_secret(), &account.instagram)
}

fn secret<'de, D: Deserializer<'de>>(deserializer: D) -> Result<SecretString, D::Error> {
    String::deserialize(deserializer).map(SecretString::from)
}
