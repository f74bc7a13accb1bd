use handover_protocol::{AccountId, AppId, Change, Channel, Entry, Envelope, Event, Timestamp};
use serde_json::{Map, Value};

use super::{Batching, Product};

/// One event on its way to one app.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Delivery {
    /// The app whose webhook gets it.
    pub app: AppId,
    /// The account it is about.
    pub account: AccountId,
    /// What the account belongs to.
    pub product: Product,
    /// `messaging` for who is responsible for the thread, `standby` for who listens in.
    pub channel: Channel,
    /// When it happened.
    pub time: Timestamp,
    /// What happened.
    pub event: Event,
    /// What stands beside the event in the entry, such as `hop_context`.
    pub entry_extra: Map<String, Value>,
}

impl Delivery {
    /// The body of the webhook: one entry with one item.
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

/// What an act answers, and the webhooks it causes, in the order they leave.
#[derive(Debug, Clone, PartialEq)]
pub struct Step<T> {
    /// The answer to who acted.
    pub value: T,
    /// The webhooks, in order.
    pub deliveries: Vec<Delivery>,
}

/// One POST to one app's webhook: one delivery, or several that go together.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Post {
    /// What it brings: never nothing, and always to the same app about the same account.
    pub deliveries: Vec<Delivery>,
    batching: Batching,
}

impl Post {
    /// Puts together what goes to the same app, as chosen. The first of what goes together says
    /// when.
    pub fn batched(deliveries: Vec<Delivery>, batching: Batching) -> Vec<Self> {
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

    /// The body of the webhook.
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
