use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant, SystemTime};

use axum::http::StatusCode;
use handover_protocol::{AccountId, AppId, PersonId, Timestamp};
use tokio::sync::{mpsc, watch};
use url::Url;

use super::encode::{encode, to_json};
use super::signature::Signer;
use super::timeline::{Timeline, TimelineItem, TimelineKind, TimelineState};
use crate::platform::{ActError, Answer, Delivery, Platform, Step};

/// What everybody at the simulator shares: the platform, the timeline, and the lines to the apps.
pub(crate) struct Desk {
    pub(super) page: AccountId,
    pub(super) connections: Vec<Connection>,
    pub(super) retry_after: Vec<Duration>,
    world: Mutex<World>,
    /// The value says whether the simulator has stopped.
    changes: watch::Sender<bool>,
}

/// How an app is known when it calls, and reached.
pub(super) struct Connection {
    pub(super) app: AppId,
    pub(super) token: String,
    pub(super) signer: Signer,
    pub(super) line: Option<Line>,
}

/// An app's webhook, and what is on its way there.
pub(super) struct Line {
    pub(super) url: Url,
    pub(super) queue: mpsc::UnboundedSender<Parcel>,
}

/// What a courier knows of an app.
pub(super) struct Webhook {
    pub(super) app: AppId,
    pub(super) url: Url,
    pub(super) verify_token: Option<String>,
    pub(super) signer: Signer,
}

/// A webhook in line for one app.
pub(super) struct Parcel {
    pub(super) row: u64,
    pub(super) body: String,
    pub(super) signature: String,
    era: u64,
}

struct World {
    platform: Platform,
    timeline: Timeline,
    now: Timestamp,
    era: u64,
}

/// A look at everything at one moment.
pub(super) struct Glance<'a> {
    pub(super) platform: &'a Platform,
    pub(super) timeline: &'a Timeline,
    pub(super) now: Timestamp,
    pub(super) era: u64,
}

impl Desk {
    pub(super) fn new(
        page: AccountId,
        platform: Platform,
        connections: Vec<Connection>,
        retry_after: Vec<Duration>,
    ) -> Self {
        let now = system_time();
        Self {
            page,
            connections,
            retry_after,
            world: Mutex::new(World {
                platform,
                timeline: Timeline::default(),
                now,
                era: now.as_millis().unsigned_abs(),
            }),
            changes: watch::Sender::new(false),
        }
    }

    /// Somebody at the desk does something.
    pub(crate) fn act<T>(
        &self,
        act: impl FnOnce(&mut Platform, Timestamp) -> Result<Step<T>, ActError>,
    ) -> Result<T, ActError> {
        let mut world = self.world();
        let now = world.tick();
        let step = act(&mut world.platform, now)?;
        self.dispatch(&mut world, step.deliveries);
        self.changed(world);
        Ok(step.value)
    }

    /// An app calls the Graph API; the answer is a status and a body. The call stands in the
    /// timeline before what it causes.
    pub(super) fn call(
        &self,
        mut row: TimelineItem,
        began: Instant,
        act: impl FnOnce(&mut Platform, Timestamp) -> Answer<String>,
    ) -> (StatusCode, String) {
        let mut world = self.world();
        let now = world.tick();
        let (status, body, deliveries) = match act(&mut world.platform, now) {
            Ok(step) => (StatusCode::OK, step.value, step.deliveries),
            Err(refusal) => {
                let fbtrace_id = format!("Sim{:08}", world.timeline.next_id());
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
        row.response = Some(body.clone());
        row.attempts = 1;
        row.millis = Some(began.elapsed().as_secs_f64() * 1000.0);
        world.timeline.push(row);
        self.dispatch(&mut world, deliveries);
        self.changed(world);
        (status, body)
    }

    pub(crate) fn look<T>(&self, look: impl FnOnce(&Platform, Timestamp) -> T) -> T {
        self.glance(|glance| look(glance.platform, glance.now))
    }

    pub(super) fn glance<T>(&self, look: impl FnOnce(Glance<'_>) -> T) -> T {
        let world = self.world();
        let now = world.now.max(system_time());
        look(Glance {
            platform: &world.platform,
            timeline: &world.timeline,
            now,
            era: world.era,
        })
    }

    pub(crate) fn timeline(&self) -> Vec<TimelineItem> {
        self.glance(|glance| glance.timeline.rows().cloned().collect())
    }

    /// The person of this name, who comes by for the first time if nobody knows them.
    pub(crate) fn person(&self, name: &str) -> PersonId {
        let mut world = self.world();
        let known = world
            .platform
            .threads()
            .iter()
            .find(|thread| thread.name == name);
        if let Some(thread) = known {
            return thread.person.clone();
        }
        let person = world.platform.meet(&self.page, name);
        self.changed(world);
        person
    }

    /// Starts over with an empty desk. What has not been delivered yet never will be.
    pub(super) fn reset(&self) {
        let mut world = self.world();
        world.platform.forget_persons();
        world.platform.meet(&self.page, crate::FIRST_PERSON);
        world.timeline.clear();
        world.era += 1;
        self.changed(world);
    }

    pub(super) fn is_current(&self, parcel: &Parcel) -> bool {
        self.world().era == parcel.era
    }

    pub(super) fn add_row(&self, mut row: TimelineItem) -> u64 {
        let mut world = self.world();
        row.at = world.tick();
        let id = world.timeline.push(row);
        self.changed(world);
        id
    }

    pub(super) fn update_row(&self, id: u64, change: impl FnOnce(&mut TimelineItem)) {
        let mut world = self.world();
        world.timeline.update(id, change);
        self.changed(world);
    }

    pub(crate) fn subscribe(&self) -> watch::Receiver<bool> {
        self.changes.subscribe()
    }

    pub(super) fn stop(&self) {
        self.changes.send_replace(true);
    }

    fn dispatch(&self, world: &mut World, deliveries: Vec<Delivery>) {
        for delivery in deliveries {
            let connection = self
                .connections
                .iter()
                .find(|connection| connection.app == delivery.app);
            let Some((signer, line)) =
                connection.and_then(|to| Some((&to.signer, to.line.as_ref()?)))
            else {
                continue;
            };
            let mut row = TimelineItem::new(TimelineKind::Webhook, delivery.event.body.kind());
            row.at = delivery.time;
            row.person = delivery.event.person(&delivery.account).cloned();
            row.channel = Some(delivery.channel);
            row.url = line.url.to_string();
            row.app = Some(delivery.app.clone());
            let body = encode(&delivery.envelope());
            let signature = signer.sha256(body.as_bytes());
            row.request = Some(body.clone());
            row.signature = Some(signature.clone());
            let parcel = Parcel {
                row: world.timeline.push(row),
                body,
                signature,
                era: world.era,
            };
            // Nobody receives any more only when the simulator is being stopped.
            let _ = line.queue.send(parcel);
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
    /// The time of an act, never twice the same: what is later has a later timestamp, too.
    fn tick(&mut self) -> Timestamp {
        let next = Timestamp::from_millis(self.now.as_millis() + 1);
        self.now = system_time().max(next);
        self.now
    }
}

fn system_time() -> Timestamp {
    let since_epoch = SystemTime::now()
        .duration_since(SystemTime::UNIX_EPOCH)
        .unwrap_or_default();
    Timestamp::from_millis(i64::try_from(since_epoch.as_millis()).unwrap_or(i64::MAX))
}
