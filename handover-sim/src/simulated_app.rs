use std::fmt;

use handover_protocol::AppId;

/// An app to connect to the simulator: a bot of yours.
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
    pub(crate) token: String,
    pub(crate) webhook: Option<String>,
    pub(crate) verify_token: Option<String>,
    pub(crate) can_take: bool,
    pub(crate) standby: bool,
}

impl SimulatedApp {
    /// An app without a webhook, whose secret is `secret-{id}` and whose token is `token-{id}`.
    pub fn new(id: impl Into<AppId>, name: impl Into<String>) -> Self {
        let id = id.into();
        Self {
            name: name.into(),
            secret: format!("secret-{id}"),
            token: format!("token-{id}"),
            webhook: None,
            verify_token: None,
            can_take: true,
            standby: true,
            id,
        }
    }

    /// The app secret, with which webhooks are signed.
    #[must_use]
    pub fn secret(mut self, secret: impl Into<String>) -> Self {
        self.secret = secret.into();
        self
    }

    /// The Page access token with which the app calls the Graph API.
    #[must_use]
    pub fn token(mut self, token: impl Into<String>) -> Self {
        self.token = token.into();
        self
    }

    /// Where the app's webhook is: an `http` address.
    #[must_use]
    pub fn webhook(mut self, url: impl Into<String>) -> Self {
        self.webhook = Some(url.into());
        self
    }

    /// Verifies the webhook with this token before anything is delivered to it.
    #[must_use]
    pub fn verify_token(mut self, token: impl Into<String>) -> Self {
        self.verify_token = Some(token.into());
        self
    }

    /// Sets "Take control of conversations" in the Page's settings. It is on unless switched off.
    #[must_use]
    pub fn can_take(mut self, can: bool) -> Self {
        self.can_take = can;
        self
    }

    /// Sets "Access standby channel" in the Page's settings. It is on unless switched off.
    #[must_use]
    pub fn standby(mut self, access: bool) -> Self {
        self.standby = access;
        self
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
