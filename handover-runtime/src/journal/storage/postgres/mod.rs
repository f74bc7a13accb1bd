//! The rows in a PostgreSQL database, which several nodes share.
//!
//! Each thread belongs to one of 256 lanes, and each lane to one node, which alone holds what waits in it. A
//! node renews its lease in the table of nodes; another that finds it too old deletes the row and takes the
//! lanes. A commit is one statement that first locks the row of its node: without one, it writes nothing.
//!
//! Nothing is kept in a session of the server but what `LISTEN` needs, so connections may go through a pooler
//! that gives each transaction another session.

mod address;
mod client;
mod commit;
mod connected;
mod copy;
mod database;
mod error;
mod figures;
mod inspect;
mod listing;
mod node;
mod privacy;
mod read;
mod replay;
mod rows;
mod segment;
mod tls;

use std::sync::Arc;
use std::time::{Duration, Instant};

use handover_protocol::Timestamp;
use tokio::runtime::Runtime;
use tokio::sync::Notify;
use tokio_postgres::Client;
use tokio_postgres::types::Type;

pub use address::{PostgresAddress, PostgresAddressError};
pub use client::{JournalClient, RemoteChange};
pub(super) use copy::PostgresCopy;
pub use error::PostgresError;
pub(super) use inspect::PostgresInspector;
pub(in crate::journal) use node::Lease;

use super::{
    Count, CountWaiting, ReadExport, ReadShared, Replay, Replayed, Retention, Storage, StorageError,
};
use crate::clock::Clock;
use crate::journal::figures::NodeStatus;
use crate::journal::lanes::Lanes;
use crate::journal::listing::{DeadLetterRow, NodeRow, ReadRows, ThreadSearch, ThreadSummary};
use crate::journal::rules::{JournalSnapshot, NodeShare, ReadRequest, ReadResult, RowChange};
use crate::journal::{DeadLetter, DeletionStatus, Forgotten, LaneScope, PendingDeletion};
use crate::thread::ThreadKey;
use commit::CommitBatch;
use database::{ANSWER_WITHIN, Database, SqlParameter};
use node::Node;
use read::{BLOCK, RowReader, lanes_of};

/// Pause before the database is tried again, doubled up to the longest.
const FIRST_PAUSE: Duration = Duration::from_millis(50);
const LONGEST_PAUSE: Duration = Duration::from_secs(2);
/// How often partitions are looked after, and how soon again if that failed.
const PARTITIONS_EVERY: Duration = Duration::from_secs(60 * 60);
const PARTITIONS_AGAIN: Duration = Duration::from_secs(60);
/// How many numbers of a block are kept for commits that are under way.
const SPARE_NUMBERS: u64 = 1 << 18;
/// How many threads are looked at for being too old.
const LOOKED_AT: i64 = 500;

/// One node of the journal in a database.
pub(in crate::journal) struct Postgres {
    database: Database,
    /// Drives the connections, renews the lease.
    runtime: Runtime,
    client: Option<Client>,
    /// Whether the database was looked at, and the node has joined.
    is_prepared: bool,
    /// Whose journal it is.
    bot: Option<String>,
    /// No attempt to connect before this time, and the pause after the next failure.
    retry: (Instant, Duration),
    node: Arc<Node>,
    /// What the rules were loaded with.
    share: NodeShare,
    /// What was begun when they were loaded: commits of another session fail.
    session: i64,
    retention: Retention,
    /// The largest number that this node may give.
    last_number: u64,
    /// The largest that it has given.
    given: u64,
    /// When partitions are looked after next; `None`: now.
    partitions_at: Option<Instant>,
    /// What was deleted of threads that were forgotten, until somebody asks.
    forgotten: Vec<(ThreadKey, Forgotten)>,
    dead_letters_gone: u64,
    looked_at: Option<ThreadKey>,
}

impl Postgres {
    /// Joins the nodes of the journal; makes the tables if there are none. `bot` says whose it is: the
    /// journal of another bot is refused.
    ///
    /// Not to be called inside a tokio runtime: it waits.
    pub(in crate::journal) fn open(
        address: &PostgresAddress,
        bot: Option<&str>,
        retention: Retention,
        clock: Clock,
    ) -> Result<Self, PostgresError> {
        Self::open_in(Database::new(address)?, bot, retention, clock)
    }

