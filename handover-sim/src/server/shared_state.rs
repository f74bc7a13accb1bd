use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use axum::http::StatusCode;
use handover_protocol::{AccountId, AppId, PersonId, Timestamp};
use tokio::sync::{mpsc, watch};
use tokio::time::sleep;
use url::Url;

use super::activity::Activity;
use super::attempt::WebhookClient;
use super::clock::SimulatorClock;
use super::credentials::{AppCredentials, Callback, TokenInfo};
use super::delivery_queue::{DeliveryQueue, QueuedWebhook};
use super::encode::{encode, to_json};
use super::faults::{Fault, FaultError, FaultEvent, FaultOn, FaultRule, Faults};
use super::timeline::Timeline;
use super::timeline_item::{TimelineItem, TimelineKind, TimelineState};
use super::uploads::Uploads;
use crate::platform::{
    ActionError, GraphResult, Platform, Post, Routing, Step, WebhookDelivery, WebhookField,
};

/// Shared state of the server: platform, timeline, and queues of webhooks.
pub(crate) struct SharedState {
    pub(super) apps: Vec<AppCredentials>,
    pub(super) retry_after: Vec<Duration>,
    pub(super) client: WebhookClient,
    pub(super) uploads: Uploads,
    tokens: HashMap<String, TokenInfo>,
    queues: HashMap<(AppId, AccountId), mpsc::UnboundedSender<QueuedWebhook>>,
    state: Mutex<LockedState>,
    /// Signals changes. The value is whether the simulator has stopped.
    changes: watch::Sender<bool>,
    clock_moved: watch::Sender<()>,
}

/// State behind the lock.
struct LockedState {
    platform: Platform,
    timeline: Timeline,
    activity: Activity,
    faults: Faults,
    callbacks: HashMap<AppId, Callback>,
    clock: SimulatorClock,
    epoch: u64,
    /// Revision of everything except threads and timeline.
    settings: u64,
}

/// Consistent view of the whole state.
pub(super) struct Snapshot<'a> {
    pub(super) platform: &'a Platform,
    pub(super) timeline: &'a Timeline,
    pub(super) activity: &'a Activity,
    pub(super) faults: &'a Faults,
    pub(super) callbacks: &'a HashMap<AppId, Callback>,
    pub(super) now: Timestamp,
    pub(super) clock_offset: Duration,
    pub(super) epoch: u64,
    pub(super) settings: u64,
}

/// Response and timeline row of a call.
pub(super) struct CallRecord {
    pub(super) row: u64,
    /// Last row that the call caused, or its own row.
    pub(super) last_row: u64,
    pub(super) status: StatusCode,
    pub(super) body: String,
}

impl SharedState {
    /// Creates the state, and the queues for the webhook senders.
    pub(super) fn new(
        platform: Platform,
        apps: Vec<AppCredentials>,
        callbacks: HashMap<AppId, Callback>,
        faults: Faults,
        client: WebhookClient,
        retry_after: Vec<Duration>,
    ) -> (Self, Vec<DeliveryQueue>) {
        let mut queues = HashMap::new();
        let mut receivers = Vec::new();
        for credentials in &apps {
            for account in platform.accounts() {
                let (sender, webhooks) = mpsc::unbounded_channel();
                queues.insert((credentials.app.clone(), account.id.clone()), sender);
                receivers.push(DeliveryQueue {
                    app: credentials.app.clone(),
                    account: account.id.clone(),
                    webhooks,
                });
            }
        }
        let clock = SimulatorClock::new();
        let shared = Self {
            tokens: apps.iter().flat_map(AppCredentials::all_tokens).collect(),
            apps,
            retry_after,
            client,
            uploads: Uploads::default(),
            queues,
            state: Mutex::new(LockedState {
                platform,
                timeline: Timeline::default(),
                activity: Activity::default(),
                faults,
                callbacks,
                epoch: clock.now().as_millis().unsigned_abs(),
                clock,
                settings: 1,
            }),
            changes: watch::Sender::new(false),
            clock_moved: watch::Sender::new(()),
        };
        (shared, receivers)
    }

    /// Returns the app and account of a Graph API token.
    pub(super) fn token(&self, token: &str) -> Option<&TokenInfo> {
        self.tokens.get(token)
    }

    pub(super) fn credentials(&self, app: &AppId) -> Option<&AppCredentials> {
        self.apps.iter().find(|credentials| credentials.app == *app)
    }

