use handover_protocol::{AccountId, AppId};

/// A Facebook Page: the business side of every thread.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// The Page's id.
    pub id: AccountId,
    /// The Page's name.
    pub name: String,
    /// The default app. Conversation routing is on exactly when there is one; without it the Page
    /// is in zero-config mode.
    pub default_app: Option<AppId>,
    /// The payload behind the "Get Started" button.
    pub get_started: String,
}

impl Page {
    /// A Page in zero-config mode whose "Get Started" button says `GET_STARTED`.
    pub fn new(id: impl Into<AccountId>, name: impl Into<String>) -> Self {
        Self {
            id: id.into(),
            name: name.into(),
            default_app: None,
            get_started: "GET_STARTED".to_owned(),
        }
    }

    /// Switches conversation routing on, with this app as the default one.
    #[must_use]
    pub fn default_app(mut self, app: impl Into<AppId>) -> Self {
        self.default_app = Some(app.into());
        self
    }

    /// Whether conversation routing is on.
    pub fn has_conversation_routing(&self) -> bool {
        self.default_app.is_some()
    }
}