    fn open_in(
        database: Database,
        bot: Option<&str>,
        retention: Retention,
        clock: Clock,
    ) -> Result<Self, PostgresError> {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .thread_name("postgres")
            .enable_all()
            .build();
        let runtime = runtime.map_err(|error| PostgresError::Unreachable {
            database: database.address.to_string(),
            reason: error.to_string(),
        })?;
        let mut postgres = Self {
            database,
            runtime,
            client: None,
            is_prepared: false,
            bot: bot.map(str::to_owned),
            retry: (Instant::now(), FIRST_PAUSE),
            node: Arc::new(Node::new(clock)),
            share: NodeShare::default(),
            session: 0,
            retention,
            last_number: 0,
            given: 0,
            partitions_at: None,
            forgotten: Vec::new(),
            dead_letters_gone: 0,
            looked_at: None,
        };
        match postgres.connect() {
            Ok(()) => {}
            Err(error @ (PostgresError::Unreachable { .. } | PostgresError::Silent { .. })) => {
                tracing::error!(%error, "the database is tried again; until then nothing is accepted");
            }
            Err(error) => return Err(error),
        }
        Ok(postgres)
    }

    /// Whether it has reached the database yet.
    pub(in crate::journal) fn is_prepared(&self) -> bool {
        self.is_prepared
    }

    /// Notified when something has come for the lanes of this node.
    pub(in crate::journal) fn news(&self) -> Arc<Notify> {
        self.node.news()
    }

