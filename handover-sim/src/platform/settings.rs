//! Account settings: routing and subscriptions.

use std::collections::{BTreeMap, BTreeSet};

use handover_protocol::{
    AccountId, AppId, AppRoles, Channel, Event, EventBody, Party, PersonId, Timestamp,
};

use super::{Account, ActionError, Platform, Routing, Step, WebhookDelivery, WebhookField};

impl Platform {
    /// Changes the routing of an account. Threads keep their owners.
    ///
    /// Under the Handover Protocol, subscribed apps whose role changes get `app_roles`. Under
    /// conversation routing there is no webhook.
    pub fn route(
        &mut self,
        account: &AccountId,
        routing: Routing,
        now: Timestamp,
    ) -> Result<Step<()>, ActionError> {
        let mut accounts = self.accounts.iter_mut();
        let Some(known) = accounts.find(|known| known.id == *account) else {
            return Err(ActionError::NoSuchAccount(account.clone()));
        };
        let connected = |app: &AppId| known.connection(app).is_some();
        if let Some(app) = routing.named().find(|app| !connected(app)) {
            return Err(ActionError::NotConnected {
                app: app.clone(),
                account: account.clone(),
            });
        }
        let before = roles(known);
        known.routing = routing;
        let after = roles(known);
        let known = &*known;
        let changed = after
            .into_iter()
            .filter(|(app, role)| before.get(app) != Some(role));
        let events = changed.map(|(app, role)| app_roles_event(known, app, role, now));
        let deliveries = events.filter(|one| {
            let field = WebhookField::of(one.product, &one.event.body);
            known.delivers(&self.apps, &one.app, field)
        });
        Ok(Step {
            value: (),
            deliveries: deliveries.collect(),
        })
    }

    /// Unsubscribes an app from an account, as the platform does after an hour of failing webhooks.
    /// Returns whether the app was subscribed.
    pub fn unsubscribe(&mut self, account: &AccountId, app: &AppId) -> bool {
        self.connection_mut(account, app)
            .is_some_and(|connection| std::mem::take(&mut connection.subscribed))
    }

    /// Subscribes an app to fields of an account, replacing the previous fields. `None`: all
    /// fields. Returns whether the app is connected.
    pub fn subscribe(
        &mut self,
        account: &AccountId,
        app: &AppId,
        fields: Option<BTreeSet<WebhookField>>,
    ) -> bool {
        let connection = self.connection_mut(account, app);
        connection.is_some_and(|connection| {
            connection.subscribed = true;
            connection.fields = fields;
            true
        })
    }
}

fn roles(account: &Account) -> BTreeMap<AppId, &'static str> {
    let Routing::Legacy { primary } = &account.routing else {
        return BTreeMap::new();
    };
    account
        .connections()
        .iter()
        .map(|connection| {
            let is_primary = primary.as_ref() == Some(&connection.app);
            let role = if is_primary {
                "primary_receiver"
            } else {
                "secondary_receiver"
            };
            (connection.app.clone(), role)
        })
        .collect()
}

/// An `app_roles` event, which has no sender and no thread.
fn app_roles_event(account: &Account, app: AppId, role: &str, now: Timestamp) -> WebhookDelivery {
    let roles = BTreeMap::from([(app.clone(), vec![role.to_owned()])]);
    WebhookDelivery {
        app,
        account: account.id.clone(),
        product: account.product,
        channel: Channel::Messaging,
        time: now,
        event: Event {
            recipient: Some(Party::id(PersonId::new(account.id.as_str()))),
            timestamp: Some(now),
            body: EventBody::AppRoles(AppRoles { roles }),
            ..Event::default()
        },
        entry_extra: serde_json::Map::new(),
    }
}
