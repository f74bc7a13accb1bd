use handover_protocol::{AppId, Channel, Event, EventBody, Party, PersonId, Timestamp};
use serde_json::{Map, Value};

use super::delivery::{Step, WebhookDelivery};
use super::thread::{ChatEntry, Control, Handover, HandoverKind};
use super::{Account, App, Behavior, Thread, WebhookField, ids::Ids};

/// Changes to one thread: the state that rules read, and the webhooks that the changes cause.
pub(super) struct ThreadTx<'a> {
    pub(super) behavior: Behavior,
    pub(super) account: &'a Account,
    pub(super) apps: &'a [App],
    pub(super) thread: &'a mut Thread,
    pub(super) ids: &'a mut Ids,
    pub(super) now: Timestamp,
    deliveries: Vec<WebhookDelivery>,
}

impl<'a> ThreadTx<'a> {
    pub(super) fn new(
        behavior: Behavior,
        account: &'a Account,
        apps: &'a [App],
        thread: &'a mut Thread,
        ids: &'a mut Ids,
        now: Timestamp,
    ) -> Self {
        let mut tx = Self {
            behavior,
            account,
            apps,
            thread,
            ids,
            now,
            deliveries: Vec::new(),
        };
        tx.expire();
        tx
    }

    pub(super) fn commit<T>(self, value: T) -> Step<T> {
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

    /// Changes the owner of the thread. Each change sets the expiration to a day from now.
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
        self.thread.lead = None;
        self.record(kind, from, owner, metadata);
    }

    pub(super) fn record(
        &mut self,
        kind: HandoverKind,
        from: Option<AppId>,
        to: Option<AppId>,
        metadata: Option<String>,
    ) {
        self.thread.entries.push(ChatEntry::Handover(Handover {
            kind,
            from,
            to,
            metadata,
            at: self.now,
        }));
    }

    /// Sends a handover event to an app, always on `messaging`.
    pub(super) fn notify(&mut self, app: &AppId, body: EventBody) {
        self.notify_with_extra(app, body, Map::new());
    }

    /// Like `notify`, with extra fields in the webhook entry.
    pub(super) fn notify_with_extra(
        &mut self,
        app: &AppId,
        body: EventBody,
        entry_extra: Map<String, Value>,
    ) {
        let field = WebhookField::of(self.account.product, &body);
        if self.receives(app, field) {
            self.deliver(app, Channel::Messaging, self.by_person(body));
            if let Some(delivery) = self.deliveries.last_mut() {
                delivery.entry_extra = entry_extra;
            }
        }
    }

    pub(super) fn deliver(&mut self, app: &AppId, channel: Channel, event: Event) {
        self.deliveries.push(WebhookDelivery {
            app: app.clone(),
            account: self.account.id.clone(),
            product: self.account.product,
            channel,
            time: self.now,
            event,
            entry_extra: Map::new(),
        });
    }

    /// Creates an event from the person to the account.
    pub(super) fn by_person(&self, body: EventBody) -> Event {
        self.event(self.thread.person.clone(), self.account_as_party(), body)
    }

    /// Creates an event from the account to the person.
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
            extra: Map::new(),
        }
    }
}
