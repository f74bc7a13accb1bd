use handover_protocol::{AppId, Channel, Event, EventBody, Party, PersonId, Timestamp};

use super::delivery::{Delivery, Step};
use super::thread::{Control, DAY, Handover, HandoverKind, Line};
use super::{Account, App, Choices, Claimed, Delivered, Field, Product, Routing, Thread, ids::Ids};

/// One thread, with everything the rules look at, and the webhooks they have decided on so far.
pub(super) struct Scene<'a> {
    pub(super) choices: Choices,
    pub(super) account: &'a Account,
    pub(super) apps: &'a [App],
    pub(super) thread: &'a mut Thread,
    pub(super) ids: &'a mut Ids,
    pub(super) now: Timestamp,
    deliveries: Vec<Delivery>,
}

impl<'a> Scene<'a> {
    pub(super) fn open(
        choices: Choices,
        account: &'a Account,
        apps: &'a [App],
        thread: &'a mut Thread,
        ids: &'a mut Ids,
        now: Timestamp,
    ) -> Self {
        let mut scene = Self {
            choices,
            account,
            apps,
            thread,
            ids,
            now,
            deliveries: Vec::new(),
        };
        scene.expire();
        scene
    }

    pub(super) fn close<T>(self, value: T) -> Step<T> {
        Step {
            value,
            deliveries: self.deliveries,
        }
    }

    pub(super) fn owner(&self) -> Option<AppId> {
        self.thread.owner(self.now).cloned()
    }

    pub(super) fn default_app(&self) -> Option<&'a AppId> {
        self.account.routing.default_app()
    }

    pub(super) fn in_a_day(&self) -> Timestamp {
        Timestamp::from_millis(self.now.as_millis() + DAY)
    }

    /// The one place where a thread changes hands. Any action on control resets its time to a day.
    pub(super) fn give_to(
        &mut self,
        owner: Option<AppId>,
        kind: HandoverKind,
        metadata: Option<String>,
    ) {
        let from = self.owner();
        self.thread.control = match owner.clone() {
            Some(owner) => Control::Active {
                owner,
                expiration: self.in_a_day(),
            },
            None => Control::Idle,
        };
        self.thread.requested = false;
        self.record(kind, from, owner, metadata);
    }

    pub(super) fn record(
        &mut self,
        kind: HandoverKind,
        from: Option<AppId>,
        to: Option<AppId>,
        metadata: Option<String>,
    ) {
        self.thread.lines.push(Line::Handover(Handover {
            kind,
            from,
            to,
            metadata,
            at: self.now,
        }));
    }

    /// A handover event: to one app, always on `messaging`.
    pub(super) fn tell(&mut self, app: &AppId, body: EventBody) {
        let field = Field::of(self.account.product, &body);
        if self.hears(app, field) {
            self.deliver(app, Channel::Messaging, self.by_person(body));
        }
    }

    /// An event of the conversation: to everybody whom the rules name, each on their channel.
    pub(super) fn announce(&mut self, event: &Event) {
        self.announce_each(Field::of(self.account.product, &event.body), |_, _| {
            event.clone()
        });
    }

    pub(super) fn announce_each(&mut self, field: Field, event: impl Fn(&AppId, Channel) -> Event) {
        for (app, channel) in self.audience(field) {
            self.deliver(app, channel, event(app, channel));
        }
    }

    /// Who gets an event of this field, and where.
    ///
    /// Where there is a responsible app it has `messaging` and the others `standby`; otherwise
    /// everybody has `messaging`. An idle thread is the default app's responsibility.
    pub(super) fn audience(&self, field: Field) -> Vec<(&'a AppId, Channel)> {
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

    pub(super) fn deliver(&mut self, app: &AppId, channel: Channel, event: Event) {
        self.deliveries.push(Delivery {
            app: app.clone(),
            account: self.account.id.clone(),
            product: self.account.product,
            channel,
            time: self.now,
            event,
            beside: serde_json::Map::new(),
        });
    }

    /// What the person did, or what happened to their thread.
    pub(super) fn by_person(&self, body: EventBody) -> Event {
        self.event(self.thread.person.clone(), self.account_as_party(), body)
    }

    /// What was said in the account's name.
    pub(super) fn by_account(&self, body: EventBody) -> Event {
        self.event(self.account_as_party(), self.thread.person.clone(), body)
    }

    fn account_as_party(&self) -> PersonId {
        PersonId::new(self.account.id.as_str())
    }

    fn event(&self, sender: PersonId, recipient: PersonId, body: EventBody) -> Event {
        let party = |id| {
            Some(Party {
                id: Some(id),
                ..Party::default()
            })
        };
        Event {
            sender: party(sender),
            recipient: party(recipient),
            timestamp: Some(self.now),
            body,
            extra: serde_json::Map::new(),
        }
    }

    fn expire(&mut self) {
        if let Control::Active { owner, expiration } = &self.thread.control
            && *expiration <= self.now
        {
            let handover = Handover {
                kind: HandoverKind::Expired,
                from: Some(owner.clone()),
                to: None,
                metadata: None,
                at: *expiration,
            };
            self.thread.control = Control::Idle;
            self.thread.requested = false;
            self.thread.lines.push(Line::Handover(handover));
        }
    }
}
