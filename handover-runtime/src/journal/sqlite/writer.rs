//! The one thread that writes. It takes everything that was asked while the last commit ran and
//! commits it together, so that many share the wait for the disk.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use prometheus::Histogram;
use tokio::sync::oneshot;

use super::Keep;
use super::open::{self, Lock, OpenError};
use super::store::Store;
use crate::journal::JournalError;

/// More would make everybody wait for long.
const LARGEST_GROUP: usize = 256;
const TIDY_EVERY: Duration = Duration::from_secs(1);

/// Something to do with the store.
pub(super) trait Job: Send {
    /// Whether there is something to write. Without, no transaction is needed.
    fn writes(&self, store: &Store) -> bool;
    /// Changes rows; if that fails, nothing of the whole group is stored.
    fn write(&mut self, store: &mut Store) -> rusqlite::Result<()>;
    /// The group is stored.
    fn committed(self: Box<Self>, store: &mut Store) -> Answer;
    /// The group is not stored.
    fn failed(self: Box<Self>, store: &mut Store, error: &Arc<StoreError>);
}

/// Why a group could not be stored.
#[derive(Debug, thiserror::Error)]
pub(super) enum StoreError {
    #[error("{}{}: {source}", path.display(), hint(source))]
    Sqlite {
        path: PathBuf,
        source: rusqlite::Error,
    },
    #[error(transparent)]
    Open(#[from] OpenError),
}

/// What to do, where SQLite only says what is.
fn hint(error: &rusqlite::Error) -> &'static str {
    match error.sqlite_error_code() {
        Some(rusqlite::ErrorCode::DiskFull) => " (no space left on the disk: free some)",
        Some(rusqlite::ErrorCode::ReadOnly) => " (the file or its directory cannot be written)",
        Some(rusqlite::ErrorCode::DatabaseCorrupt) => {
            " (the file is damaged: stop the bot and restore a backup)"
        }
        Some(rusqlite::ErrorCode::SystemIoFailure) => " (the disk reports an error)",
        _ => "",
    }
}

/// The thread, and the way to it. Dropping it lets the thread end once nothing is left to do.
pub(super) struct Writer {
    jobs: Sender<Box<dyn Job>>,
    _thread: JoinHandle<()>,
}

impl Writer {
    pub(super) fn start(
        path: PathBuf,
        keep: Keep,
        commits: Option<Histogram>,
    ) -> Result<Self, OpenError> {
        let lock = open::lock(&path)?;
        let mut store = Store::open(&path, keep)?;
        store.commits = commits;
        let (jobs, asked) = channel();
        let thread = std::thread::Builder::new()
            .name("journal".to_owned())
            .spawn(move || work(store, &asked, lock))
            .map_err(|source| OpenError::Inaccessible { path, source })?;
        Ok(Self {
            jobs,
            _thread: thread,
        })
    }

    pub(super) fn send(&self, job: Box<dyn Job>) {
        // If the thread is gone, dropping the job tells whoever waits for it.
        let _ = self.jobs.send(job);
    }
}

fn work(mut store: Store, jobs: &Receiver<Box<dyn Job>>, lock: Lock) {
    let mut tidied = Instant::now();
    let mut doubtful = false;
    while store.closing.is_none() {
        let mut group = match jobs.recv_timeout(TIDY_EVERY) {
            Ok(job) => vec![job],
            Err(RecvTimeoutError::Timeout) => Vec::new(),
            Err(RecvTimeoutError::Disconnected) => break,
        };
        group.extend(jobs.try_iter().take(LARGEST_GROUP - 1));
        if tidied.elapsed() >= TIDY_EVERY {
            tidied = Instant::now();
            // First, for it looks at what was there before.
            group.insert(0, Box::new(Tidy));
        }
        let stored = if doubtful {
            store.reopen().map_err(StoreError::from)
        } else {
            Ok(())
        };
        doubtful = stored.is_err();
        let stored = stored.and_then(|()| commit(&mut store, &mut group));
        match stored {
            Ok(()) => {
                store.committed();
                // So that all that they read is read under one lock; without it, under one each.
                let together = store.execute("BEGIN");
                let answers = group.into_iter().map(|job| job.committed(&mut store));
                let answers: Vec<_> = answers.collect();
                if together.is_ok() {
                    let _ = store.execute("COMMIT");
                }
                // One after the other, they would be waited for and worked one at a time.
                answers.into_iter().for_each(|answer| answer());
            }
            Err(error) => {
                let error = Arc::new(error);
                tracing::error!(%error, "the journal cannot be written");
                store.rolled_back();
                for job in group {
                    job.failed(&mut store, &error);
                }
                doubtful = true;
            }
        }
    }
    let closed = store.close();
    if let Err(error) = &closed {
        tracing::error!(%error, "the journal could not be closed");
    }
    let reply = store.closing.take();
    drop(store);
    drop(lock);
    if let Some(reply) = reply {
        match closed {
            Ok(()) => reply.give(())(),
            Err(error) => reply.refuse(error),
        }
    }
}

