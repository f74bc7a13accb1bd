//! The work of the dispatcher and the outbox: events come, threads and calls are handed out, results are
//! stored.

use handover_protocol::{AccountId, Timestamp};

use super::commands::{Append, ClaimLater, FinishNotice, HandOut, LookForEcho, MakeDue, Settle};
use super::rules::DedupeKey;
use super::storage::{Replay, Replayed};
use super::{
    AppendStatus, Claim, ClaimedEvent, Due, FinishedCall, Journal, JournalError, NewEvent,
    NoticeResult, OutboxCall, OutboxNotice, Settlement, ThreadPause, ThreadRelease,
};
use crate::thread::ThreadKey;

impl Journal {
    /// Stores events, except those whose dedupe key is known. Once it returns, the webhook can be
    /// acknowledged.
    ///
    /// Then hands out up to `limit` threads as [`claim`](Self::claim) does, which saves a caller with
    /// free permits another call.
    ///
    /// # Errors
    ///
    /// If the storage fails.
    pub(crate) async fn append(
        &self,
        mut events: Vec<NewEvent>,
        limit: usize,
    ) -> Result<AppendResult, JournalError> {
        if self.0.is_durable {
            // Here, for the journal's thread has enough to do.
            for new in &mut events {
                let content = serde_json::to_string(&*new.received);
                new.content = Some(content.map_err(JournalError::write)?);
            }
        }
        self.execute(Append {
            events,
            limit,
            appended: Vec::new(),
            claimed: Vec::new(),
        })
        .answer()
        .await
    }

    /// Lets the timers run out that are due at `now`: their events join those of their threads.
    /// Then hands out up to `limit` threads that have events to handle, each with its oldest events
    /// in the order received; says when there is more to do without anything arriving.
    ///
    /// A thread is not handed out again before it is released, nor while a handoff of it is still
    /// to be sent. Those that wait longest come first.
    ///
    /// # Errors
    ///
    /// If the storage fails.
    pub(crate) async fn claim(
        &self,
        now: Timestamp,
        limit: usize,
    ) -> Result<DueItems<Claim>, JournalError> {
        let due = Due {
            now,
            limit,
            ..Due::default()
        };
        self.execute(HandOut::new(due)).answer().await
    }

    /// Hands out the events of a claimed thread that came after this one, up to [`Claim::EVENTS`].
    ///
    /// # Errors
    ///
    /// If the storage fails.
    pub(crate) async fn claim_later(
        &self,
        thread: ThreadKey,
        after: u64,
    ) -> Result<Vec<ClaimedEvent>, JournalError> {
        self.execute(ClaimLater {
            thread,
            after,
            claimed: Vec::new(),
        })
        .answer()
        .await
    }

    /// Commits the consequences of events, and lets threads go that were claimed: their unsettled
    /// events wait again. Where there is nothing to commit, that does not fail.
    ///
    /// The threads of the settlements are claimed, and of each no more than one settlement in a
    /// batch has calls.
    ///
    /// # Errors
    ///
    /// If the storage fails.
    pub(crate) async fn settle(
        &self,
        settlements: Vec<Settlement>,
        released: Vec<ThreadRelease>,
    ) -> Result<SettleResult, JournalError> {
        self.execute(Settle {
            settlements,
            released,
            started: Vec::new(),
            settled: Vec::new(),
            superseded: Vec::new(),
            is_stale: false,
            is_behind: false,
        })
        .answer()
        .await
    }

    /// Returns the oldest due call of each thread, unless one is in flight. Marks it as started, so
    /// that after a crash its outcome counts as uncertain. Also returns when the next call is due.
    ///
    /// # Errors
    ///
    /// If the storage fails.
    pub(crate) async fn start_calls(&self, due: Due) -> Result<DueItems<OutboxCall>, JournalError> {
        self.execute(HandOut::new(due)).answer().await
    }

    /// Whether the echo has come of a call that was handed out to be repeated. Then it must not be: whatever its
    /// result is said to be, it counts as sent.
    ///
    /// # Errors
    ///
    /// If the storage fails.
    pub(crate) async fn has_echo(&self, id: u64, thread: ThreadKey) -> Result<bool, JournalError> {
        self.execute(LookForEcho { id, thread }).answer().await
    }

