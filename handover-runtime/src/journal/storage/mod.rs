//! Where the rows are kept.
//!
//! A storage knows no rules: it makes the rows durable that the rules changed, and reads what they
//! ask for. All calls come from one thread, one at a time.

mod columns;
mod follow;
mod inspect;
mod memory;
#[cfg(any(feature = "sqlite", feature = "postgres"))]
mod migrate;
mod open_error;
#[cfg(feature = "postgres")]
mod postgres;
mod replay;
mod retention;
#[cfg(feature = "sqlite")]
mod sqlite;

use handover_protocol::{AccountId, Timestamp};
use std::sync::Arc;

pub use follow::{Follower, JournalChange};
pub use inspect::{Counts, HandoffsTo, Inspector, JournalView, ViewRows};
pub(super) use memory::{HeldDeadLetter, Memory};
#[cfg(any(feature = "sqlite", feature = "postgres"))]
pub use migrate::{JournalPlace, Migrated, MigrationError, MigrationProgress, migrate};
pub use open_error::OpenError;
#[cfg(feature = "postgres")]
pub use postgres::{
    JournalClient, PostgresAddress, PostgresAddressError, PostgresError, RemoteChange,
};
#[cfg(feature = "postgres")]
pub(super) use postgres::{Lease, Postgres};
pub use replay::{Replay, ReplayRefusal, Replayed};
pub use retention::Retention;
#[cfg(feature = "sqlite")]
pub(super) use sqlite::Sqlite;

use super::lanes::Lanes;
use super::listing::{DeadLetterRow, NodeRow, ReadRows, ThreadSearch, ThreadSummary};
use super::rules::{JournalSnapshot, ReadRequest, ReadResult, RowChange};
use super::{
    DeadLetter, DeletionStatus, Figures, Forgotten, LaneScope, PendingDeletion, SharedFigures,
    StoredReceipt, ThreadExport, TotalBacklog,
};
use crate::internal_event::InternalEvent;
use crate::thread::ThreadKey;

/// Makes changes durable, and reads what waits.
///
/// What a storage for several nodes needs is said at each method: it holds the lanes of its node,
/// each with a lease and an epoch that fences off a node whose lease has ended.
pub(super) trait Storage: Send {
    /// Whether what is committed is there after the process has ended.
    fn is_durable(&self) -> bool;

    /// Reads everything that waits, and the timers that are due before a time. Asked at the start,
    /// and whenever memory may be behind the rows; after an error the storage reconnects.
    ///
    /// Several nodes: of the lanes whose lease this node has; asked again when it gets one.
    fn load(
        &mut self,
        timers_before: Timestamp,
        now: Timestamp,
    ) -> Result<JournalSnapshot, StorageError>;

    /// Whether another process has changed rows since the last commit or load.
    ///
    /// Several nodes: whether this one has other lanes. What others store for its lanes is read with
    /// [`ReadRequest::arrivals`].
    fn has_foreign_changes(&mut self) -> Result<bool, StorageError>;

    /// Reads what the rules do not hold.
    ///
    /// Several nodes: dedupe keys are unique over all nodes.
    fn read(&mut self, request: &ReadRequest) -> Result<ReadResult, StorageError>;

    /// Makes all changes durable or, with an error, none. Without changes it writes something all
    /// the same, which shows whether anything can be written.
    ///
    /// Several nodes: fails as a whole if the epoch of a lane is not this node's any more. What was
    /// handed out of that lane is then no longer this node's.
    fn commit(&mut self, changes: Vec<RowChange>) -> Result<(), StorageError>;

    /// Gives lanes back. They are not this node's any more, and the rules are loaded again.
    fn release(&mut self, _lanes: Lanes) -> Result<(), StorageError> {
        Ok(())
    }

    /// What another node has answered under this name.
    fn answer(&mut self, _name: &str) -> Result<Option<Forgotten>, StorageError> {
        Ok(None)
    }

    /// What the last commit deleted of a thread that was forgotten.
    fn forgotten(&mut self, thread: &ThreadKey) -> Forgotten;

    /// Threads whose sessions are too old, and that have no timer; some of them each time.
    fn expired(&mut self, now: Timestamp) -> Result<Vec<ThreadKey>, StorageError>;

    /// How many dead letters went since that was asked: because they were too old, or with a thread that was forgotten
    /// for another node.
    fn dead_letters_gone(&mut self) -> u64;

    /// Makes what was deleted unreadable: not even its bytes are in a file any more. Where it fails, it
    /// is done at the next start.
    fn erase(&mut self) -> Result<(), StorageError>;

