//! What is kept of a person: to hand it out, and to delete it.

use std::ops::AddAssign;

use handover_protocol::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::commands::{ChangeDeletion, Forget};
use super::forward::ForgetPart;
use super::nodes::until_answered;
use super::rules::DeletionChange;
use super::{DeadLetter, Journal, JournalError, StoredReceipt, Turn};
use crate::thread::ThreadKey;

/// What was deleted of a thread, by kind. From [`ThreadHandle::forget`](crate::ThreadHandle::forget).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct Forgotten {
    /// Events, waiting and handled.
    pub events: u64,
    /// Turns of the history.
    pub turns: u64,
    /// The session, and what else was known of the thread: 1 or 0.
    pub sessions: u64,
    /// Calls and notices that were not sent.
    pub calls: u64,
    /// Timers.
    pub timers: u64,
    /// Dead letters.
    pub dead_letters: u64,
    /// Receipts of what was sent from outside a handler.
    pub receipts: u64,
}

impl Forgotten {
    /// Returns the sum. 0: nothing was stored about the person.
    #[must_use]
    pub fn total(&self) -> u64 {
        let Self {
            events,
            turns,
            sessions,
            calls,
            timers,
            dead_letters,
            receipts,
        } = self;
        events + turns + sessions + calls + timers + dead_letters + receipts
    }

    /// Takes what went of a thread out of what was deleted.
    pub(super) fn take_of(all: &mut Vec<(ThreadKey, Self)>, thread: &ThreadKey) -> Self {
        let mut forgotten = Self::default();
        for (_, of_thread) in all.extract_if(.., |(key, _)| key == thread) {
            forgotten += of_thread;
        }
        forgotten
    }
}

impl AddAssign for Forgotten {
    fn add_assign(&mut self, other: Self) {
        self.events += other.events;
        self.turns += other.turns;
        self.sessions += other.sessions;
        self.calls += other.calls;
        self.timers += other.timers;
        self.dead_letters += other.dead_letters;
        self.receipts += other.receipts;
    }
}

/// What became of a person's request to delete their data.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct DeletionStatus {
    pub(crate) requested_at: Timestamp,
    /// When everything was deleted; `None` while that is still to be done.
    pub(crate) done_at: Option<Timestamp>,
}

/// A request to delete a person's data that is not carried out yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct PendingDeletion {
    /// By what the person can ask for its status.
    pub(crate) code: String,
    /// The person's id at the app.
    pub(crate) user: String,
    pub(crate) requested_at: Timestamp,
}

/// Everything that a bot keeps of a thread. From [`ThreadHandle::export`](crate::ThreadHandle::export);
/// write it out as JSON to hand it to the person.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct ThreadExport {
    /// The account and the person.
    #[serde(flatten)]
    pub thread: ThreadKey,
    /// When the person last did something that opens the messaging window.
    pub person_wrote_at: Option<Timestamp>,
    /// The bot's own memory of the thread, as JSON.
    pub session: Option<Value>,
    /// What was said, as far as the bot keeps it.
    pub history: Vec<Turn>,
    /// Events, waiting and handled, as the platform sent them; also those of the account as a whole that name
    /// the person, such as their comments.
    pub events: Vec<ExportedRow>,
    /// Calls that are not sent yet, and notices.
    pub calls: Vec<ExportedRow>,
    /// Timers that run.
    pub timers: Vec<ExportedRow>,
    /// What could not be handled or sent, also of the account as a whole if it names the person.
    pub dead_letters: Vec<ExportedRow>,
    /// What was sent from outside a handler, and what became of it.
    pub receipts: Vec<ExportedRow>,
}

impl ThreadExport {
    pub(super) fn of(thread: ThreadKey) -> Self {
        Self {
            thread,
            person_wrote_at: None,
            session: None,
            history: Vec::new(),
            events: Vec::new(),
            calls: Vec::new(),
            timers: Vec::new(),
            dead_letters: Vec::new(),
            receipts: Vec::new(),
        }
    }
}

/// A row of a [`ThreadExport`].
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct ExportedRow {
    /// The kind of an event, the name of a call, timer or signal.
    pub name: String,
    /// When it arrived, was queued, runs out or was given up.
    pub at: Timestamp,
    /// Why it was given up.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cause: Option<String>,
    /// The event or call as JSON.
    pub content: Value,
}

impl ExportedRow {
    pub(super) fn new(name: impl Into<String>, at: Timestamp, content: Value) -> Self {
        Self {
            name: name.into(),
            at,
            cause: None,
            content,
        }
    }
}

impl Journal {
    /// Deletes everything that is kept of a thread, and says how much that was. A bot that runs does it
    /// by [`ThreadHandle::forget`](crate::ThreadHandle::forget), which says what is certain then.
    ///
    /// # Errors
    ///
    /// If the storage fails. After [`JournalError::Erase`], the rows are deleted but their bytes may still be in the
    /// file; ask again.
    pub async fn forget(&self, thread: ThreadKey) -> Result<Forgotten, JournalError> {
        if !self.is_shared() || thread.person().is_none() {
            return self.forget_part(thread, ForgetPart::Thread).await;
        }
        // Both are stored before either is waited for: they may be two nodes', and one of those may be away.
        let (of_thread, mentions) = tokio::join!(
            self.forget_part(thread.clone(), ForgetPart::Thread),
            self.forget_part(thread, ForgetPart::Mentions),
        );
        of_both(of_thread, mentions)
    }

