use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use axum::http::StatusCode;
use handover_protocol::{AccountId, AppId, PersonId, Timestamp};
use tokio::sync::{mpsc, watch};
use tokio::time::sleep;

use super::activity::Activity;
use super::attempt::WebhookClient;
use super::clock::Clock;
use super::encode::{encode, to_json};
use super::faults::{Event, Fault, FaultError, FaultOn, FaultRule, Faults};
use super::parcel::Parcel;
use super::seat::{Callback, Seat, Token};
use super::timeline::Timeline;
use super::timeline_item::{TimelineItem, TimelineKind, TimelineState};
use super::uploads::Uploads;
use crate::platform::{ActError, Answer, Delivery, Field, Platform, Post, Routing, Step};

/// What everybody at the simulator shares: the platform, the timeline, and the lines to the apps.
pub(crate) struct Desk {
    pub(super) seats: Vec<Seat>,
    pub(super) retry_after: Vec<Duration>,
    pub(super) client: WebhookClient,
    pub(super) uploads: Uploads,
    tokens: HashMap<String, Token>,
    lines: HashMap<(AppId, AccountId), mpsc::UnboundedSender<Parcel>>,
    world: Mutex<World>,
    /// The value says whether the simulator has stopped.
    changes: watch::Sender<bool>,
    clock_moved: watch::Sender<()>,
}

/// What changes.
struct World {
    platform: Platform,
    timeline: Timeline,
    activity: Activity,
    faults: Faults,
    callbacks: HashMap<AppId, Callback>,
    clock: Clock,
    era: u64,
    /// Counts the changes of all that is neither thread nor timeline.
    settings: u64,
}

/// A look at everything at one moment.
pub(super) struct Glance<'a> {
    pub(super) platform: &'a Platform,
    pub(super) timeline: &'a Timeline,
    pub(super) activity: &'a Activity,
    pub(super) faults: &'a Faults,
    pub(super) callbacks: &'a HashMap<AppId, Callback>,
    pub(super) now: Timestamp,
    pub(super) clock_offset: Duration,
    pub(super) era: u64,
    pub(super) settings: u64,
}

/// What a call came to.
pub(super) struct Called {
    pub(super) row: u64,
    /// The last row of what it caused; its own if it caused nothing.
    pub(super) last_row: u64,
    pub(super) status: StatusCode,
    pub(super) body: String,
}

/// What is on its way to one app about one account.
pub(super) struct Line {
    pub(super) app: AppId,
    pub(super) account: AccountId,
    pub(super) parcels: mpsc::UnboundedReceiver<Parcel>,
}

impl Desk {
    /// A desk, and the lines from it that want couriers.
    pub(super) fn new(
        platform: Platform,
        seats: Vec<Seat>,
        callbacks: HashMap<AppId, Callback>,
        faults: Faults,
        client: WebhookClient,
        retry_after: Vec<Duration>,
    ) -> (Self, Vec<Line>) {
        let mut lines = HashMap::new();
        let mut ends = Vec::new();
        for seat in &seats {
            for account in platform.accounts() {
                let (queue, parcels) = mpsc::unbounded_channel();
                lines.insert((seat.app.clone(), account.id.clone()), queue);
                ends.push(Line {
                    app: seat.app.clone(),
                    account: account.id.clone(),
                    parcels,
                });
            }
        }
        let clock = Clock::new();
        let desk = Self {
            tokens: seats.iter().flat_map(Seat::all_tokens).collect(),
            seats,
            retry_after,
            client,
            uploads: Uploads::default(),
            lines,
            world: Mutex::new(World {
                platform,
                timeline: Timeline::default(),
                activity: Activity::default(),
                faults,
                callbacks,
                era: clock.now().as_millis().unsigned_abs(),
                clock,
                settings: 1,
            }),
            changes: watch::Sender::new(false),
            clock_moved: watch::Sender::new(()),
        };
        (desk, ends)
    }

    /// What a token of the Graph API stands for.
    pub(super) fn token(&self, token: &str) -> Option<&Token> {
        self.tokens.get(token)
    }

