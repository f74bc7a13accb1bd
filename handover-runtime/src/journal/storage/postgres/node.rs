//! This process among the others: its lease, its lanes, and what it hears of the others.

use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant, SystemTime};

use handover_protocol::Timestamp;
use serde::Deserialize;
use tokio::runtime::Handle;
use tokio::sync::Notify;
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};
use tokio_postgres::Client;
use tokio_postgres::types::Type;
use tokio_util::sync::CancellationToken;

use super::database::{Database, SqlParameter, payload};
use super::error::PostgresError;
use crate::clock::Clock;
use crate::journal::SharedPause;
use crate::journal::figures::NodeStatus;
use crate::journal::lanes::Lanes;
use crate::journal::rules::NodeShare;

/// Pause after a failed attempt to connect, doubled up to the longest.
const FIRST_PAUSE: Duration = Duration::from_millis(100);
const LONGEST_PAUSE: Duration = Duration::from_secs(3);

/// An answer that took longer says too little about the time.
const QUICK: Duration = Duration::from_millis(500);

/// What the journal and the task that keeps the lease share.
pub(super) struct Node {
    state: Mutex<NodeState>,
    /// Goes by that of the database.
    clock: Clock,
    lease: Lease,
    /// The lease has to be looked at now.
    hurry: Notify,
    /// Something has come for the lanes of this node, or its lanes have changed.
    news: Arc<Notify>,
    ended: CancellationToken,
}

/// Whether this node may still act: asked before every call. Cheap to clone.
#[derive(Clone)]
pub(in crate::journal) struct Lease(Arc<LeaseInner>);

struct LeaseInner {
    /// The number under which the node is known; 0: none.
    epoch: AtomicI64,
    /// Until when the lease certainly holds: ms since the process began, by the clock that stops
    /// while the machine sleeps, and ms since 1970 by the other one.
    until: AtomicU64,
    until_wall: AtomicU64,
    began: Instant,
}

#[derive(Default)]
struct NodeState {
    /// Those in the database.
    lanes: Lanes,
    /// Those of them that are given back as soon as nothing of them is under way.
    leaving: Lanes,
    /// Whether they are others than when the rules were loaded.
    has_changed: bool,
    nodes: usize,
    /// The accounts that are paused, and when that was read.
    pauses: Vec<PausedAccount>,
    pauses_at: Option<Instant>,
    /// How many lanes have come and gone.
    moves: u64,
}

impl NodeState {
    fn has_lanes(&mut self, lanes: Lanes) {
        let moved = lanes.without(self.lanes).len() + self.lanes.without(lanes).len();
        self.moves += moved as u64;
        self.lanes = lanes;
    }
}

/// What `renew_1` gives.
#[derive(Deserialize)]
struct Renewed {
    nodes: usize,
    share: usize,
    taken: bool,
    lanes: Vec<u8>,
    now: i64,
    pauses: Vec<PausedAccount>,
}

/// An account for which a node has paused sending.
#[derive(Clone, Deserialize)]
struct PausedAccount {
    account: String,
    object: String,
    token: Option<String>,
    reason: String,
    /// How long it lasts.
    ms: Option<u64>,
}

impl PausedAccount {
    fn after(self, time: Duration) -> SharedPause {
        let left = self.ms.map(Duration::from_millis);
        SharedPause {
            account: self.account.into(),
            object: self.object.into(),
            left: left.map(|left| left.saturating_sub(time)),
            token: self.token,
            reason: self.reason,
        }
    }
}

impl Lease {
    fn new() -> Self {
        Self(Arc::new(LeaseInner {
            epoch: AtomicI64::new(0),
            until: AtomicU64::new(0),
            until_wall: AtomicU64::new(0),
            began: Instant::now(),
        }))
    }

    /// Whether the lease of this epoch holds at this moment.
    pub(in crate::journal) fn holds(&self, epoch: i64) -> bool {
        let Self(lease) = self;
        let now = millis(lease.began.elapsed());
        // The clock since the start may stand still while a machine is frozen, and the other may be set.
        epoch == lease.epoch.load(Ordering::Acquire)
            && now < lease.until.load(Ordering::Acquire)
            && wall() < lease.until_wall.load(Ordering::Acquire)
    }

    fn renewed(&self, epoch: i64, asked_at: Instant, asked_wall: u64, lease: Duration) {
        let Self(inner) = self;
        // A call is on its way for a moment after it was asked.
        let lease = lease - lease / 5;
        let asked = asked_at.duration_since(inner.began);
        inner.until.store(millis(asked + lease), Ordering::Release);
        // A clock that is set forward ends the lease early, which does no harm.
        let until_wall = asked_wall + millis(lease);
        inner.until_wall.store(until_wall, Ordering::Release);
        inner.epoch.store(epoch, Ordering::Release);
    }
}