    /// The node does it that works what the part is of.
    async fn forget_part(
        &self,
        thread: ThreadKey,
        part: ForgetPart,
    ) -> Result<Forgotten, JournalError> {
        let forgotten = self.execute(Forget {
            thread,
            part,
            forgotten: Forgotten::default(),
            forwarded: None,
        });
        match forgotten.answer().await? {
            Ok(forgotten) => Ok(forgotten),
            Err(name) => {
                let journal = self.clone();
                let answer = until_answered(move || {
                    let (journal, name) = (journal.clone(), name.clone());
                    async move {
                        let answer = journal.read(move |engine| engine.storage.answer(&name));
                        answer.await
                    }
                });
                answer.await
            }
        }
    }

    /// Everything that is kept of a thread. Others do not wait meanwhile.
    ///
    /// # Errors
    ///
    /// If the storage fails.
    pub async fn export(&self, thread: ThreadKey) -> Result<ThreadExport, JournalError> {
        let read = self.read(move |engine| match engine.storage.export(&thread) {
            Some(read) => Ok(Err(read)),
            None => {
                let letters = engine.storage.dead_letters()?;
                let of_thread = letters.iter().filter(|letter| letter.concerns(&thread));
                let receipts = engine.storage.receipts(&thread);
                Ok(Ok(ThreadExport {
                    receipts: receipts.iter().map(StoredReceipt::exported).collect(),
                    dead_letters: of_thread.map(DeadLetter::exported).collect(),
                    ..engine.rules.export(&thread)
                }))
            }
        });
        match read.await? {
            Ok(export) => Ok(export),
            Err(read) => {
                let read = tokio::task::spawn_blocking(read).await;
                read.map_err(JournalError::read)?
                    .map_err(JournalError::read)
            }
        }
    }

    /// Notes that a person wants their data deleted.
    ///
    /// # Errors
    ///
    /// If the storage fails.
    pub(crate) async fn request_deletion(
        &self,
        deletion: PendingDeletion,
    ) -> Result<(), JournalError> {
        let change = DeletionChange::Requested(deletion);
        self.execute(ChangeDeletion::new(change)).answer().await
    }

    /// Notes that a person's data are deleted, and forgets who that was.
    ///
    /// # Errors
    ///
    /// If the storage fails.
    pub(crate) async fn finish_deletion(&self, code: String) -> Result<(), JournalError> {
        let at = self.0.clock.now();
        let change = DeletionChange::Done { code, at };
        self.execute(ChangeDeletion::new(change)).answer().await
    }

    /// The requests for deletion that are not carried out yet, oldest first.
    ///
    /// # Errors
    ///
    /// If the storage fails.
    pub(crate) async fn pending_deletions(&self) -> Result<Vec<PendingDeletion>, JournalError> {
        self.read(|engine| engine.storage.pending_deletions()).await
    }

    /// What became of a request for deletion.
    ///
    /// # Errors
    ///
    /// If the storage fails.
    pub(crate) async fn deletion(
        &self,
        code: String,
    ) -> Result<Option<DeletionStatus>, JournalError> {
        self.read(move |engine| {
            let mut status = engine.storage.deletion(&code)?;
            if let Some(status) = &mut status
                && engine.is_to_erase()
            {
                status.done_at = None;
            }
            Ok(status)
        })
        .await
    }
}

/// What was deleted by two parts. Of two errors the graver: what waits for its node is done, what failed has to be
/// asked for again.
fn of_both(
    one: Result<Forgotten, JournalError>,
    other: Result<Forgotten, JournalError>,
) -> Result<Forgotten, JournalError> {
    match (one, other) {
        (Ok(mut forgotten), Ok(more)) => {
            forgotten += more;
            Ok(forgotten)
        }
        (Err(JournalError::Unanswered), Err(error)) | (Err(error), _) | (_, Err(error)) => {
            Err(error)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_has_to_be_asked_for_again_is_named_before_what_is_still_done() {
        let deleted = || {
            Ok(Forgotten {
                events: 1,
                ..Forgotten::default()
            })
        };
        let waits = || Err(JournalError::Unanswered);
        let failed = || Err(JournalError::write("the disk is full"));
        assert!(matches!(
            of_both(deleted(), deleted()),
            Ok(Forgotten { events: 2, .. })
        ));
        for (one, other) in [
            (failed(), waits()),
            (waits(), failed()),
            (failed(), deleted()),
            (deleted(), failed()),
        ] {
            let both = of_both(one, other);
            assert!(matches!(both, Err(JournalError::Write(_))), "{both:?}");
        }
        for (one, other) in [
            (waits(), waits()),
            (waits(), deleted()),
            (deleted(), waits()),
        ] {
            let both = of_both(one, other);
            assert!(matches!(both, Err(JournalError::Unanswered)), "{both:?}");
        }
    }
}