    pub(super) fn seat(&self, app: &AppId) -> Option<&Seat> {
        self.seats.iter().find(|seat| seat.app == *app)
    }

    /// Somebody at the desk does something in this person's thread.
    pub(crate) fn act<T>(
        &self,
        person: &PersonId,
        act: impl FnOnce(&mut Platform, Timestamp) -> Result<Step<T>, ActError>,
    ) -> Result<T, ActError> {
        let mut world = self.world();
        let now = world.clock.tick();
        let done = act(&mut world.platform, now);
        // Control may have run out, even if nothing else came of it.
        world.touch(person);
        let value = done.map(|step| {
            self.dispatch(&mut world, step.deliveries);
            step.value
        });
        self.changed(world);
        value
    }

    /// An app calls the Graph API; the answer is a status and a body. The call stands in the
    /// timeline before what it causes.
    pub(super) fn call(
        &self,
        mut row: TimelineItem,
        began: Instant,
        act: impl FnOnce(&mut Platform, Timestamp) -> Answer<String>,
    ) -> Called {
        let mut world = self.world();
        let now = world.clock.tick();
        let (status, body, deliveries) = match act(&mut world.platform, now) {
            Ok(step) => (StatusCode::OK, step.value, step.deliveries),
            Err(refusal) => {
                let fbtrace_id = format!("Sim{:08}", world.timeline.last() + 1);
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
            world.touch(&person);
            // An Instagram account's threads are reached by the linked Page's token, too.
            let thread = world.platform.thread(&person);
            row.account = thread.map(|thread| thread.account.clone()).or(row.account);
        }
        let row = world.timeline.push(row);
        self.dispatch(&mut world, deliveries);
        let last_row = world.timeline.last();
        self.changed(world);
        Called {
            row,
            last_row,
            status,
            body,
        }
    }

    pub(crate) fn look<T>(&self, look: impl FnOnce(&Platform, Timestamp) -> T) -> T {
        self.glance(|glance| look(glance.platform, glance.now))
    }

    pub(super) fn glance<T>(&self, look: impl FnOnce(Glance<'_>) -> T) -> T {
        let world = self.world();
        look(Glance {
            platform: &world.platform,
            timeline: &world.timeline,
            activity: &world.activity,
            faults: &world.faults,
            callbacks: &world.callbacks,
            now: world.clock.now(),
            clock_offset: world.clock.offset(),
            era: world.era,
            settings: world.settings,
        })
    }

    pub(crate) fn timeline(&self) -> Vec<TimelineItem> {
        self.glance(|glance| glance.timeline.rows().cloned().collect())
    }

    /// The person of this name at this account, who comes by for the first time if nobody knows
    /// them.
    pub(crate) fn person(&self, account: &AccountId, name: &str) -> PersonId {
        let mut world = self.world();
        let known = world
            .platform
            .threads()
            .iter()
            .find(|thread| thread.name == name && thread.account == *account);
        if let Some(thread) = known {
            return thread.person.clone();
        }
        let person = world.meet(account, name);
        self.changed(world);
        person
    }

    /// Changes what is neither thread nor timeline: accounts, choices and the like. `None` if there
    /// is nothing to change.
    pub(super) fn set_up<T>(&self, change: impl FnOnce(&mut Platform) -> Option<T>) -> Option<T> {
        let mut world = self.world();
        let done = change(&mut world.platform)?;
        world.settings += 1;
        self.changed(world);
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

    /// Changes the settings of an account, which may cause webhooks.
    pub(super) fn route(&self, account: &AccountId, routing: Routing) -> Result<(), ActError> {
        let mut world = self.world();
        let now = world.clock.tick();
        let step = world.platform.route(account, routing, now)?;
        world.settings += 1;
        self.dispatch(&mut world, step.deliveries);
        self.changed(world);
        Ok(())
    }

    /// Puts other rules in force, from their beginning.
    pub(super) fn set_faults(&self, faults: Faults) {
        let mut world = self.world();
        world.faults = faults;
        world.settings += 1;
        self.changed(world);
    }

    /// The fault that befalls this call, if any does.
    pub(super) fn strike_call(&self, app: Option<&AppId>, title: &str) -> Option<Fault> {
        let mut world = self.world();
        let event = Event {
            on: FaultOn::Call,
            app,
            kinds: [title, title],
        };
        let fault = world.faults.strike(&event)?;
        world.settings += 1;
        self.changed(world);
        Some(fault)
    }

    /// Moves the clock on. Threads whose owner's time runs out by it change.
    pub(crate) fn advance(&self, by: Duration) {
        let mut world = self.world();
        let before = world.clock.now();
        world.clock.advance(by);
        let now = world.clock.now();
        let expired: Vec<_> = world
            .platform
            .threads()
            .iter()
            .filter(|thread| thread.owner(before).is_some() && thread.owner(now).is_none())
            .map(|thread| thread.person.clone())
            .collect();
        for person in expired {
            world.touch(&person);
        }
        world.settings += 1;
        self.changed(world);
        self.clock_moved.send_replace(());
    }

    /// Waits until the simulator's clock, by itself or by hand, has come so far.
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
        self.world().clock.now()
    }

    /// Starts over with an empty desk. What has not been delivered yet never will be.
    pub(crate) fn reset(&self) {
        let mut world = self.world();
        world.platform.forget_persons();
        world.timeline.clear();
        world.activity.clear();
        world.faults.start_over();
        world.meet_the_first();
        world.era += 1;
        world.settings += 1;
        self.changed(world);
    }

    /// The person the page opens with comes by.
    pub(super) fn open(&self) {
        self.world().meet_the_first();
    }

    pub(super) fn is_current(&self, era: u64) -> bool {
        self.world().era == era
    }

    /// The webhook of an app, if it has one.
    pub(super) fn callback(&self, app: &AppId) -> Option<Callback> {
        self.world().callbacks.get(app).cloned()
    }

    pub(super) fn set_callback(&self, app: &AppId, callback: Callback) {
        let mut world = self.world();
        if let Some(app) = world.platform.app_mut(app) {
            app.webhook = true;
        }
        world.callbacks.insert(app.clone(), callback);
        world.settings += 1;
        self.changed(world);
    }

    /// Whether the app still gets what the account has for it.
    pub(crate) fn is_subscribed(&self, app: &AppId, account: &AccountId) -> bool {
        let world = self.world();
        let account = world.platform.account(account);
        let connection = account.and_then(|account| account.connection(app));
        connection.is_some_and(|connection| connection.subscribed)
    }

    /// Ends or renews the app's subscription to the account. `None` if there is no such pair.
    pub(crate) fn subscribe_app(
        &self,
        app: &AppId,
        account: &AccountId,
        subscribed: bool,
    ) -> Option<()> {
        self.set_up(|platform| {
            platform.connection_mut(account, app)?.subscribed = subscribed;
            Some(())
        })
    }

    pub(super) fn add_row(&self, mut row: TimelineItem) -> u64 {
        let mut world = self.world();
        row.at = world.clock.tick();
        let id = world.timeline.push(row);
        self.changed(world);
        id
    }

    pub(super) fn update_row(&self, id: u64, change: impl FnOnce(&mut TimelineItem)) {
        let mut world = self.world();
        world.timeline.update(id, change);
        self.changed(world);
    }

    /// Delivers a webhook of the timeline once more, byte for byte, however the app is subscribed
    /// now. `None` if it is none, or its app has no webhook any more.
    pub(super) fn deliver_again(&self, id: u64) -> Option<u64> {
        let mut world = self.world();
        let world = &mut *world;
        let old = world.timeline.row(id)?;
        let (app, account) = (old.app.clone()?, old.account.clone()?);
        let url = world.callbacks.get(&app)?.url.as_str().into();
        let body = old.request.clone()?;
        let signature = old.signature.clone()?;
        let mut row = TimelineItem::new(TimelineKind::Webhook, old.title.clone());
        row.at = world.clock.tick();
        row.app = old.app.clone();
        row.account = old.account.clone();
        row.person = old.person.clone();
        row.channel = old.channel;
        row.url = url;
        row.request = Some(body.clone());
        row.signature = Some(signature.clone());
        let parcel = Parcel {
            row: world.timeline.push(row),
            post: None,
            body,
            signature,
            fault: None,
            at: world.clock.now(),
            era: world.era,
        };
        let row = parcel.row;
        // Nobody receives any more only when the simulator is being stopped.
        let _ = self.lines.get(&(app, account))?.send(parcel);
        self.changes.send_modify(|_| ());
        Some(row)
    }

    /// Waits until the webhooks of these rows, the first one left out, have come to an end.
    pub(super) async fn webhooks_done(&self, after: u64, last: u64) {
        let mut changes = self.subscribe();
        let under_way = || {
            self.glance(|glance| {
                let mut caused = glance
                    .timeline
                    .after(after)
                    .take_while(|row| row.id <= last);
                caused.any(|row| row.state == TimelineState::Waiting)
            })
        };
        while under_way() && changes.changed().await.is_ok() {}
    }

    /// How many rows there ever were, and whether a webhook is under way.
    pub(crate) fn progress(&self) -> (u64, bool) {
        self.glance(|glance| {
            let mut rows = glance.timeline.rows();
            let under_way = rows.any(|row| row.state == TimelineState::Waiting);
            (glance.timeline.last(), under_way)
        })
    }

    pub(crate) fn subscribe(&self) -> watch::Receiver<bool> {
        self.changes.subscribe()
    }

    pub(super) fn stop(&self) {
        self.changes.send_replace(true);
    }

    fn dispatch(&self, world: &mut World, deliveries: Vec<Delivery>) {
        let batching = world.platform.choices().batching;
        for post in Post::put_together(deliveries, batching) {
            self.send(world, post);
        }
    }

    fn send(&self, world: &mut World, post: Post) {
        let Some(first) = post.deliveries.first() else {
            return;
        };
        let (app, account) = (first.app.clone(), first.account.clone());
        let (Some(seat), Some(callback)) = (self.seat(&app), world.callbacks.get(&app)) else {
            return;
        };
        let kind = first.event.body.kind().to_owned();
        let mut row = TimelineItem::new(TimelineKind::Webhook, kind.as_str());
        let at = first.time;
        row.at = at;
        row.person = first.event.person(&account).cloned();
        row.channel = Some(first.channel);
        row.url = callback.url.as_str().into();
        let field = Field::of(first.product, &first.event.body).to_string();
        let fault = world.faults.strike(&Event {
            on: FaultOn::Webhook,
            app: Some(&app),
            kinds: [&kind, &field],
        });
        if let Some(fault) = &fault {
            row.fault = Some(fault.name());
            world.settings += 1;
        }
        for delivery in &post.deliveries {
            if let Some(person) = delivery.event.person(&account) {
                world.touch(person);
            }
        }
        row.app = Some(app.clone());
        row.account = Some(account.clone());
        let body: Arc<str> = encode(&post.envelope()).into();
        let signature = seat.signer.sha256(body.as_bytes());
        row.request = Some(body.clone());
        row.signature = Some(signature.clone());
        let parcel = Parcel {
            row: world.timeline.push(row),
            post: Some(post),
            body,
            signature,
            fault,
            at,
            era: world.era,
        };
        if let Some(line) = self.lines.get(&(app, account)) {
            // Nobody receives any more only when the simulator is being stopped.
            let _ = line.send(parcel);
        }
    }

    /// A panic of another thread cannot have left the world half changed: acts are checked before
    /// they change anything.
    fn world(&self) -> MutexGuard<'_, World> {
        self.world.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn changed(&self, world: MutexGuard<'_, World>) {
        drop(world);
        self.changes.send_modify(|_| ());
    }
}

impl World {
    fn touch(&mut self, person: &PersonId) {
        if let Some(thread) = self.platform.thread(person) {
            self.activity.touch(person, thread.lines.len());
        }
    }

    fn meet(&mut self, account: &AccountId, name: &str) -> PersonId {
        let person = self.platform.meet(account, name);
        self.touch(&person);
        self.settings += 1;
        person
    }

    fn meet_the_first(&mut self) {
        let account = self.platform.accounts().first();
        if let Some(account) = account.map(|account| account.id.clone()) {
            self.meet(&account, crate::FIRST_PERSON);
        }
    }
}
