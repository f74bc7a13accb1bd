//! The rules of the journal: whose turn it is, what a settlement changes, what is handed out.
//!
//! A state machine without I/O and without a clock. A command changes it at once and leaves the
//! rows that change in [`JournalRules::take_changes`]; a storage makes those durable in one commit. If that
//! fails, the rules are [loaded](JournalRules::load) again from the storage.

mod calls;
mod dead_letters;
mod events;
mod listing;
mod load;
mod nodes;
mod notices;
mod privacy;
mod receipts;
mod reclaim;
mod replay;
mod rows;
mod schedule;
mod threads;
mod timers;

use foldhash::{HashMap, HashSet};
use handover_protocol::{AccountId, Timestamp};

pub(super) use events::may_silence;
pub(super) use load::HandedOut;
pub(crate) use rows::DedupeKey;
pub(super) use rows::{
    DeletionChange, EventStatus, JournalSnapshot, LoadedCall, LoadedEvent, LoadedNotice, NodeShare,
    ReadRequest, ReadResult, RowChange, StoredTimer, StoredTimers, ThreadRow,
};

pub(super) use schedule::Silences;

use super::handovers::HandoverStep;
use super::receipt::StoredReceipt;
use super::{Backlog, ClaimedEvent, Figures, HistoryRule, JournalError, QueuedCall, Wakeups};
use crate::thread::ThreadKey;
use notices::NoticeQueue;
use schedule::Schedule;
use threads::ThreadCache;
use timers::TimerQueue;

/// How many events are held in memory, because their turn comes soon.
const HELD_EVENTS: usize = 20_000;
/// How many calls are.
const HELD_CALLS: usize = 20_000;

/// What waits, and what is known of the threads that have something to do.
#[derive(Debug)]
pub(super) struct JournalRules {
    /// Whether the storage keeps what is committed. If not, everything is held here.
    is_durable: bool,
    schedule: Schedule,
    timers: TimerQueue,
    notices: NoticeQueue,
    threads: ThreadCache,
    /// How much of each conversation is kept.
    history: HistoryRule,
    /// How many events and calls may wait, and as many again of accounts that are paused.
    waiting_limit: usize,
    /// The newest events, so that they need not be read.
    events: HashMap<u64, ClaimedEvent>,
    /// The timers that have run out and whose events wait, by the number of the event.
    expired_timers: HashMap<u64, String>,
    /// The newest calls, until they are tried for the first time.
    calls: HashMap<u64, QueuedCall>,
    /// Of the dedupe keys that this batch asks for, those that are known.
    known: HashSet<DedupeKey>,
    /// Of the ids that this batch asks for, the receipts of those that are known.
    receipts: HashMap<(ThreadKey, String), StoredReceipt>,
    /// The receipts that this batch changes.
    changed_receipts: Vec<u64>,
    /// Accounts on which echoes of the bot's own calls were seen.
    echoing: HashSet<AccountId>,
    last_sequence: u64,
    last_call: u64,
    last_receipt: u64,
    dead_letters: usize,
    /// The part of this node, where several share the storage.
    node: Option<NodeShare>,
    /// Since when this process takes every echo that comes.
    hears_since: Option<Timestamp>,
    changes: Vec<RowChange>,
    /// The steps of handovers that this batch makes.
    handovers: Vec<HandoverStep>,
    /// When the dispatcher looks for threads again unless it is woken.
    looks_for_threads_at: Option<Timestamp>,
    /// The same of the outbox and calls.
    looks_for_calls_at: Option<Timestamp>,
    /// The same of the outbox and notices.
    looks_for_notices_at: Option<Timestamp>,
}

impl JournalRules {
    /// Nothing waits.
    pub(super) fn new(is_durable: bool) -> Self {
        Self {
            is_durable,
            schedule: Schedule::default(),
            timers: TimerQueue::new(is_durable),
            notices: NoticeQueue::default(),
            threads: ThreadCache::new(is_durable),
            history: HistoryRule::default(),
            waiting_limit: usize::MAX,
            events: HashMap::default(),
            expired_timers: HashMap::default(),
            calls: HashMap::default(),
            known: HashSet::default(),
            receipts: HashMap::default(),
            changed_receipts: Vec::new(),
            echoing: HashSet::default(),
            last_sequence: 0,
            last_call: 0,
            last_receipt: 0,
            dead_letters: 0,
            node: None,
            hears_since: None,
            changes: Vec::new(),
            handovers: Vec::new(),
            looks_for_threads_at: None,
            looks_for_calls_at: None,
            looks_for_notices_at: None,
        }
    }

    /// A row changes that only a storage has which keeps rows.
    fn row(&mut self, change: impl FnOnce() -> RowChange) {
        if self.is_durable {
            self.changes.push(change());
        }
    }

    /// The rows that changed since, in order.
    pub(super) fn take_changes(&mut self) -> Vec<RowChange> {
        std::mem::take(&mut self.changes)
    }

