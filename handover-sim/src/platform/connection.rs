use std::collections::BTreeSet;

use handover_protocol::AppId;

use super::{Product, WebhookField};

/// Settings of an app at one account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Connection {
    /// App id.
    pub app: AppId,
    /// "Take control of conversations".
    pub can_take: bool,
    /// "Access standby channel".
    pub standby: bool,
    /// Whether the app is subscribed to the account (`subscribed_apps`).
    pub subscribed: bool,
    /// Subscribed fields. `None`: all fields. Instagram accounts have no such list.
    pub fields: Option<BTreeSet<WebhookField>>,
}

impl Connection {
    /// Creates a connection with all switches on.
    pub fn new(app: impl Into<AppId>) -> Self {
        Self {
            app: app.into(),
            can_take: true,
            standby: true,
            subscribed: true,
            fields: None,
        }
    }

    /// Whether the app is subscribed to this field of the account.
    pub(super) fn receives(&self, product: Product, field: WebhookField) -> bool {
        let listed = |fields: &BTreeSet<WebhookField>| fields.contains(&field);
        self.subscribed
            && (product == Product::Instagram || self.fields.as_ref().is_none_or(listed))
    }
}
