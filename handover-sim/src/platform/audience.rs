//! Who gets an event, and where.

use handover_protocol::{AppId, Channel, Event};

use super::scene::Scene;
use super::{Claimed, Delivered, Field, Product, Routing};

impl<'a> Scene<'a> {
    /// An event of the conversation: to everybody whom the rules name, each on their channel.
    pub(super) fn announce(&mut self, event: &Event) {
        let field = Field::of(self.account.product, &event.body);
        self.announce_each(field, |_, _| event.clone());
    }

    pub(super) fn announce_each(&mut self, field: Field, event: impl Fn(&AppId, Channel) -> Event) {
        for (app, channel) in self.audience(field) {
            self.deliver(app, channel, event(app, channel));
        }
    }

    /// An event that only those get who have `messaging`.
    pub(super) fn announce_on_messaging(&mut self, event: &Event) {
        let field = Field::of(self.account.product, &event.body);
        for (app, channel) in self.audience(field) {
            if channel == Channel::Messaging {
                self.deliver(app, channel, event.clone());
            }
        }
    }

    /// Who gets an event of this field, and where.
    ///
    /// Where there is a responsible app it has `messaging` and the others `standby`; otherwise
    /// everybody has `messaging`. An idle thread is the default app's responsibility. While a Lead
    /// Ad asks its questions nobody gets anything.
    pub(super) fn audience(&self, field: Field) -> Vec<(&'a AppId, Channel)> {
        if self.thread.is_with(&AppId::LEADGEN, self.now) {
            return Vec::new();
        }
        let owner = self.thread.owner(self.now);
        let responsible = owner.or(self.default_app());
        let alike = self.everybody_alike(owner);
        self.account
            .connections()
            .iter()
            .filter_map(|connection| {
                let app = &connection.app;
                if alike || responsible == Some(app) {
                    self.hears(app, field).then_some((app, Channel::Messaging))
                } else {
                    (connection.standby && self.hears(app, Field::STANDBY))
                        .then_some((app, Channel::Standby))
                }
            })
            .collect()
    }

    /// Whether every app has `messaging`, whoever owns the thread.
    fn everybody_alike(&self, owner: Option<&AppId>) -> bool {
        let delivered = match self.account.product {
            Product::Messenger => self.choices.messenger_delivery,
            Product::Instagram => self.choices.instagram_delivery,
        };
        delivered == Delivered::Messaging
            || match &self.account.routing {
                Routing::Conversation { .. } => false,
                Routing::ZeroConfig => {
                    owner.is_none() || self.choices.claimed_zero_config == Claimed::Messaging
                }
                Routing::Legacy { primary } => owner.is_none() && primary.is_none(),
            }
    }

    /// Whether an app is subscribed to a field at both levels.
    pub(super) fn hears(&self, app: &AppId, field: Field) -> bool {
        let product = self.account.product;
        self.account
            .connection(app)
            .is_some_and(|connection| connection.hears(product, field))
            && self
                .apps
                .iter()
                .any(|known| known.id == *app && known.hears(product, field))
    }
}
