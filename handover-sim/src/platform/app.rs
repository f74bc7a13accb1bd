use std::collections::BTreeSet;

use handover_protocol::AppId;

use super::{Product, WebhookField};

/// App of the platform: a bot, or one of Meta's own apps.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct App {
    /// App id.
    pub id: AppId,
    /// Name of the app.
    pub name: String,
    /// Whether it has the Human Agent feature.
    pub human_agent: bool,
    /// Whether the app has a webhook.
    pub webhook: bool,
    /// Subscribed webhook fields of the `page` object. `None`: all fields.
    pub page_fields: Option<BTreeSet<WebhookField>>,
    /// Subscribed webhook fields of the `instagram` object. `None`: all fields.
    pub instagram_fields: Option<BTreeSet<WebhookField>>,
}

impl App {
    /// Creates an app with the Human Agent feature and a webhook that is subscribed to all fields.
    pub fn new(id: impl Into<AppId>, name: impl Into<String>) -> Self {
        Self {
            id: id.into(),
            name: name.into(),
            human_agent: true,
            webhook: true,
            page_fields: None,
            instagram_fields: None,
        }
    }

    /// Meta's own apps, which have no webhook.
    pub(super) fn meta_apps() -> [Self; 3] {
        let own = |id, name: &str| Self {
            webhook: false,
            ..Self::new(id, name)
        };
        [
            own(AppId::PAGE_INBOX, "Page Inbox"),
            own(AppId::INSTAGRAM_INBOX, "Instagram Inbox"),
            own(AppId::LEADGEN, "Lead Ads"),
        ]
    }

    /// Returns whether this is one of Meta's own apps, which always exist.
    pub fn is_meta_app(&self) -> bool {
        [AppId::PAGE_INBOX, AppId::INSTAGRAM_INBOX, AppId::LEADGEN].contains(&self.id)
    }

    /// Whether it may be connected to accounts of this product: an inbox belongs to one of them, and
    /// the Lead Ads app comes and goes with its ads.
    pub(super) fn is_for(&self, product: Product) -> bool {
        !self.is_meta_app() || self.id == product.inbox()
    }

    /// The fields of this product's object its webhook is subscribed to; every field if none.
    pub(super) fn fields(&self, product: Product) -> Option<&BTreeSet<WebhookField>> {
        match product {
            Product::Messenger => self.page_fields.as_ref(),
            Product::Instagram => self.instagram_fields.as_ref(),
        }
    }

    pub(super) fn fields_mut(&mut self, product: Product) -> &mut Option<BTreeSet<WebhookField>> {
        match product {
            Product::Messenger => &mut self.page_fields,
            Product::Instagram => &mut self.instagram_fields,
        }
    }

    /// Whether its webhook is subscribed to this field.
    pub(super) fn receives(&self, product: Product, field: WebhookField) -> bool {
        let fields = self.fields(product);
        self.webhook && fields.is_none_or(|fields| fields.contains(&field))
    }
}