    /// Status of the node among the others, from now on.
    pub(in crate::journal) fn status(&self) -> impl Fn() -> NodeStatus + Send + Sync + 'static {
        let node = self.node.clone();
        move || node.status()
    }

    /// Whether this node may still act.
    pub(in crate::journal) fn lease(&self) -> Lease {
        self.node.lease()
    }

    /// Connects if there is no connection. Between two attempts there is a pause, in which everything fails
    /// at once.
    fn connect(&mut self) -> Result<(), PostgresError> {
        if self
            .client
            .as_ref()
            .is_some_and(|client| !client.is_closed())
        {
            return Ok(());
        }
        self.client = None;
        let (at, pause) = self.retry;
        if Instant::now() < at {
            return Err(PostgresError::Unreachable {
                database: self.database.address.to_string(),
                reason: "there is no connection; it is tried again soon".to_owned(),
            });
        }
        let connected = self.runtime.block_on(self.connect_now());
        match connected {
            Ok(client) => {
                self.client = Some(client);
                self.retry = (Instant::now(), FIRST_PAUSE);
                if !self.is_prepared {
                    self.is_prepared = true;
                    let handle = self.runtime.handle().clone();
                    let (node, database) = (self.node.clone(), self.database.clone());
                    self.runtime.spawn(node::keep(node, database, handle));
                }
                Ok(())
            }
            Err(error) => {
                self.retry = (Instant::now() + pause, (pause * 2).min(LONGEST_PAUSE));
                Err(error)
            }
        }
    }

    async fn connect_now(&self) -> Result<Client, PostgresError> {
        let (database, handle) = (&self.database, self.runtime.handle());
        let mut client = database.connect(handle).await?;
        let prepared = async {
            if self.is_prepared {
                return database.check_writable(&client).await;
            }
            database.prepare(&mut client, self.bot.as_deref()).await?;
            // The first look at the lanes, so that a single node has them at once.
            self.node.renew(database, &client).await
        };
        match tokio::time::timeout(ANSWER_WITHIN, prepared).await {
            Ok(prepared) => prepared.map(|()| client),
            Err(_) => Err(database.give_up(&client)),
        }
    }

    /// Asks the database, which has to answer in time.
    fn ask<T>(
        &mut self,
        question: impl AsyncFnOnce(RowReader<'_>) -> Result<T, PostgresError>,
    ) -> Result<T, StorageError> {
        self.connect().map_err(StorageError::new)?;
        let Some(client) = &self.client else {
            return Err(StorageError::new(self.database.silent()));
        };
        let reader = RowReader {
            database: &self.database,
            client,
        };
        let answer = self.runtime.block_on(async {
            let answer = question(reader);
            self.database.within(ANSWER_WITHIN, client, answer).await
        });
        if let Err(error) = &answer {
            match error {
                PostgresError::LeaseEnded { .. } => self.node.is_over(self.share.epoch),
                PostgresError::Silent { .. } | PostgresError::Unreachable { .. } => {
                    self.client = None;
                }
                _ => {}
            }
        }
        answer.map_err(StorageError::new)
    }

    /// Returns what asks the database on a separate connection, from any thread that may block.
    fn beside<T>(
        &self,
        question: impl AsyncFnOnce(RowReader<'_>) -> Result<T, PostgresError> + Send + 'static,
    ) -> Box<dyn FnOnce() -> Result<T, StorageError> + Send> {
        let database = self.database.clone();
        let handle = self.runtime.handle().clone();
        Box::new(move || {
            let answer = handle.block_on(async {
                let client = &database.connect(&handle).await?;
                let database = &database;
                question(RowReader { database, client }).await
            });
            answer.map_err(StorageError::new)
        })
    }

    fn write(&mut self, batch: CommitBatch) -> Result<(), StorageError> {
        let segments = batch
            .segments()
            .map_err(|error| StorageError::new(self.database.unreadable(error)))?;
        let columns = batch.columns();
        let (epoch, session) = (self.share.epoch, self.session);
        let rows = self.ask(async |reader| {
            let commit = "SELECT {schema}.commit_1($1, $2, $3::text[]::jsonb[], $4, $5)::text";
            let parameters: [SqlParameter<'_>; 5] = [
                (&epoch, Type::INT8),
                (&session, Type::INT8),
                (&segments, Type::TEXT_ARRAY),
                (&columns.integers, Type::INT8_ARRAY),
                (&columns.texts, Type::TEXT_ARRAY),
            ];
            reader.rows(commit, &parameters).await
        })?;
        let done: Committed = serde_json::from_str(rows[0].get(0))
            .map_err(|error| StorageError::new(self.database.unreadable(error)))?;
        let threads = batch.forgotten.into_iter();
        for (thread, counts) in threads.zip(done.forgotten) {
            let forgotten = forgotten_rows(counts);
            match thread {
                Some(thread) => self.forgotten.push((thread, forgotten)),
                // Whoever asked is told by the database, and the rules are not.
                None => self.dead_letters_gone += forgotten.dead_letters,
            }
        }
        self.dead_letters_gone += done.tidied;
        Ok(())
    }

    /// Makes the partitions of the coming days. Whatever has no partition is stored all the same, so it can wait
    /// for others who read the tables.
    fn look_after_partitions(&mut self) -> Result<(), StorageError> {
        if self.partitions_at.is_some_and(|at| Instant::now() < at) {
            return Ok(());
        }
        let days = self.retention.seen.as_secs().div_ceil(24 * 3600) + 1;
        let days = i32::try_from(days).unwrap_or(i32::MAX / 2);
        let made = self.ask(async |reader| {
            let make = "SELECT {schema}.partition_1($1)";
            reader.rows(make, &[(&days, Type::INT4)]).await
        });
        let again = match made {
            Ok(_) => PARTITIONS_EVERY,
            Err(error) => {
                if !matches!(error.source_as(), Some(PostgresError::Failed { .. })) {
                    return Err(error);
                }
                tracing::warn!(%error, "the tables of the coming days cannot be made; trying again");
                PARTITIONS_AGAIN
            }
        };
        self.partitions_at = Some(Instant::now() + again);
        Ok(())
    }
}

/// What `commit_1` gives.
#[derive(serde::Deserialize)]
struct Committed {
    forgotten: Vec<[u64; 7]>,
    tidied: u64,
}

/// What `forget_1` counts.
fn forgotten_rows(counts: [u64; 7]) -> Forgotten {
    let [
        events,
        turns,
        sessions,
        calls,
        timers,
        dead_letters,
        receipts,
    ] = counts;
    Forgotten {
        events,
        turns,
        sessions,
        calls,
        timers,
        dead_letters,
        receipts,
    }
}

impl Storage for Postgres {
    fn is_durable(&self) -> bool {
        true
    }

    fn load(
        &mut self,
        timers_before: Timestamp,
        _: Timestamp,
    ) -> Result<JournalSnapshot, StorageError> {
        self.look_after_partitions()?;
        let mut share = self.node.take_up();
        // Until it is known what waits in them, they are nobody's.
        self.share = NodeShare::default();
        // What the task that keeps the lease was given may be older than what was given back here.
        match self.ask(async |reader| reader.begin(share.epoch).await)? {
            Some(begun) => {
                share.lanes = begun.lanes.into_iter().collect();
                self.session = begun.session;
            }
            None => {
                if share.epoch != 0 {
                    self.node.is_over(share.epoch);
                }
                share = NodeShare::default();
            }
        }
        share.leaving = share.lanes.without(share.lanes.without(share.leaving));
        let snapshot = self.ask(async |reader| reader.load(share, timers_before).await)?;
        self.share = share;
        // They are not counted any more.
        self.dead_letters_gone = 0;
        self.given = snapshot.last_sequence;
        self.last_number = snapshot.last_sequence + BLOCK - 1;
        Ok(snapshot)
    }

    /// Other lanes, or nearly no numbers left.
    fn has_foreign_changes(&mut self) -> Result<bool, StorageError> {
        Ok(self.node.has_changed() || self.given + SPARE_NUMBERS > self.last_number)
    }

    fn read(&mut self, request: &ReadRequest) -> Result<ReadResult, StorageError> {
        let lanes = self.share.lanes;
        self.ask(async |reader| reader.find(request, lanes).await)
    }

    fn commit(&mut self, changes: Vec<RowChange>) -> Result<(), StorageError> {
        crate::failpoint::failpoint!("journal.midway");
        let batch = CommitBatch::of(changes, self.retention)
            .map_err(|error| StorageError::new(self.database.unreadable(error)))?;
        self.given = self.given.max(batch.last_number);
        if self.given > self.last_number {
            return Err(StorageError::new(
                self.database
                    .unreadable("a batch has more numbers than are left"),
            ));
        }
        crate::failpoint::failpoint!("journal.before_commit");
        self.write(batch)?;
        crate::failpoint::failpoint!("journal.after_commit");
        Ok(())
    }

    fn release(&mut self, lanes: Lanes) -> Result<(), StorageError> {
        let (epoch, columns) = (self.share.epoch, lanes_of(lanes));
        self.ask(async |reader| {
            let give = "SELECT {schema}.give_back_1($1, $2)";
            let parameters: [SqlParameter<'_>; 2] =
                [(&epoch, Type::INT8), (&columns, Type::INT2_ARRAY)];
            reader.rows(give, &parameters).await
        })?;
        self.node.gave_back(lanes);
        Ok(())
    }

    fn answer(&mut self, name: &str) -> Result<Option<Forgotten>, StorageError> {
        let rows = self.ask(async |reader| {
            let answer = "SELECT content FROM {schema}.answer WHERE name = $1";
            reader.rows(answer, &[(&name, Type::TEXT)]).await
        })?;
        let Some(row) = rows.first() else {
            return Ok(None);
        };
        let counts = serde_json::from_str(row.get(0));
        let counts = counts.map_err(|error| StorageError::new(self.database.unreadable(error)))?;
        Ok(Some(forgotten_rows(counts)))
    }

    fn forgotten(&mut self, thread: &ThreadKey) -> Forgotten {
        Forgotten::take_of(&mut self.forgotten, thread)
    }

    fn expired(&mut self, now: Timestamp) -> Result<Vec<ThreadKey>, StorageError> {
        // What comes next finds out that the database is away.
        let _ = self.look_after_partitions();
        let Some(time) = self.retention.sessions else {
            return Ok(Vec::new());
        };
        let after = self.looked_at.take();
        let lane = after.as_ref().map_or(-1, |key| i16::from(key.lane()));
        let (account, person) = after
            .as_ref()
            .map(commit::thread_columns)
            .unwrap_or_default();
        let before = (now - time).as_millis();
        let lanes = lanes_of(self.share.lanes);
        let found = self.ask(async |reader| {
            let sql = "SELECT account, person, changed_at < $4 AND NOT EXISTS (SELECT FROM {schema}.timer AS i
                         WHERE i.lane = t.lane AND i.account = t.account AND i.person = t.person)
                       FROM {schema}.thread AS t
                       WHERE lane = ANY ($5) AND (lane, account, person) > ($1, $2, $3)
                       ORDER BY lane, account, person LIMIT $6";
            let parameters: [SqlParameter<'_>; 6] = [
                (&lane, Type::INT2),
                (&account, Type::TEXT),
                (&person, Type::TEXT),
                (&before, Type::INT8),
                (&lanes, Type::INT2_ARRAY),
                (&LOOKED_AT, Type::INT8),
            ];
            let rows = reader.rows(sql, &parameters).await?;
            reader.each(&rows, |row| {
                Ok((rows::thread_key(row)?, row.try_get::<_, bool>(2)?))
            })
        })?;
        self.looked_at = found.last().map(|(key, _)| key.clone());
        let old = found.into_iter().filter(|(_, is_old)| *is_old);
        Ok(old.map(|(key, _)| key).collect())
    }

    fn dead_letters_gone(&mut self) -> u64 {
        std::mem::take(&mut self.dead_letters_gone)
    }

    /// The server overwrites what was deleted when it vacuums; of its files, backups and replicas this
    /// program knows nothing.
    fn erase(&mut self) -> Result<(), StorageError> {
        Ok(())
    }

    fn export(&self, thread: &ThreadKey) -> Option<ReadExport> {
        let thread = thread.clone();
        Some(self.beside(async move |reader| reader.export(&thread).await))
    }

    fn pending_deletions(&mut self) -> Result<Vec<PendingDeletion>, StorageError> {
        self.ask(async |reader| reader.pending_deletions().await)
    }

    fn deletion(&mut self, code: &str) -> Result<Option<DeletionStatus>, StorageError> {
        self.ask(async |reader| reader.deletion(code).await)
    }

    fn dead_letters(&mut self) -> Result<Vec<DeadLetter>, StorageError> {
        self.ask(async |reader| reader.dead_letters().await)
    }

    fn threads(&self, search: &ThreadSearch, now: Timestamp) -> Option<ReadRows<ThreadSummary>> {
        let search = search.clone();
        Some(self.beside(async move |reader| reader.find_threads(&search, now).await))
    }

    fn nodes(&self) -> Option<ReadRows<NodeRow>> {
        let epoch = self.share.epoch;
        Some(self.beside(async move |reader| reader.nodes(epoch).await))
    }

    fn dead_letter_rows(
        &self,
        ids: Option<&[u64]>,
        limit: usize,
    ) -> Option<ReadRows<DeadLetterRow>> {
        let ids = ids.map(<[u64]>::to_vec);
        Some(self.beside(async move |reader| reader.dead_letter_rows(ids.as_deref(), limit).await))
    }

    fn discard(&mut self, ids: &[u64]) -> Result<u64, StorageError> {
        self.ask(async |reader| reader.discard(ids).await)
    }

    fn preview(&mut self, replay: &Replay) -> Result<Vec<Replayed>, StorageError> {
        self.ask(async |reader| reader.preview(replay).await)
    }

    fn figures(&self, now: Timestamp, scope: LaneScope) -> Option<Count> {
        let lanes = match scope {
            LaneScope::Node => self.share.lanes,
            LaneScope::All => Lanes::ALL,
        };
        Some(self.beside(async move |reader| reader.figures(lanes, now).await))
    }

    fn total_backlog(&self) -> Option<CountWaiting> {
        Some(self.beside(async |reader| reader.total_backlog().await))
    }

    fn shared_figures(&self) -> Option<ReadShared> {
        let lanes = self.share.lanes;
        Some(self.beside(async move |reader| reader.shared_figures(lanes).await))
    }

    fn replay(&mut self, replay: &Replay) -> Result<Vec<Replayed>, StorageError> {
        self.ask(async |reader| reader.replay(replay).await)
    }

    /// Gives the lanes back: other nodes take them at once.
    fn close(&mut self) -> Result<(), StorageError> {
        self.node.end();
        let epoch = self.node.epoch();
        if epoch == 0 {
            return Ok(());
        }
        self.ask(async |reader| {
            let leave = "SELECT {schema}.give_back_1($1, NULL)";
            reader.rows(leave, &[(&epoch, Type::INT8)]).await
        })?;
        Ok(())
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        self.node.end();
    }
}
