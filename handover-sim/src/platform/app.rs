use handover_protocol::AppId;

/// An app connected to the Page, with its switches in the Page's settings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct App {
    /// The app's id.
    pub id: AppId,
    /// What people call it.
    pub name: String,
    /// "Take control of conversations" in the Page's settings.
    pub can_take: bool,
    /// "Access standby channel" in the Page's settings.
    pub standby: bool,
    /// Whether it has a webhook that is subscribed to the Page.
    pub subscribed: bool,
}

impl App {
    /// An app with a webhook and every switch on.
    pub fn new(id: impl Into<AppId>, name: impl Into<String>) -> Self {
        Self {
            id: id.into(),
            name: name.into(),
            can_take: true,
            standby: true,
            subscribed: true,
        }
    }

    /// The Page Inbox of Meta Business Suite: an app like others, but without a webhook.
    pub fn page_inbox() -> Self {
        Self {
            subscribed: false,
            ..Self::new(AppId::PAGE_INBOX, "Page Inbox")
        }
    }
}