    /// Executes an action in this person's thread and sends its webhooks.
    pub(crate) fn act<T>(
        &self,
        person: &PersonId,
        act: impl FnOnce(&mut Platform, Timestamp) -> Result<Step<T>, ActionError>,
    ) -> Result<T, ActionError> {
        let mut state = self.lock();
        let now = state.clock.tick();
        let done = act(&mut state.platform, now);
        // Control may have expired even if the action failed.
        state.touch(person);
        let value = done.map(|step| {
            self.dispatch(&mut state, step.deliveries);
            step.value
        });
        self.changed(state);
        value
    }

    /// Executes a Graph API call. Its timeline row comes before the rows of the webhooks that it
    /// causes.
    pub(super) fn call(
        &self,
        mut row: TimelineItem,
        began: Instant,
        act: impl FnOnce(&mut Platform, Timestamp) -> GraphResult<String>,
    ) -> CallRecord {
        let mut state = self.lock();
        let now = state.clock.tick();
        let (status, body, deliveries) = match act(&mut state.platform, now) {
            Ok(step) => (StatusCode::OK, step.value, step.deliveries),
            Err(refusal) => {
                let fbtrace_id = format!("Sim{:08}", state.timeline.last() + 1);
                let body = to_json(&refusal.body(&fbtrace_id));
                (StatusCode::BAD_REQUEST, body, Vec::new())
            }
        };
        row.at = now;
        row.state = match status {
            StatusCode::OK => TimelineState::Succeeded,
            _ => TimelineState::Failed,
        };
        row.status = Some(status.as_u16());
        row.response = Some(body.as_str().into());
        row.attempts = 1;
        row.millis = Some(began.elapsed().as_secs_f64() * 1000.0);
        if let Some(person) = row.person.clone() {
            state.touch(&person);
            // The token of the linked Page also works for threads of an Instagram account.
            let thread = state.platform.thread(&person);
            row.account = thread.map(|thread| thread.account.clone()).or(row.account);
        }
        let row = state.timeline.push(row);
        self.dispatch(&mut state, deliveries);
        let last_row = state.timeline.last();
        self.changed(state);
        CallRecord {
            row,
            last_row,
            status,
            body,
        }
    }

    pub(crate) fn read<T>(&self, read: impl FnOnce(&Platform, Timestamp) -> T) -> T {
        self.snapshot(|snapshot| read(snapshot.platform, snapshot.now))
    }

