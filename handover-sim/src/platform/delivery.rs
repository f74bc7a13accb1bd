use handover_protocol::{AccountId, AppId, Channel, Entry, Envelope, Event, Object, Timestamp};

/// One event on its way to one app.
#[derive(Debug, Clone, PartialEq)]
pub struct Delivery {
    /// The app whose webhook gets it.
    pub app: AppId,
    /// The Page it is about.
    pub page: AccountId,
    /// `messaging` for who is responsible for the thread, `standby` for who listens in.
    pub channel: Channel,
    /// When it happened.
    pub time: Timestamp,
    /// What happened.
    pub event: Event,
}

impl Delivery {
    /// The body of the webhook: one entry with one item.
    pub fn envelope(&self) -> Envelope {
        let mut entry = Entry {
            id: self.page.clone(),
            time: Some(self.time),
            ..Entry::default()
        };
        let item = self.event.clone();
        match self.channel {
            Channel::Standby => entry.standby.push(item),
            _ => entry.messaging.push(item),
        }
        Envelope {
            object: Object::Page,
            entry: vec![entry],
            ..Envelope::default()
        }
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