fn millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

fn wall() -> u64 {
    millis(SystemTime::UNIX_EPOCH.elapsed().unwrap_or_default())
}

impl Node {
    pub(super) fn new(clock: Clock) -> Self {
        Self {
            state: Mutex::default(),
            clock,
            lease: Lease::new(),
            hurry: Notify::new(),
            news: Arc::default(),
            ended: CancellationToken::new(),
        }
    }

    pub(super) fn lease(&self) -> Lease {
        self.lease.clone()
    }

    pub(super) fn news(&self) -> Arc<Notify> {
        self.news.clone()
    }

    pub(super) fn epoch(&self) -> i64 {
        self.lease.0.epoch.load(Ordering::Acquire)
    }

    /// Whether it has other lanes than when that was asked last.
    pub(super) fn has_changed(&self) -> bool {
        self.lock().has_changed
    }

    /// What it has now; the rules are about to be loaded with that.
    pub(super) fn take_up(&self) -> NodeShare {
        let mut state = self.lock();
        state.has_changed = false;
        NodeShare {
            epoch: self.epoch(),
            lanes: state.lanes,
            leaving: state.leaving,
        }
    }

    /// The lanes are given back.
    pub(super) fn gave_back(&self, lanes: Lanes) {
        let mut state = self.lock();
        let left = state.lanes.without(lanes);
        state.has_lanes(left);
        state.leaving = state.leaving.without(lanes);
        state.has_changed = true;
    }

    /// The database says that the lease of this epoch has ended.
    pub(super) fn is_over(&self, epoch: i64) {
        let (ended, none) = (Ordering::AcqRel, Ordering::Acquire);
        if self
            .lease
            .0
            .epoch
            .compare_exchange(epoch, 0, ended, none)
            .is_err()
        {
            // It has begun another already.
            return;
        }
        let mut state = self.lock();
        state.has_lanes(Lanes::default());
        *state = NodeState {
            has_changed: true,
            moves: state.moves,
            ..NodeState::default()
        };
        drop(state);
        self.hurry.notify_one();
        self.news.notify_one();
    }

    /// Its lanes, and how many nodes there are.
    pub(super) fn status(&self) -> NodeStatus {
        let holds = self.lease.holds(self.epoch());
        let state = self.lock();
        let since = state.pauses_at.map(|at| at.elapsed()).unwrap_or_default();
        let pauses = state.pauses.iter().cloned();
        let pauses = pauses.map(|pause| pause.after(since));
        NodeStatus {
            name: name(),
            has_lease: holds,
            lanes: state.lanes.len(),
            nodes: state.nodes,
            moves: state.moves,
            pauses: pauses
                .filter(|pause| pause.left != Some(Duration::ZERO))
                .collect(),
        }
    }

    /// Stops to renew the lease.
    pub(super) fn end(&self) {
        self.ended.cancel();
    }