    /// What reads everything that is kept of a thread, away from the thread of the others. `None` where
    /// the rules hold everything but dead letters.
    fn export(&self, thread: &ThreadKey) -> Option<ReadExport>;

    /// The receipts of a thread, oldest first, where the rules hold everything else.
    fn receipts(&self, _thread: &ThreadKey) -> Vec<StoredReceipt> {
        Vec::new()
    }

    /// Takes the timers of an account that take threads back out of the dead letters, where the rules
    /// hold everything else.
    fn take_backs(&mut self, _account: &AccountId) -> Vec<(ThreadKey, Arc<InternalEvent>)> {
        Vec::new()
    }

    /// The dead letters that a replay chooses, where the rules hold everything else.
    fn held_dead_letters(&self, _replay: &Replay) -> Vec<HeldDeadLetter> {
        Vec::new()
    }

    /// The requests for deletion that are not carried out yet, oldest first.
    fn pending_deletions(&mut self) -> Result<Vec<PendingDeletion>, StorageError>;

    /// What became of a request for deletion.
    fn deletion(&mut self, code: &str) -> Result<Option<DeletionStatus>, StorageError>;

    /// What could not be handled or sent, oldest first.
    fn dead_letters(&mut self) -> Result<Vec<DeadLetter>, StorageError>;

    /// What reads threads for an operator, away from the thread of the others. `None` where the rules hold
    /// everything but dead letters.
    fn threads(&self, _search: &ThreadSearch, _now: Timestamp) -> Option<ReadRows<ThreadSummary>> {
        None
    }

    /// What reads the newest dead letters, or those of these numbers, away from the thread of the others.
    /// `None` where there is nothing to read.
    fn dead_letter_rows(
        &self,
        _ids: Option<&[u64]>,
        _limit: usize,
    ) -> Option<ReadRows<DeadLetterRow>> {
        None
    }

    /// What reads the nodes that share the storage. `None` if none can.
    fn nodes(&self) -> Option<ReadRows<NodeRow>> {
        None
    }

    /// Deletes dead letters. Returns how many there were.
    ///
    /// Several nodes: in any lane; the owner of the lane is notified.
    fn discard(&mut self, ids: &[u64]) -> Result<u64, StorageError>;

    /// What a replay would do.
    fn preview(&mut self, replay: &Replay) -> Result<Vec<Replayed>, StorageError>;

    /// What counts the rows, away from the thread of the others: it may take a while. `None` where
    /// the rules hold everything.
    ///
    /// Several nodes: those of its lanes, or of all.
    fn figures(&self, now: Timestamp, scope: LaneScope) -> Option<Count>;

    /// What counts what waits in all lanes, away from the thread of the others. `None` where the rules
    /// hold all.
    fn total_backlog(&self) -> Option<CountWaiting> {
        None
    }

    /// What reads how the rows stand that several nodes share, away from the thread of the others.
    fn shared_figures(&self) -> Option<ReadShared> {
        None
    }

    /// Puts back what was settled or given up. The rules have to be loaded again after that.
    ///
    /// Several nodes: in any lane; the owner of the lane is notified, and nothing has to be loaded.
    fn replay(&mut self, replay: &Replay) -> Result<Vec<Replayed>, StorageError>;

    /// Writes everything out; nothing else is asked of it afterwards.
    ///
    /// Several nodes: gives its leases back.
    fn close(&mut self) -> Result<(), StorageError>;
}

/// Reads what is kept of a thread.
pub(super) type ReadExport = Box<dyn FnOnce() -> Result<ThreadExport, StorageError> + Send>;

/// Counts rows.
pub(super) type Count = Box<dyn FnOnce() -> Result<Figures, StorageError> + Send>;

/// Counts what waits.
pub(super) type CountWaiting = Box<dyn FnOnce() -> Result<TotalBacklog, StorageError> + Send>;

/// Reads how the rows stand that several nodes share.
pub(super) type ReadShared = Box<dyn FnOnce() -> Result<SharedFigures, StorageError> + Send>;

/// Why a storage failed. All whose changes were in the batch are given the same error.
#[derive(Clone, Debug, thiserror::Error)]
#[error(transparent)]
pub(super) struct StorageError(Arc<dyn std::error::Error + Send + Sync>);

impl StorageError {
    #[cfg(feature = "postgres")]
    fn source_as<E: std::error::Error + 'static>(&self) -> Option<&E> {
        self.0.downcast_ref()
    }

    pub(super) fn new(error: impl std::error::Error + Send + Sync + 'static) -> Self {
        Self(Arc::new(error))
    }
}
