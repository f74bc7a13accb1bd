//! A journal that stores nothing that arrives before it is told to.

use handover::ThreadKey;
use handover::journal::{
    Accepted, Backlog, Claimed, DeadLetter, Due, Figures, FinishedCall, Journal, JournalFuture,
    MemoryJournal, NewEvent, Ready, Release, Settled, Settlement, Started, ThreadChange,
    ThreadState,
};
use handover::protocol::AccountId;
use tokio::sync::Semaphore;

pub(crate) struct HeldJournal {
    journal: MemoryJournal,
    /// A permit for each time that something arrived.
    pub(crate) arrived: Semaphore,
    /// A permit for each that may be stored.
    pub(crate) goes_on: Semaphore,
}

impl Default for HeldJournal {
    fn default() -> Self {
        Self {
            journal: MemoryJournal::new(),
            arrived: Semaphore::new(0),
            goes_on: Semaphore::new(0),
        }
    }
}

impl Journal for HeldJournal {
    fn append(&self, events: Vec<NewEvent>, limit: usize) -> JournalFuture<'_, Accepted> {
        Box::pin(async move {
            self.arrived.add_permits(1);
            self.goes_on.acquire().await.unwrap().forget();
            self.journal.append(events, limit).await
        })
    }

    fn claim(&self, now: i64, limit: usize) -> JournalFuture<'_, Claimed> {
        self.journal.claim(now, limit)
    }

    fn settle(
        &self,
        settlements: Vec<Settlement>,
        released: Vec<Release>,
    ) -> JournalFuture<'_, Settled> {
        self.journal.settle(settlements, released)
    }

    fn start_calls(&self, due: Due) -> JournalFuture<'_, Started> {
        self.journal.start_calls(due)
    }

    fn finish_calls(&self, finished: Vec<FinishedCall>) -> JournalFuture<'_, Ready> {
        self.journal.finish_calls(finished)
    }

    fn make_due(&self, account: AccountId, now: i64) -> JournalFuture<'_, Ready> {
        self.journal.make_due(account, now)
    }

    fn remember_sent(&self, thread: ThreadKey, echo: String) -> JournalFuture<'_, ()> {
        self.journal.remember_sent(thread, echo)
    }

    fn was_sent(&self, echo: String) -> JournalFuture<'_, bool> {
        self.journal.was_sent(echo)
    }

    fn change_thread(&self, thread: ThreadKey, change: ThreadChange) -> JournalFuture<'_, Ready> {
        self.journal.change_thread(thread, change)
    }

    fn thread(&self, thread: ThreadKey) -> JournalFuture<'_, ThreadState> {
        self.journal.thread(thread)
    }

    fn dead_letters(&self) -> JournalFuture<'_, Vec<DeadLetter>> {
        self.journal.dead_letters()
    }

    fn backlog(&self) -> JournalFuture<'_, Backlog> {
        self.journal.backlog()
    }

    fn figures(&self, now: i64) -> JournalFuture<'_, Figures> {
        self.journal.figures(now)
    }

    fn probe(&self) -> JournalFuture<'_, ()> {
        self.journal.probe()
    }

    fn close(&self) -> JournalFuture<'_, ()> {
        self.journal.close()
    }

    fn outlives_the_process(&self) -> bool {
        self.journal.outlives_the_process()
    }
}