fn commit(store: &mut Store, group: &mut [Box<dyn Job>]) -> Result<(), StoreError> {
    let path = store.path.clone();
    let sqlite = |source| StoreError::Sqlite {
        path: path.clone(),
        source,
    };
    if !group.iter().any(|job| job.writes(store)) {
        return Ok(());
    }
    let _measured = store.commits.as_ref().map(Histogram::start_timer);
    store.execute("BEGIN IMMEDIATE").map_err(sqlite)?;
    let written = group.iter_mut().try_for_each(|job| {
        crate::failpoint::failpoint!("journal.midway");
        job.write(store)
    });
    let written = written.and_then(|()| {
        store.write_rows()?;
        crate::failpoint::failpoint!("journal.before_commit");
        store.execute("COMMIT")
    });
    if written.is_err() && !store.connection.is_autocommit() {
        // A failure here is no news: the connection is about to be replaced.
        let _ = store.execute("ROLLBACK");
    }
    crate::failpoint::failpoint!("journal.after_commit");
    written.map_err(sqlite)
}

/// Deletes what is too old.
struct Tidy;

impl Job for Tidy {
    fn writes(&self, _: &Store) -> bool {
        true
    }

    fn write(&mut self, store: &mut Store) -> rusqlite::Result<()> {
        store.tidy().map(|_| ())
    }

    fn committed(self: Box<Self>, _: &mut Store) -> Answer {
        Box::new(|| {})
    }

    fn failed(self: Box<Self>, _: &mut Store, _: &Arc<StoreError>) {}
}

/// Gives an answer.
pub(super) type Answer = Box<dyn FnOnce()>;

/// Where the answer to a job goes. Whoever asked may be gone by then.
pub(super) struct Reply<T>(oneshot::Sender<Result<T, JournalError>>);

impl<T: 'static> Reply<T> {
    /// The way, and its end.
    pub(super) fn channel() -> (Self, oneshot::Receiver<Result<T, JournalError>>) {
        let (reply, answer) = oneshot::channel();
        (Self(reply), answer)
    }

    pub(super) fn give(self, answer: T) -> Answer {
        self.give_read(Ok(answer))
    }

    pub(super) fn give_read(self, read: rusqlite::Result<T>) -> Answer {
        Box::new(move || {
            let _ = self.0.send(read.map_err(|source| JournalError {
                doing: "read",
                source: source.into(),
            }));
        })
    }

    /// What was asked could not be stored.
    pub(super) fn refuse(self, error: impl Into<Box<dyn std::error::Error + Send + Sync>>) {
        let _ = self.0.send(Err(JournalError::written(error)));
    }
}

/// A job that writes.
pub(super) struct Write<W, T> {
    write: W,
    written: Option<T>,
    reply: Reply<T>,
}

impl<W, T: 'static> Write<W, T> {
    pub(super) fn new(write: W, reply: Reply<T>) -> Self {
        Self {
            write,
            written: None,
            reply,
        }
    }
}

impl<W, T> Job for Write<W, T>
where
    W: FnMut(&mut Store) -> rusqlite::Result<T> + Send,
    T: Send + 'static,
{
    fn writes(&self, _: &Store) -> bool {
        true
    }

    fn write(&mut self, store: &mut Store) -> rusqlite::Result<()> {
        self.written = Some((self.write)(store)?);
        Ok(())
    }

    fn committed(self: Box<Self>, _: &mut Store) -> Answer {
        match self.written {
            Some(written) => self.reply.give(written),
            None => Box::new(|| {}),
        }
    }

    fn failed(self: Box<Self>, _: &mut Store, error: &Arc<StoreError>) {
        self.reply.refuse(error.clone());
    }
}

/// A job that only reads.
pub(super) struct Look<R, T> {
    read: R,
    reply: Reply<T>,
}

impl<R, T> Look<R, T> {
    pub(super) fn new(read: R, reply: Reply<T>) -> Self {
        Self { read, reply }
    }
}

impl<R, T> Job for Look<R, T>
where
    R: FnOnce(&mut Store) -> rusqlite::Result<T> + Send,
    T: Send + 'static,
{
    fn writes(&self, _: &Store) -> bool {
        false
    }

    fn write(&mut self, _: &mut Store) -> rusqlite::Result<()> {
        Ok(())
    }

    fn committed(self: Box<Self>, store: &mut Store) -> Answer {
        self.reply.give_read((self.read)(store))
    }

    /// Reading needs no transaction.
    fn failed(self: Box<Self>, store: &mut Store, _: &Arc<StoreError>) {
        self.committed(store)();
    }
}

/// The last job.
pub(super) struct Close(pub(super) Reply<()>);

impl Job for Close {
    fn writes(&self, _: &Store) -> bool {
        false
    }

    fn write(&mut self, _: &mut Store) -> rusqlite::Result<()> {
        Ok(())
    }

    fn committed(self: Box<Self>, store: &mut Store) -> Answer {
        store.closing = Some(self.0);
        Box::new(|| {})
    }

    fn failed(self: Box<Self>, store: &mut Store, _: &Arc<StoreError>) {
        self.committed(store)();
    }
}
