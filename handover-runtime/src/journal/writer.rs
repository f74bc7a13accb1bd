//! The thread that a durable journal runs on. It takes everything that was asked while the last
//! commit ran and commits it together, so that many share the wait for the disk.

use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::time::{Duration, Instant};

use super::JournalError;
use super::engine::Engine;
use super::jobs::{Job, ReplySender, reply};
use super::storage::StorageError;

/// More would make everybody wait for long.
const LARGEST_GROUP: usize = 256;
const TIDY_EVERY: Duration = Duration::from_secs(1);
/// Nobody asks anything for so long: a moment in which the file can be rewritten.
const QUIET: Duration = Duration::from_millis(20);
/// The file is rewritten by then, however much is asked.
const LATEST: Duration = Duration::from_millis(250);

/// The way to the thread. Once the last is dropped, the thread ends when nothing is left to do.
#[derive(Clone)]
pub(super) struct Writer(Sender<WriterMessage>);

enum WriterMessage {
    Job(Box<dyn Job>),
    Close(ReplySender<()>),
}

impl Writer {
    /// Starts the thread.
    pub(super) fn start(engine: Engine) -> std::io::Result<Self> {
        let (way, asked) = channel();
        std::thread::Builder::new()
            .name("journal".to_owned())
            .spawn(move || work(engine, &asked))?;
        Ok(Self(way))
    }

    pub(super) fn send(&self, job: Box<dyn Job>) {
        // If the thread is gone, dropping the job wakes its caller.
        let _ = self.0.send(WriterMessage::Job(job));
    }

    pub(super) fn close(&self, reply: ReplySender<()>) {
        let _ = self.0.send(WriterMessage::Close(reply));
    }
}

fn work(mut engine: Engine, asked: &Receiver<WriterMessage>) {
    let mut tidied = Instant::now();
    let mut to_erase: Option<Instant> = None;
    let mut closing = None;
    let mut has_ended = false;
    while closing.is_none() && !has_ended {
        let mut jobs = Vec::new();
        let patience = to_erase.map_or(TIDY_EVERY, |_| QUIET);
        let first = match asked.recv_timeout(patience) {
            Ok(first) => Some(first),
            Err(RecvTimeoutError::Timeout) => None,
            Err(RecvTimeoutError::Disconnected) => {
                has_ended = true;
                None
            }
        };
        for asked in first.into_iter().chain(asked.try_iter()) {
            match asked {
                WriterMessage::Job(job) => jobs.push(job),
                WriterMessage::Close(reply) => closing = Some(reply),
            }
            if jobs.len() == LARGEST_GROUP || closing.is_some() {
                break;
            }
        }
        let tidies = !has_ended && tidied.elapsed() >= TIDY_EVERY;
        if tidies {
            tidied = Instant::now();
        }
        let is_quiet = jobs.is_empty();
        if tidies || !is_quiet {
            engine.run(jobs, tidies);
        }
        if engine.is_to_erase() {
            let since = *to_erase.get_or_insert_with(Instant::now);
            if is_quiet || since.elapsed() >= LATEST {
                engine.erase();
                to_erase = None;
            }
        }
    }
    engine.erase();
    let closed = engine.storage.close();
    if let Err(error) = &closed {
        tracing::error!(%error, "the journal could not be closed");
    }
    // What locks it is let go before anybody hears that it is closed.
    drop(engine);
    if let Some(closing) = closing {
        let closed = closed.map_err(|error: StorageError| JournalError::write(error));
        reply(closing, closed)();
    }
}
