//! Receivers of an event and their channels.

use handover_protocol::{AppId, Channel, Event, EventBody};

use super::thread_tx::ThreadTx;
use super::{Account, App, Claimed, Delivered, Product, Routing, WebhookField};

impl<'a> ThreadTx<'a> {
    /// Delivers an event of the conversation to all receivers, each on its channel.
    pub(super) fn announce(&mut self, event: &Event) {
        let field = WebhookField::of(self.account.product, &event.body);
        self.announce_each(field, |_, _| event.clone());
    }

    pub(super) fn announce_each(
        &mut self,
        field: WebhookField,
        event: impl Fn(&AppId, Channel) -> Event,
    ) {
        for (app, channel) in self.audience(field) {
            self.deliver(app, channel, event(app, channel));
        }
    }

    /// Delivers a public event to all subscribed apps, whoever owns the thread.
    pub(super) fn announce_to_all(&mut self, body: EventBody) {
        let field = WebhookField::of(self.account.product, &body);
        let event = Event {
            body,
            ..Event::default()
        };
        for connection in self.account.connections() {
            if self.receives(&connection.app, field) {
                self.deliver(&connection.app, Channel::Changes, event.clone());
            }
        }
    }

    /// Delivers an event only to receivers on `messaging`.
    pub(super) fn announce_on_messaging(&mut self, event: &Event) {
        let field = WebhookField::of(self.account.product, &event.body);
        for (app, channel) in self.audience(field) {
            if channel == Channel::Messaging {
                self.deliver(app, channel, event.clone());
            }
        }
    }

    /// Returns the receivers of an event of this field and their channels.
    ///
    /// The responsible app (the owner, or the default app of an idle thread) is on `messaging` and
    /// the others on `standby`. Without a responsible app, all are on `messaging`. While a Lead Ad
    /// asks its questions, no app gets events.
    pub(super) fn audience(&self, field: WebhookField) -> Vec<(&'a AppId, Channel)> {
        if self.is_silent() {
            return Vec::new();
        }
        let owner = self.thread.owner(self.now);
        let responsible = owner.or(self.default_app());
        let alike = self.is_broadcast(owner);
        self.account
            .connections()
            .iter()
            .filter_map(|connection| {
                let app = &connection.app;
                if alike || responsible == Some(app) {
                    self.receives(app, field)
                        .then_some((app, Channel::Messaging))
                } else {
                    (connection.standby && self.receives(app, WebhookField::STANDBY))
                        .then_some((app, Channel::Standby))
                }
            })
            .collect()
    }

    /// Whether all apps are on `messaging`, whoever owns the thread.
    fn is_broadcast(&self, owner: Option<&AppId>) -> bool {
        let delivered = match self.account.product {
            Product::Messenger => self.behavior.messenger_delivery,
            Product::Instagram => self.behavior.instagram_delivery,
        };
        delivered == Delivered::Messaging
            || match &self.account.routing {
                Routing::Conversation { .. } => false,
                Routing::ZeroConfig => {
                    owner.is_none() || self.behavior.claimed_zero_config == Claimed::Messaging
                }
                Routing::Legacy { primary } => owner.is_none() && primary.is_none(),
            }
    }

    /// Whether no app gets events because a Lead Ad is asking its questions.
    pub(super) fn is_silent(&self) -> bool {
        self.thread.is_with(&AppId::LEADGEN, self.now)
    }

    pub(super) fn receives(&self, app: &AppId, field: WebhookField) -> bool {
        self.account.delivers(self.apps, app, field)
    }
}

impl Account {
    /// Whether an app is subscribed to a field both for itself and for this account.
    pub(super) fn delivers(&self, apps: &[App], app: &AppId, field: WebhookField) -> bool {
        let at_account = self.connection(app);
        let at_app = apps.iter().find(|known| known.id == *app);
        at_account.is_some_and(|connection| connection.receives(self.product, field))
            && at_app.is_some_and(|app| app.receives(self.product, field))
    }
}