    /// Stores the results of calls that were handed out.
    ///
    /// # Errors
    ///
    /// If the storage fails.
    pub(crate) async fn finish_calls(
        &self,
        mut finished: Vec<FinishedCall>,
    ) -> Result<Wakeups, JournalError> {
        for finished in &mut finished {
            finished.echo_key = finished.echo.as_deref().map(DedupeKey::of);
        }
        self.execute(finished).answer().await
    }

    /// Returns the oldest due notice of each thread for each notifier, unless one is in flight, and
    /// when the next is due. After a crash they are handed out again.
    ///
    /// # Errors
    ///
    /// If the storage fails.
    pub(crate) async fn start_notices(
        &self,
        now: Timestamp,
        limit: usize,
    ) -> Result<DueItems<OutboxNotice>, JournalError> {
        let due = Due {
            now,
            limit,
            ..Due::default()
        };
        self.execute(HandOut::new(due)).answer().await
    }

    /// Stores the result of a notice that was handed out.
    ///
    /// # Errors
    ///
    /// If the storage fails.
    pub(crate) async fn finish_notice(
        &self,
        id: u64,
        result: NoticeResult,
        at: Timestamp,
    ) -> Result<Wakeups, JournalError> {
        self.execute(FinishNotice { id, result, at }).answer().await
    }

    /// Puts back what was settled or given up, while the bot runs.
    ///
    /// # Errors
    ///
    /// If the storage fails.
    pub(crate) async fn replay(
        &self,
        replay: Replay,
    ) -> Result<(Vec<Replayed>, Wakeups), JournalError> {
        let replayed = self.read(move |engine| Ok(engine.replay(&replay))).await?;
        let replayed = replayed.map_err(JournalError::write)?;
        // A command like any other lets the rules be loaded, and returns what there is to do.
        let nothing = MakeDue {
            account: AccountId::from(""),
            now: self.0.clock.now(),
            everywhere: false,
        };
        let wakeups = self.execute(nothing).answer().await?;
        Ok((replayed, wakeups))
    }

    /// Lets nothing of this account wait for its time any longer: its timers, and the events and calls
    /// that are to be tried again, are due at `now`.
    ///
    /// # Errors
    ///
    /// If the storage fails.
    pub(crate) async fn make_due(
        &self,
        account: AccountId,
        now: Timestamp,
    ) -> Result<Wakeups, JournalError> {
        self.execute(MakeDue {
            account,
            now,
            everywhere: true,
        })
        .answer()
        .await
    }
}

/// What [`Journal::append`] gives.
#[derive(Clone, Debug, Default)]
pub(crate) struct AppendResult {
    /// Result for each event.
    pub(crate) appended: Vec<AppendStatus>,
    /// The threads that are handed out.
    pub(crate) claims: Vec<Claim>,
    /// Whether there are more.
    pub(crate) has_more: bool,
    /// How many events and calls wait, as far as they count for the limit.
    pub(crate) waiting: usize,
}

/// What may be there to hand out after something was stored.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Wakeups {
    /// Threads with events to handle, or another time to look for them.
    pub(crate) events: bool,
    /// Calls to make, or another time to look for them.
    pub(crate) calls: bool,
    /// Notices to deliver, or another time to look for them.
    pub(crate) notices: bool,
}

/// What [`Journal::settle`] gives.
#[derive(Clone, Debug, Default)]
pub(crate) struct SettleResult {
    /// The calls that are handed out.
    pub(crate) calls: Vec<OutboxCall>,
    /// The pauses of the threads that were settled: they may have been changed meanwhile.
    pub(crate) pauses: Vec<(ThreadKey, Option<ThreadPause>)>,
    /// Later events that come to nothing, though they may be handed out: of timers that had run out, and were set or
    /// cancelled by what was settled.
    pub(crate) superseded: Vec<u64>,
    /// What else there may be to do.
    pub(crate) ready: Wakeups,
    /// Whether a settlement came to nothing, because its events are not there any more.
    pub(crate) is_stale: bool,
    /// Whether what else was handed out of the thread has to wait: for an event that was set aside and came before it,
    /// or for a handoff that was set aside and is to be made now, or is done.
    pub(crate) is_behind: bool,
}

/// What [`Journal::claim`] and [`Journal::start_calls`] give.
#[derive(Clone, Debug)]
pub(crate) struct DueItems<T> {
    /// Threads or calls.
    pub(crate) items: Vec<T>,
    /// When there is more to do without anything arriving.
    pub(crate) next_at: Option<Timestamp>,
    /// What else there may be to do by this.
    pub(crate) ready: Wakeups,
}
