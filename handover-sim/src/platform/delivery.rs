use handover_protocol::{AccountId, AppId, Change, Channel, Entry, Envelope, Event, Timestamp};
use serde_json::{Map, Value};

use super::{Batching, Product};

/// One event for one app.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct WebhookDelivery {
    /// Receiving app.
    pub app: AppId,
    /// Account of the event.
    pub account: AccountId,
    /// What the account belongs to.
    pub product: Product,
    /// Channel: `messaging` for the responsible app, `standby` for the others.
    pub channel: Channel,
    /// Time of the event.
    pub time: Timestamp,
    /// Kind.
    pub event: Event,
    /// Extra fields of the webhook entry, such as `hop_context`.
    pub entry_extra: Map<String, Value>,
}

impl WebhookDelivery {
    /// Returns the body of the webhook: one entry with one item.
    pub fn envelope(&self) -> Envelope {
        let mut envelope = Envelope {
            object: self.product.object(),
            ..Envelope::default()
        };
        envelope.entry.push(self.entry());
        envelope
    }

    fn entry(&self) -> Entry {
        let mut entry = Entry {
            id: self.account.clone(),
            time: Some(self.time),
            extra: self.entry_extra.clone(),
            ..Entry::default()
        };
        self.put_into(&mut entry);
        entry
    }

    fn put_into(&self, entry: &mut Entry) {
        let item = self.event.clone();
        match self.channel {
            Channel::Standby => entry.standby.push(item),
            Channel::Changes => entry.changes.push(self.change()),
            _ => entry.messaging.push(item),
        }
    }

    fn change(&self) -> Change {
        let field = self.event.body.kind();
        let mut written = serde_json::to_value(&self.event).unwrap_or_default();
        Change {
            field: field.to_owned(),
            value: written[field].take(),
            ..Change::default()
        }
    }

    fn shares_an_entry_with(&self, other: &Self) -> bool {
        self.channel == other.channel && self.entry_extra.is_empty() && other.entry_extra.is_empty()
    }

    fn shares_a_post_with(&self, other: &Self) -> bool {
        self.app == other.app && self.account == other.account
    }
}

/// Result of an action or call, and the webhooks that it causes.
#[derive(Debug, Clone, PartialEq)]
pub struct Step<T> {
    /// Result.
    pub value: T,
    /// Webhooks in the order of sending.
    pub deliveries: Vec<WebhookDelivery>,
}

/// One POST to the webhook of an app, with one or more deliveries.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Post {
    /// Deliveries of the POST: at least one, all for the same app and account.
    pub deliveries: Vec<WebhookDelivery>,
    batching: Batching,
}

impl Post {
    /// Combines deliveries to the same app and account as `batching` says.
    pub fn batched(deliveries: Vec<WebhookDelivery>, batching: Batching) -> Vec<Self> {
        let mut posts: Vec<Self> = Vec::new();
        for delivery in deliveries {
            let to_the_same = |post: &&mut Self| post.deliveries[0].shares_a_post_with(&delivery);
            let latest = posts.iter_mut().rev().find(to_the_same);
            let fits = |post: &&mut Self| match batching {
                Batching::OneItem => false,
                Batching::Items => post.deliveries[0].shares_an_entry_with(&delivery),
                Batching::Entries => true,
            };
            match latest.filter(fits) {
                Some(post) => post.deliveries.push(delivery),
                None => posts.push(Self {
                    deliveries: vec![delivery],
                    batching,
                }),
            }
        }
        posts
    }

    /// Returns the body of the webhook.
    pub fn envelope(&self) -> Envelope {
        let mut envelope = Envelope::default();
        for delivery in &self.deliveries {
            envelope.object = delivery.product.object();
            match envelope.entry.last_mut() {
                Some(entry) if self.batching == Batching::Items => delivery.put_into(entry),
                _ => envelope.entry.push(delivery.entry()),
            }
        }
        envelope
    }
}
