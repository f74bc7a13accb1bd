//! Notices that wait for their notifiers, beside the calls and not among them.

use std::collections::BTreeMap;
use std::sync::Arc;

use foldhash::{HashMap, HashSet};
use handover_protocol::Timestamp;

use super::schedule::AT_ONCE;
use super::{HandedOut, JournalRules, LoadedNotice, RowChange};
use crate::internal_event::{InternalEvent, InternalEventBody};
use crate::journal::handovers::HandoverStep;
use crate::journal::lanes::Lanes;
use crate::journal::{NoticeResult, OutboxNotice};
use crate::notice::{Listeners, News, Notice, NoticeKind};
use crate::thread::{KnownOwner, ThreadKey};

/// How many may wait; the oldest are given up for more.
const MOST: usize = 10_000;
/// How many are delivered at once to one notifier.
const AT_ONE_NOTIFIER: usize = 4;

/// Those that wait.
#[derive(Debug, Default)]
pub(super) struct NoticeQueue {
    /// By number: the order in which they were made.
    all: BTreeMap<u64, ScheduledNotice>,
    /// Notifiers that are left alone until then, because they have failed.
    resting: HashMap<String, Timestamp>,
    /// Lanes of which nothing is handed out any more.
    leaving: Lanes,
}

#[derive(Debug)]
struct ScheduledNotice {
    notice: Arc<Notice>,
    since: Timestamp,
    attempts: u32,
    due: Timestamp,
    /// Whether it is handed out.
    is_started: bool,
}

impl NoticeQueue {
    pub(super) fn len(&self) -> usize {
        self.all.len()
    }

    /// Those that a storage holds, in place of these. What is handed out stays so.
    pub(super) fn reloaded(
        &self,
        stored: Vec<LoadedNotice>,
        out: &HandedOut,
        leaving: Lanes,
    ) -> Self {
        let waiting = stored.into_iter().map(|stored| {
            let LoadedNotice {
                id,
                notice,
                since,
                attempts,
                due,
            } = stored;
            let waiting = ScheduledNotice {
                notice,
                since,
                attempts,
                due,
                is_started: out.has_notice(id),
            };
            (id, waiting)
        });
        Self {
            all: waiting.collect(),
            resting: self.resting.clone(),
            leaving,
        }
    }

    /// Drops those about a thread. Returns how many there were.
    pub(super) fn forget(&mut self, thread: &ThreadKey) -> u64 {
        let before = self.all.len();
        self.all
            .retain(|_, waiting| waiting.notice.thread != *thread);
        (before - self.all.len()) as u64
    }

    /// Those about a thread, and since when they wait.
    pub(super) fn of(&self, thread: &ThreadKey) -> impl Iterator<Item = (&Notice, Timestamp)> {
        let waiting = self.all.values();
        let of_thread = waiting.filter(move |waiting| waiting.notice.thread == *thread);
        of_thread.map(|waiting| (&*waiting.notice, waiting.since))
    }

    /// The oldest of each thread for each notifier.
    fn heads(&self) -> impl Iterator<Item = (u64, &ScheduledNotice)> {
        let mut seen = HashSet::default();
        self.all.iter().filter_map(move |(id, waiting)| {
            let Notice {
                notifier, thread, ..
            } = &*waiting.notice;
            seen.insert((notifier, thread)).then_some((*id, waiting))
        })
    }

    /// When the next is due that need not wait for others.
    pub(super) fn next_at(&self) -> Option<Timestamp> {
        let under_way = self.under_way();
        let is_full = |head: &ScheduledNotice| {
            let under_way = under_way.get(&*head.notice.notifier);
            under_way.is_some_and(|under_way| *under_way >= AT_ONE_NOTIFIER)
        };
        let waiting = self
            .heads()
            .filter(|(_, head)| self.may_start(head) && !is_full(head));
        waiting.map(|(_, head)| self.due_at(head)).min()
    }

    /// How many are delivered now, by notifier.
    fn under_way(&self) -> HashMap<&str, usize> {
        let mut under_way = HashMap::default();
        for waiting in self.all.values().filter(|waiting| waiting.is_started) {
            *under_way.entry(&*waiting.notice.notifier).or_default() += 1;
        }
        under_way
    }

    /// Whether one is being delivered, or could be now.
    pub(super) fn is_busy(&self, now: Timestamp) -> bool {
        self.heads()
            .any(|(_, head)| head.is_started || self.due_at(head) <= now)
    }

    /// Whether it is to be handed out here, once it is due.
    fn may_start(&self, head: &ScheduledNotice) -> bool {
        let is_leaving = || self.leaving.contains(head.notice.thread.lane());
        !head.is_started && (self.leaving.is_empty() || !is_leaving())
    }

    fn due_at(&self, head: &ScheduledNotice) -> Timestamp {
        let rests = self.resting.get(&head.notice.notifier);
        rests.map_or(head.due, |until| head.due.max(*until))
    }