    fn lock(&self) -> MutexGuard<'_, NodeState> {
        // It is consistent after every statement.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Joins, or takes lanes that are free, and renews the lease.
    pub(super) async fn renew(
        &self,
        database: &Database,
        client: &Client,
    ) -> Result<(), PostgresError> {
        let failed = |error| database.failed(&error);
        let lease = database.address.lease;
        let lease_ms = i64::try_from(lease.as_millis()).unwrap_or(i64::MAX);
        let (asked_at, asked_wall) = (Instant::now(), wall());
        let mut epoch = self.epoch();
        if epoch == 0 && self.ended.is_cancelled() {
            return Ok(());
        }
        if epoch == 0 {
            let name = name();
            let join = database.sql("SELECT {schema}.join_1($1, $2, $3, $4)");
            let version = env!("CARGO_PKG_VERSION");
            let parameters: [SqlParameter<'_>; 4] = [
                (&name, Type::TEXT),
                (&version, Type::TEXT),
                (&lease_ms, Type::INT8),
                (&database.is_alone, Type::BOOL),
            ];
            let rows = client.query_typed(&join, &parameters).await;
            epoch = rows.map_err(failed)?[0].get(0);
        }
        let renew = database.sql("SELECT {schema}.renew_1($1, $2, true)::text");
        let parameters: [SqlParameter<'_>; 2] = [(&epoch, Type::INT8), (&lease_ms, Type::INT8)];
        let rows = client.query_typed(&renew, &parameters).await;
        let renewed: Option<String> = rows.map_err(failed)?[0].get(0);
        let Some(renewed) = renewed else {
            tracing::warn!(database = %database.address, epoch, "the lease of this node has ended; it starts over");
            self.is_over(epoch);
            return Ok(());
        };
        let renewed: Renewed =
            serde_json::from_str(&renewed).map_err(|error| database.unreadable(error))?;
        self.lease.renewed(epoch, asked_at, asked_wall, lease);
        self.follow(renewed.now, asked_at.elapsed(), database);
        let lanes: Lanes = renewed.lanes.iter().copied().collect();
        let surplus = renewed.lanes.len().saturating_sub(renewed.share);
        let leaving: Lanes = renewed.lanes.iter().rev().take(surplus).copied().collect();
        let mut state = self.lock();
        if state.nodes != renewed.nodes {
            tracing::info!(
                nodes = renewed.nodes,
                lanes = lanes.len(),
                "the number of nodes has changed"
            );
        }
        state.nodes = renewed.nodes;
        state.pauses = renewed.pauses;
        state.pauses_at = Some(Instant::now());
        if renewed.taken || state.lanes != lanes || state.leaving != leaving {
            state.has_lanes(lanes);
            state.leaving = leaving;
            state.has_changed = true;
            drop(state);
            self.news.notify_one();
        }
        Ok(())
    }
}

impl Node {
    /// All nodes have the same time, whatever the clocks of their machines show: timers, retries and pauses
    /// that one of them has stored are worked by another. `took` is how long the answer took.
    fn follow(&self, now: i64, took: Duration, database: &Database) {
        if took > QUICK {
            return;
        }
        let now = Timestamp::from_millis(now) + took / 2;
        if let Some(ahead) = self.clock.follow(now) {
            tracing::warn!(
                database = %database.address,
                ms = ahead,
                "the clock of the database is ahead of that of this machine, or behind it; the bot goes by the one of the database: synchronise both, for example by NTP"
            );
        }
    }
}

/// Keeps the lease until the node ends, and hears what other nodes say.
pub(super) async fn keep(node: Arc<Node>, database: Database, runtime: Handle) {
    let mut pause = FIRST_PAUSE;
    while !node.ended.is_cancelled() {
        let kept = tokio::select! {
            kept = keep_on_one(&node, &database, &runtime, &mut pause) => kept,
            () = node.ended.cancelled() => return,
        };
        let Err(error) = kept;
        tracing::warn!(%error, in_ms = pause.as_millis(), "the lease cannot be renewed; trying again");
        tokio::select! {
            () = tokio::time::sleep(pause) => {}
            () = node.ended.cancelled() => return,
        }
        pause = (pause * 2).min(LONGEST_PAUSE);
    }
}

/// The same on one connection, until that fails.
async fn keep_on_one(
    node: &Node,
    database: &Database,
    runtime: &Handle,
    pause: &mut Duration,
) -> Result<std::convert::Infallible, PostgresError> {
    let (client, mut heard) = connect(database, runtime).await?;
    // Behind a pooler nothing is heard; then the look every so often finds it.
    let listen = ["LISTEN ", &database.channel()].concat();
    client
        .batch_execute(&listen)
        .await
        .map_err(|error| database.failed(&error))?;
    let every = database.address.lease / 3;
    // No answer within a lease is none.
    let within = every.max(Duration::from_secs(1));
    loop {
        let renewed = node.renew(database, &client);
        database.within(within, &client, renewed).await?;
        *pause = FIRST_PAUSE;
        if node.epoch() == 0 {
            continue;
        }
        let next = tokio::time::sleep(every);
        tokio::pin!(next);
        loop {
            tokio::select! {
                () = &mut next => break,
                () = node.hurry.notified() => break,
                said = heard.recv() => match said {
                    Some(said) if said == "free" || said == "pauses" => break,
                    Some(lanes) => {
                        let mut lanes = lanes.split(',').filter_map(|lane| lane.parse().ok());
                        let own = node.lock().lanes;
                        if lanes.any(|lane| own.contains(lane)) {
                            node.news.notify_one();
                        }
                    }
                    None => return Err(database.silent()),
                },
            }
        }
    }
}

async fn connect(
    database: &Database,
    runtime: &Handle,
) -> Result<(Client, UnboundedReceiver<String>), PostgresError> {
    let (client, mut connection) = database.open().await?;
    let (say, heard) = unbounded_channel();
    runtime.spawn(async move {
        loop {
            let message = std::future::poll_fn(|context| connection.poll_message(context));
            match message.await {
                Some(Ok(message)) => {
                    if let Some(said) = payload(message) {
                        // Nobody may listen any more.
                        let _ = say.send(said);
                    }
                }
                Some(Err(_)) | None => return,
            }
        }
    });
    Ok((client, heard))
}

/// The name of this process among the nodes, for people.
fn name() -> String {
    format!("{} {}", host(), std::process::id())
}

/// The name of this machine, for people.
fn host() -> String {
    let name = std::env::var("HOSTNAME").ok();
    let name = name.or_else(|| std::fs::read_to_string("/etc/hostname").ok());
    name.map_or_else(|| "process".to_owned(), |name| name.trim().to_owned())
}
