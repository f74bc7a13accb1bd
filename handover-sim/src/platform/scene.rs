use handover_protocol::{AppId, Channel, Event, EventBody, Party, PersonId, Timestamp};

use super::delivery::{Delivery, Step};
use super::thread::{Control, DAY, Handover, HandoverKind, Line};
use super::{App, Page, Thread, ids::Ids};

/// One thread, with everything the rules look at, and the webhooks they have decided on so far.
pub(super) struct Scene<'a> {
    pub(super) page: &'a Page,
    pub(super) apps: &'a [App],
    pub(super) thread: &'a mut Thread,
    pub(super) ids: &'a mut Ids,
    pub(super) now: Timestamp,
    deliveries: Vec<Delivery>,
}

impl<'a> Scene<'a> {
    pub(super) fn open(
        page: &'a Page,
        apps: &'a [App],
        thread: &'a mut Thread,
        ids: &'a mut Ids,
        now: Timestamp,
    ) -> Self {
        let mut scene = Self {
            page,
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

    pub(super) fn app(&self, id: &AppId) -> Option<&'a App> {
        self.apps.iter().find(|app| app.id == *id)
    }

    pub(super) fn owner(&self) -> Option<AppId> {
        self.thread.owner(self.now).cloned()
    }

    pub(super) fn default_app(&self) -> Option<&'a AppId> {
        self.page.default_app.as_ref()
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
        let event = self.by_person(body);
        if self.app(app).is_some_and(|app| app.subscribed) {
            self.deliver(app, Channel::Messaging, event);
        }
    }

    /// An event of the conversation: to everybody whom the rules name, each on their channel.
    pub(super) fn announce(&mut self, event: &Event) {
        self.announce_each(|_, _| event.clone());
    }

    pub(super) fn announce_each(&mut self, event: impl Fn(&AppId, Channel) -> Event) {
        for (app, channel) in self.audience() {
            self.deliver(app, channel, event(app, channel));
        }
    }

    /// With conversation routing the responsible app has `messaging` and the others `standby`;
    /// without it everybody has `messaging`. An idle thread is the default app's responsibility.
    pub(super) fn audience(&self) -> Vec<(&'a AppId, Channel)> {
        let owner = self.owner();
        let responsible = owner.as_ref().or(self.default_app());
        let routed = self.page.has_conversation_routing();
        self.apps
            .iter()
            .filter(|app| app.subscribed)
            .filter_map(|app| {
                if !routed || responsible == Some(&app.id) {
                    Some((&app.id, Channel::Messaging))
                } else {
                    app.standby.then_some((&app.id, Channel::Standby))
                }
            })
            .collect()
    }

    pub(super) fn deliver(&mut self, app: &AppId, channel: Channel, event: Event) {
        self.deliveries.push(Delivery {
            app: app.clone(),
            page: self.page.id.clone(),
            channel,
            time: self.now,
            event,
        });
    }

    /// What the person did, or what happened to their thread.
    pub(super) fn by_person(&self, body: EventBody) -> Event {
        self.event(self.thread.person.clone(), self.page_as_party(), body)
    }

    /// What was said in the Page's name.
    pub(super) fn by_page(&self, body: EventBody) -> Event {
        self.event(self.page_as_party(), self.thread.person.clone(), body)
    }

    fn page_as_party(&self) -> PersonId {
        PersonId::new(self.page.id.as_str())
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