    fn due(&self, now: Timestamp, limit: usize) -> Vec<u64> {
        let mut under_way = self.under_way();
        let mut found = Vec::new();
        for (id, head) in self.heads() {
            let notifier = &*head.notice.notifier;
            let under_way = under_way.entry(notifier).or_default();
            let may_start = self.may_start(head) && self.due_at(head) <= now;
            if may_start && *under_way < AT_ONE_NOTIFIER && found.len() < limit {
                *under_way += 1;
                found.push(id);
            }
        }
        found
    }
}

impl JournalRules {
    /// The thread has come back from this owner, if so.
    pub(super) fn tell(
        &mut self,
        thread: &ThreadKey,
        listeners: &Listeners,
        returned: Option<KnownOwner>,
        note: Option<String>,
        at: Timestamp,
    ) {
        if let Some(from) = returned {
            let news = News::of(NoticeKind::Returned, &from, note);
            self.notify(thread, listeners, &news, at);
        }
    }

    /// Queues a notice for each notifier that wants it, and an event for the handler.
    pub(super) fn notify(
        &mut self,
        thread: &ThreadKey,
        listeners: &Listeners,
        news: &News,
        at: Timestamp,
    ) {
        match news.kind {
            NoticeKind::HandedOver => self.handovers.push(HandoverStep::ByTheBot),
            NoticeKind::Unclaimed => self.handovers.push(HandoverStep::Unclaimed),
            NoticeKind::Returned => {}
        }
        if listeners.has_handler() {
            let notice = news.to(Notice::HANDLER, listeners.product(), thread, at);
            let body = InternalEventBody::Handoff(Box::new(notice));
            let event = InternalEvent::new(listeners.product().clone(), body);
            self.enqueue(thread.clone(), event, at);
        }
        for notifier in listeners.of_kind(news.kind) {
            let notice = Arc::new(news.to(notifier, listeners.product(), thread, at));
            self.queue_notice(notice, at);
        }
    }

    /// Adds a notice to those that wait.
    pub(super) fn queue_notice(&mut self, notice: Arc<Notice>, at: Timestamp) {
        self.last_call += 1;
        let id = self.last_call;
        self.changes.push(RowChange::Notified {
            id,
            notice: notice.clone(),
            at,
        });
        let waiting = ScheduledNotice {
            notice,
            since: at,
            attempts: 0,
            due: AT_ONCE,
            is_started: false,
        };
        self.notices.all.insert(id, waiting);
        let mut oldest = self.notices.all.iter();
        if self.notices.all.len() > MOST
            && let Some((&oldest, _)) = oldest.find(|(_, waiting)| !waiting.is_started)
        {
            let cause = format!("more than {MOST} notices wait");
            self.finish_notice(oldest, NoticeResult::Dead(cause), at);
        }
    }

    /// Hands out notices that are due.
    pub(in crate::journal) fn start_notices(
        &mut self,
        now: Timestamp,
        limit: usize,
    ) -> Vec<OutboxNotice> {
        let mut started = Vec::new();
        for id in self.notices.due(now, limit) {
            if let Some(waiting) = self.notices.all.get_mut(&id) {
                waiting.is_started = true;
                started.push(OutboxNotice {
                    id,
                    notice: waiting.notice.clone(),
                    since: waiting.since,
                    attempts: waiting.attempts,
                });
            }
        }
        started
    }

    /// When the next is due, for the outbox, which looks again by then.
    pub(in crate::journal) fn sleep_of_notices(&mut self) -> Option<Timestamp> {
        self.looks_for_notices_at = self.notices.next_at();
        self.looks_for_notices_at
    }

    /// Stores the result of a notice.
    pub(in crate::journal) fn finish_notice(
        &mut self,
        id: u64,
        result: NoticeResult,
        at: Timestamp,
    ) {
        let Some(waiting) = self.notices.all.get_mut(&id) else {
            return;
        };
        match result {
            NoticeResult::RetryAt { due, rests_until } => {
                waiting.is_started = false;
                waiting.attempts += 1;
                waiting.due = due;
                let notifier = waiting.notice.notifier.clone();
                self.notices.resting.insert(notifier, rests_until);
                self.changes.push(RowChange::CallWaits {
                    id,
                    due,
                    attempts: 1,
                    uncertain: false,
                });
                return;
            }
            NoticeResult::Delivered => {
                self.notices.resting.remove(&waiting.notice.notifier);
            }
            NoticeResult::Dead(cause) => {
                self.dead_letters += 1;
                self.changes.push(RowChange::DeadNotice {
                    notice: waiting.notice.clone(),
                    cause,
                    at,
                });
            }
        }
        self.notices.all.remove(&id);
        self.changes.push(RowChange::CallEnded(id));
    }
}