    pub(super) fn snapshot<T>(&self, read: impl FnOnce(Snapshot<'_>) -> T) -> T {
        let state = self.lock();
        read(Snapshot {
            platform: &state.platform,
            timeline: &state.timeline,
            activity: &state.activity,
            faults: &state.faults,
            callbacks: &state.callbacks,
            now: state.clock.now(),
            clock_offset: state.clock.offset(),
            epoch: state.epoch,
            settings: state.settings,
        })
    }

    pub(crate) fn timeline(&self) -> Vec<TimelineItem> {
        self.snapshot(|snapshot| snapshot.timeline.rows().cloned().collect())
    }

    /// Returns the person with this name at this account, adding it if necessary.
    pub(crate) fn person(&self, account: &AccountId, name: &str) -> PersonId {
        let mut state = self.lock();
        let known = state
            .platform
            .threads()
            .iter()
            .find(|thread| thread.name == name && thread.account == *account);
        if let Some(thread) = known {
            return thread.person.clone();
        }
        let person = state.add_person(account, name);
        self.changed(state);
        person
    }

    /// Changes accounts, behavior and other settings. `None` if the target does not exist.
    pub(super) fn configure<T>(
        &self,
        change: impl FnOnce(&mut Platform) -> Option<T>,
    ) -> Option<T> {
        let mut state = self.lock();
        let done = change(&mut state.platform)?;
        state.settings += 1;
        self.changed(state);
        Some(done)
    }

    pub(crate) fn replace_faults(
        &self,
        seed: u64,
        rules: Vec<FaultRule>,
    ) -> Result<(), FaultError> {
        self.set_faults(Faults::new(seed, rules)?);
        Ok(())
    }

    /// Changes the routing of an account, which may cause webhooks.
    pub(super) fn route(&self, account: &AccountId, routing: Routing) -> Result<(), ActionError> {
        let mut state = self.lock();
        let now = state.clock.tick();
        let step = state.platform.route(account, routing, now)?;
        state.settings += 1;
        self.dispatch(&mut state, step.deliveries);
        self.changed(state);
        Ok(())
    }

    /// Replaces the fault rules.
    pub(super) fn set_faults(&self, faults: Faults) {
        let mut state = self.lock();
        state.faults = faults;
        state.settings += 1;
        self.changed(state);
    }

    /// Returns the fault for this call, if a rule matches.
    pub(super) fn fault_for_call(&self, app: Option<&AppId>, title: &str) -> Option<Fault> {
        let mut state = self.lock();
        let event = FaultEvent {
            on: FaultOn::Call,
            app,
            kinds: [title, title],
        };
        let fault = state.faults.next(&event)?;
        state.settings += 1;
        self.changed(state);
        Some(fault)
    }

    /// Moves the clock forward. Threads whose control expires count as changed.
    pub(crate) fn advance(&self, by: Duration) {
        let mut state = self.lock();
        let before = state.clock.now();
        state.clock.advance(by);
        let now = state.clock.now();
        let expired: Vec<_> = state
            .platform
            .threads()
            .iter()
            .filter(|thread| thread.owner(before).is_some() && thread.owner(now).is_none())
            .map(|thread| thread.person.clone())
            .collect();
        for person in expired {
            state.touch(&person);
        }
        state.settings += 1;
        self.changed(state);
        self.clock_moved.send_replace(());
    }

    /// Waits until the simulator's clock reaches this time.
    pub(super) async fn wait_until(&self, then: Timestamp) {
        let mut moved = self.clock_moved.subscribe();
        loop {
            let left = then.as_millis() - self.now().as_millis();
            let Ok(left @ 1..) = u64::try_from(left) else {
                return;
            };
            tokio::select! {
                () = sleep(Duration::from_millis(left)) => {}
                _ = moved.changed() => {}
            }
        }
    }

    pub(super) fn now(&self) -> Timestamp {
        self.lock().clock.now()
    }

    /// Removes persons, threads, timeline and pending webhooks.
    pub(crate) fn reset(&self) {
        let mut state = self.lock();
        state.platform.remove_persons();
        state.timeline.clear();
        state.activity.clear();
        state.faults.start_over();
        state.add_first_person();
        state.epoch += 1;
        state.settings += 1;
        self.changed(state);
    }

    /// Adds the first person.
    pub(super) fn open(&self) {
        self.lock().add_first_person();
    }

    pub(super) fn is_current(&self, epoch: u64) -> bool {
        self.lock().epoch == epoch
    }

    /// Returns the webhook of an app.
    pub(super) fn callback(&self, app: &AppId) -> Option<Callback> {
        self.lock().callbacks.get(app).cloned()
    }

    /// Returns where an app, or the first that can, takes data deletion requests: by default beside its
    /// webhook, at `data-deletion`.
    pub(super) fn deletion_callback(&self, app: Option<&AppId>) -> Option<(AppId, Url)> {
        let apps = self.read(|platform, _| {
            let apps = platform.apps().iter();
            apps.map(|app| app.id.clone()).collect::<Vec<_>>()
        });
        apps.into_iter()
            .filter(|id| app.is_none_or(|app| app == id))
            .find_map(|id| {
                let own = self.credentials(&id)?.data_deletion.clone();
                let beside = || self.callback(&id)?.url.join("data-deletion").ok();
                let url = own.or_else(beside)?;
                Some((id, url))
            })
    }

    pub(super) fn set_callback(&self, app: &AppId, callback: Callback) {
        let mut state = self.lock();
        if let Some(app) = state.platform.app_mut(app) {
            app.webhook = true;
        }
        state.callbacks.insert(app.clone(), callback);
        state.settings += 1;
        self.changed(state);
    }

    /// Returns whether the app is subscribed to the account.
    pub(crate) fn is_subscribed(&self, app: &AppId, account: &AccountId) -> bool {
        let state = self.lock();
        let account = state.platform.account(account);
        let connection = account.and_then(|account| account.connection(app));
        connection.is_some_and(|connection| connection.subscribed)
    }

    /// Subscribes or unsubscribes the app. `None` if it is not connected to the account.
    pub(crate) fn subscribe_app(
        &self,
        app: &AppId,
        account: &AccountId,
        subscribed: bool,
    ) -> Option<()> {
        self.configure(|platform| {
            platform.connection_mut(account, app)?.subscribed = subscribed;
            Some(())
        })
    }

    pub(super) fn add_row(&self, mut row: TimelineItem) -> u64 {
        let mut state = self.lock();
        row.at = state.clock.tick();
        let id = state.timeline.push(row);
        self.changed(state);
        id
    }

    pub(super) fn update_row(&self, id: u64, change: impl FnOnce(&mut TimelineItem)) {
        let mut state = self.lock();
        state.timeline.update(id, change);
        self.changed(state);
    }

    /// Delivers a webhook of the timeline again, byte for byte, ignoring subscriptions. `None` if
    /// the row is not a webhook or its app has no webhook.
    pub(super) fn deliver_again(&self, id: u64) -> Option<u64> {
        let mut state = self.lock();
        let state = &mut *state;
        let old = state.timeline.row(id)?;
        let (app, account) = (old.app.clone()?, old.account.clone()?);
        let url = state.callbacks.get(&app)?.url.as_str().into();
        let body = old.request.clone()?;
        let signature = old.signature.clone()?;
        let mut row = TimelineItem::new(TimelineKind::Webhook, old.title.clone());
        row.at = state.clock.tick();
        row.app = old.app.clone();
        row.account = old.account.clone();
        row.person = old.person.clone();
        row.channel = old.channel;
        row.url = url;
        row.request = Some(body.clone());
        row.signature = Some(signature.clone());
        let webhook = QueuedWebhook {
            row: state.timeline.push(row),
            post: None,
            body,
            signature,
            fault: None,
            at: state.clock.now(),
            epoch: state.epoch,
        };
        let row = webhook.row;
        // Sending only fails while the simulator stops.
        let _ = self.queues.get(&(app, account))?.send(webhook);
        self.changes.send_modify(|_| ());
        Some(row)
    }

    /// Waits until the webhooks of the rows after `after` up to `last` are done.
    pub(super) async fn webhooks_done(&self, after: u64, last: u64) {
        let mut changes = self.subscribe();
        let under_way = || {
            self.snapshot(|snapshot| {
                let mut caused = snapshot
                    .timeline
                    .after(after)
                    .take_while(|row| row.id <= last);
                caused.any(|row| row.state == TimelineState::Waiting)
            })
        };
        while under_way() && changes.changed().await.is_ok() {}
    }

    /// Returns the number of rows ever added, and whether a webhook is pending.
    pub(crate) fn progress(&self) -> (u64, bool) {
        self.snapshot(|snapshot| {
            let mut rows = snapshot.timeline.rows();
            let under_way = rows.any(|row| row.state == TimelineState::Waiting);
            (snapshot.timeline.last(), under_way)
        })
    }

    pub(crate) fn subscribe(&self) -> watch::Receiver<bool> {
        self.changes.subscribe()
    }

    pub(super) fn stop(&self) {
        self.changes.send_replace(true);
    }

    fn dispatch(&self, state: &mut LockedState, deliveries: Vec<WebhookDelivery>) {
        let batching = state.platform.behavior().batching;
        for post in Post::batched(deliveries, batching) {
            self.send(state, post);
        }
    }

    fn send(&self, state: &mut LockedState, post: Post) {
        let Some(first) = post.deliveries.first() else {
            return;
        };
        let (app, account) = (first.app.clone(), first.account.clone());
        let (Some(credentials), Some(callback)) =
            (self.credentials(&app), state.callbacks.get(&app))
        else {
            return;
        };
        let kind = first.event.body.kind().to_owned();
        let mut row = TimelineItem::new(TimelineKind::Webhook, kind.as_str());
        let at = first.time;
        row.at = at;
        row.person = first.event.person(&account).cloned();
        row.channel = Some(first.channel);
        row.url = callback.url.as_str().into();
        let field = WebhookField::of(first.product, &first.event.body).to_string();
        let fault = state.faults.next(&FaultEvent {
            on: FaultOn::Webhook,
            app: Some(&app),
            kinds: [&kind, &field],
        });
        if let Some(fault) = &fault {
            row.fault = Some(fault.name());
            state.settings += 1;
        }
        for delivery in &post.deliveries {
            if let Some(person) = delivery.event.person(&account) {
                state.touch(person);
            }
        }
        row.app = Some(app.clone());
        row.account = Some(account.clone());
        let body: Arc<str> = encode(&post.envelope()).into();
        let signature = credentials.signer.sha256(body.as_bytes());
        row.request = Some(body.clone());
        row.signature = Some(signature.clone());
        let webhook = QueuedWebhook {
            row: state.timeline.push(row),
            post: Some(post),
            body,
            signature,
            fault,
            at,
            epoch: state.epoch,
        };
        if let Some(queue) = self.queues.get(&(app, account)) {
            // Sending only fails while the simulator stops.
            let _ = queue.send(webhook);
        }
    }

    /// A poisoned lock is safe: actions are validated before they change anything.
    fn lock(&self) -> MutexGuard<'_, LockedState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn changed(&self, state: MutexGuard<'_, LockedState>) {
        drop(state);
        self.changes.send_modify(|_| ());
    }
}

impl LockedState {
    fn touch(&mut self, person: &PersonId) {
        if let Some(thread) = self.platform.thread(person) {
            self.activity.touch(person, thread.entries.len());
        }
    }

    fn add_person(&mut self, account: &AccountId, name: &str) -> PersonId {
        let person = self.platform.add_person(account, name);
        self.touch(&person);
        self.settings += 1;
        person
    }

    fn add_first_person(&mut self) {
        let account = self.platform.accounts().first();
        if let Some(account) = account.map(|account| account.id.clone()) {
            self.add_person(&account, crate::FIRST_PERSON);
        }
    }
}