    /// The steps of handovers since.
    pub(super) fn take_handovers(&mut self) -> Vec<HandoverStep> {
        std::mem::take(&mut self.handovers)
    }

    /// The batch is stored: its dedupe keys can be asked from the storage.
    pub(super) fn committed(&mut self) {
        self.known.clear();
        self.receipts.clear();
        self.evict_threads();
    }

    /// Takes over what a storage found.
    pub(super) fn fill(&mut self, found: ReadResult) {
        self.known.extend(found.known);
        for receipt in found.receipts {
            let key = (receipt.thread.clone(), receipt.id.clone());
            self.receipts.insert(key, receipt);
        }
        for (key, state) in found.threads {
            self.threads.insert(key, state);
        }
        let events = found.events.into_iter();
        self.events
            .extend(events.map(|event| (event.sequence, event)));
        let calls = found.calls.into_iter();
        self.calls.extend(calls.map(|call| (call.id, call)));
        if let Some(timers) = found.timers {
            self.hold_timers(timers);
        }
        for timer in found.timers_of {
            self.timers.hold(timer);
        }
    }

    /// Lets the storage delete some of what is too old.
    pub(super) fn tidy(&mut self, now: Timestamp) {
        let oldest = self.schedule.oldest_event();
        self.changes.push(RowChange::Tidied {
            settled_before: oldest.unwrap_or(self.last_sequence + 1),
            turns_before: now - self.history.limits.keep,
            at: now,
        });
    }

    /// Whether the key was not known; it is from now on.
    fn remember(&mut self, key: DedupeKey) -> bool {
        let is_new = self.known.insert(key);
        if is_new {
            self.changes.push(RowChange::Remembered(key));
        }
        is_new
    }

    /// Notes that echoes of what the bot sends come on this account.
    fn echoes_come(&mut self, account: &AccountId, at: Timestamp) {
        if self.echoing.insert(account.clone()) {
            let account = account.clone();
            self.changes.push(RowChange::EchoSeen { account, at });
        }
    }

    /// What is to be done after a change, if nothing is scheduled for it yet.
    pub(super) fn ready(&self) -> Wakeups {
        let is_sooner = |next: Option<Timestamp>, looks: Option<Timestamp>| {
            next.is_some_and(|next| looks.is_none_or(|looks| next < looks))
        };
        Wakeups {
            events: self.has_ready() || is_sooner(self.next_claim_at(), self.looks_for_threads_at),
            calls: is_sooner(self.next_call_at(), self.looks_for_calls_at),
            notices: is_sooner(self.notices.next_at(), self.looks_for_notices_at),
        }
    }

    /// Whether there is a thread whose turn it is.
    pub(super) fn has_ready(&self) -> bool {
        self.schedule.has_ready()
    }

    /// Sets how many events and calls may wait. Whoever brings more has to ask before.
    pub(super) fn limit_waiting(&mut self, limit: usize) {
        self.waiting_limit = limit;
    }

    /// How many events and calls wait, as far as they count for the limit. Those of accounts that are paused do not:
    /// one account does not keep the others from being served. Beyond the limit they do.
    pub(super) fn waiting(&self) -> usize {
        self.schedule.count(self.waiting_limit)
    }

    /// Whether something from outside a handler may join what waits for an account. Half of the limit is left to what
    /// people write.
    fn check_room(&self, account: &AccountId) -> Result<(), JournalError> {
        let limit = self.waiting_limit.div_ceil(2);
        match self.schedule.count_for(account, self.waiting_limit) {
            waiting if waiting < limit => Ok(()),
            waiting => Err(JournalError::Full { waiting, limit }),
        }
    }

    /// How much is waiting.
    pub(super) fn backlog(&self, now: Timestamp) -> Backlog {
        let (events, calls, handoffs) = self.schedule.waiting(now);
        Backlog {
            events,
            calls,
            handoffs,
            notices: self.notices.len(),
            dead_letters: self.dead_letters,
        }
    }

    /// What is held, where everything is.
    pub(super) fn figures(&self, now: Timestamp) -> Figures {
        let mut figures = Figures {
            backlog: self.backlog(now),
            oldest_event_at: self.events.values().map(|event| event.received_at).min(),
            oldest_call_at: self.calls.values().map(|call| call.created_at).min(),
            ..Figures::default()
        };
        for ownership in self.threads.ownerships() {
            figures.threads.count(ownership, now, 1);
        }
        figures
    }

    /// Whether something is under way, or could be begun now.
    pub(super) fn is_busy(&self, now: Timestamp) -> bool {
        self.timers.next_at().is_some_and(|due| due <= now)
            || self.schedule.is_busy(now)
            || self.notices.is_busy(now)
    }

    /// When a timer runs out, or something is due that waits for its time.
    pub(super) fn next_at(&self) -> Option<Timestamp> {
        let times = [
            self.timers.next_at(),
            self.schedule.next_at(),
            self.notices.next_at(),
        ];
        times.into_iter().flatten().min()
    }
}
