use std::collections::BTreeMap;
use std::fmt;

use handover_protocol::{AccountId, AppId};

/// App that is connected to the simulator, such as your bot.
///
/// ```
/// use handover_sim::SimulatedApp;
///
/// let bot = SimulatedApp::new("1517776481860111", "Live chat")
///     .secret("app secret")
///     .token("page access token")
///     .webhook("http://127.0.0.1:8080/webhook")
///     .verify_token("verify token");
/// ```
#[derive(Clone)]
pub struct SimulatedApp {
    pub(crate) id: AppId,
    pub(crate) name: String,
    pub(crate) secret: String,
    pub(crate) token: Option<String>,
    pub(crate) tokens: BTreeMap<AccountId, String>,
    pub(crate) accounts: Option<Vec<AccountId>>,
    pub(crate) webhook: Option<String>,
    pub(crate) verify_token: Option<String>,
    pub(crate) can_take: bool,
    pub(crate) standby: bool,
    pub(crate) human_agent: bool,
    pub(crate) data_deletion: Option<String>,
}

impl SimulatedApp {
    /// Creates an app without a webhook, connected to every account. Default secret: `secret-{id}`.
    /// Default tokens: `token-{id}-{account id}`.
    pub fn new(id: impl Into<AppId>, name: impl Into<String>) -> Self {
        let id = id.into();
        Self {
            name: name.into(),
            secret: format!("secret-{id}"),
            token: None,
            tokens: BTreeMap::new(),
            accounts: None,
            webhook: None,
            verify_token: None,
            can_take: true,
            standby: true,
            human_agent: true,
            data_deletion: None,
            id,
        }
    }

    /// Sets the app secret, which signs webhooks.
    #[must_use]
    pub fn secret(mut self, secret: impl Into<String>) -> Self {
        self.secret = secret.into();
        self
    }

    /// Sets the access token for the first account.
    #[must_use]
    pub fn token(mut self, token: impl Into<String>) -> Self {
        self.token = Some(token.into());
        self
    }

    /// Sets the access token for this account.
    #[must_use]
    pub fn token_for(mut self, account: impl Into<AccountId>, token: impl Into<String>) -> Self {
        self.tokens.insert(account.into(), token.into());
        self
    }

    /// Connects the app to these accounts only.
    #[must_use]
    pub fn accounts<A: Into<AccountId>>(mut self, accounts: impl IntoIterator<Item = A>) -> Self {
        self.accounts = Some(accounts.into_iter().map(Into::into).collect());
        self
    }

    /// Sets the URL of the webhook. Only `http` is supported.
    #[must_use]
    pub fn webhook(mut self, url: impl Into<String>) -> Self {
        self.webhook = Some(url.into());
        self
    }

    /// Sets the verify token. The webhook is verified before the first delivery.
    #[must_use]
    pub fn verify_token(mut self, token: impl Into<String>) -> Self {
        self.verify_token = Some(token.into());
        self
    }

    /// Sets the switch "Take control of conversations" of the account. Default: on.
    #[must_use]
    pub fn can_take(mut self, can: bool) -> Self {
        self.can_take = can;
        self
    }

    /// Sets the switch "Access standby channel" of the account. Default: on.
    #[must_use]
    pub fn standby(mut self, access: bool) -> Self {
        self.standby = access;
        self
    }

    /// Sets whether the app has the Human Agent feature, which allows answers within seven days
    /// with the tag `HUMAN_AGENT`. Default: yes.
    #[must_use]
    pub fn human_agent(mut self, has: bool) -> Self {
        self.human_agent = has;
        self
    }

    /// Sets the URL of the data deletion callback. Default: `data-deletion` beside the webhook.
    #[must_use]
    pub fn data_deletion(mut self, url: impl Into<String>) -> Self {
        self.data_deletion = Some(url.into());
        self
    }

    pub(crate) fn is_on(&self, account: &AccountId) -> bool {
        self.accounts
            .as_ref()
            .is_none_or(|accounts| accounts.contains(account))
    }

    pub(crate) fn token_of(&self, account: &AccountId, first: Option<&AccountId>) -> String {
        let own = self.tokens.get(account);
        let shortcut = self.token.as_ref().filter(|_| first == Some(account));
        let usual = || format!("token-{}-{account}", self.id);
        own.or(shortcut).cloned().unwrap_or_else(usual)
    }
}

impl fmt::Debug for SimulatedApp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SimulatedApp")
            .field("id", &self.id)
            .field("name", &self.name)
            .field("webhook", &self.webhook)
            .finish_non_exhaustive()
    }
}
