//! Notices that wait for their notifiers, beside the calls and not among them.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use foldhash::HashMap;
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
    /// By name.
    notifiers: HashMap<String, NotifierQueue>,
    /// Lanes of which nothing is handed out any more.
    leaving: Lanes,
}

/// What waits for one notifier.
#[derive(Debug, Default)]
struct NotifierQueue {
    /// The notices of each thread: only the oldest may be delivered.
    threads: HashMap<ThreadKey, BTreeSet<u64>>,
    /// The oldest of each thread by the time it is due, unless it is handed out.
    due: BTreeSet<(Timestamp, u64)>,
    /// How many are handed out.
    under_way: usize,
    /// The notifier is left alone until then, because it has failed.
    rests_until: Option<Timestamp>,
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
        let mut queue = Self {
            leaving,
            ..Self::default()
        };
        for (notifier, before) in &self.notifiers {
            queue.rest(notifier, before.rests_until);
        }
        for stored in stored {
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
            queue.insert(id, waiting);
        }
        queue
    }

    /// Drops those about a thread. Returns how many there were.
    pub(super) fn forget(&mut self, thread: &ThreadKey) -> u64 {
        let all = self.all.iter();
        let of_thread = all.filter(|(_, waiting)| waiting.notice.thread == *thread);
        let ids: Vec<_> = of_thread.map(|(id, _)| *id).collect();
        for id in &ids {
            self.remove(*id);
        }
        ids.len() as u64
    }

    /// Those about a thread, and since when they wait.
    pub(super) fn of(&self, thread: &ThreadKey) -> impl Iterator<Item = (&Notice, Timestamp)> {
        let waiting = self.all.values();
        let of_thread = waiting.filter(move |waiting| waiting.notice.thread == *thread);
        of_thread.map(|waiting| (&*waiting.notice, waiting.since))
    }

    /// When the next is due that need not wait for others.
    pub(super) fn next_at(&self) -> Option<Timestamp> {
        let notifiers = self.notifiers.values();
        notifiers.filter_map(NotifierQueue::next_at).min()
    }

    /// Whether one is being delivered, or could be now.
    pub(super) fn is_busy(&self, now: Timestamp) -> bool {
        let mut notifiers = self.notifiers.values();
        notifiers.any(|it| it.under_way > 0 || it.next_at().is_some_and(|due| due <= now))
    }

    /// Those that can be delivered now, oldest first.
    fn due(&self, now: Timestamp, limit: usize) -> Vec<u64> {
        let mut found = Vec::new();
        for notifier in self.notifiers.values() {
            if notifier.next_at().is_none_or(|due| due > now) {
                continue;
            }
            let due = notifier.due.iter().take_while(|(due, _)| *due <= now);
            let mut due: Vec<_> = due.map(|(_, id)| *id).collect();
            due.sort_unstable();
            due.truncate(AT_ONE_NOTIFIER - notifier.under_way);
            found.append(&mut due);
        }
        found.sort_unstable();
        found.truncate(limit);
        found
    }

    fn insert(&mut self, id: u64, waiting: ScheduledNotice) {
        let notice = waiting.notice.clone();
        self.change(&notice, |all, ids| {
            all.insert(id, waiting);
            ids.insert(id);
        });
    }

    fn remove(&mut self, id: u64) {
        if let Some(waiting) = self.all.get(&id) {
            let notice = waiting.notice.clone();
            self.change(&notice, |all, ids| {
                all.remove(&id);
                ids.remove(&id);
            });
        }
    }

    fn update(&mut self, id: u64, update: impl FnOnce(&mut ScheduledNotice)) {
        if let Some(waiting) = self.all.get(&id) {
            let notice = waiting.notice.clone();
            self.change(&notice, |all, _| {
                if let Some(waiting) = all.get_mut(&id) {
                    update(waiting);
                }
            });
        }
    }

    /// Changes something of the notices of this one's thread for its notifier. Afterwards another may be the
    /// oldest.
    fn change(
        &mut self,
        notice: &Notice,
        change: impl FnOnce(&mut BTreeMap<u64, ScheduledNotice>, &mut BTreeSet<u64>),
    ) {
        let Notice {
            notifier, thread, ..
        } = notice;
        let is_leaving = !self.leaving.is_empty() && self.leaving.contains(thread.lane());
        let notifier = self.notifiers.entry(notifier.clone()).or_default();
        let ids = notifier.threads.entry(thread.clone()).or_default();
        if let Some((id, oldest)) = ids.first().and_then(|id| self.all.get_key_value(id)) {
            match oldest.is_started {
                true => notifier.under_way -= 1,
                false => {
                    notifier.due.remove(&(oldest.due, *id));
                }
            }
        }
        change(&mut self.all, ids);
        if let Some((id, oldest)) = ids.first().and_then(|id| self.all.get_key_value(id)) {
            match oldest.is_started {
                true => notifier.under_way += 1,
                false if is_leaving => {}
                false => {
                    notifier.due.insert((oldest.due, *id));
                }
            }
        }
        if ids.is_empty() {
            notifier.threads.remove(thread);
        }
    }

    /// Leaves a notifier alone until then, or no longer.
    fn rest(&mut self, notifier: &str, until: Option<Timestamp>) {
        let notifier = self.notifiers.entry(notifier.to_owned()).or_default();
        notifier.rests_until = until;
    }
}

impl NotifierQueue {
    /// When the next is due that need not wait for others.
    fn next_at(&self) -> Option<Timestamp> {
        if self.under_way >= AT_ONE_NOTIFIER {
            return None;
        }
        let (due, _) = *self.due.first()?;
        Some(self.rests_until.map_or(due, |until| due.max(until)))
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
        self.notices.insert(id, waiting);
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
            self.notices.update(id, |waiting| {
                waiting.is_started = true;
                started.push(OutboxNotice {
                    id,
                    notice: waiting.notice.clone(),
                    since: waiting.since,
                    attempts: waiting.attempts,
                });
            });
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
        let Some(waiting) = self.notices.all.get(&id) else {
            return;
        };
        let notice = waiting.notice.clone();
        match result {
            NoticeResult::RetryAt { due, rests_until } => {
                self.notices.update(id, |waiting| {
                    waiting.is_started = false;
                    waiting.attempts += 1;
                    waiting.due = due;
                });
                self.notices.rest(&notice.notifier, Some(rests_until));
                self.changes.push(RowChange::CallWaits {
                    id,
                    due,
                    attempts: 1,
                    uncertain: false,
                });
                return;
            }
            NoticeResult::Delivered => self.notices.rest(&notice.notifier, None),
            NoticeResult::Dead(cause) => {
                self.dead_letters += 1;
                self.changes
                    .push(RowChange::DeadNotice { notice, cause, at });
            }
        }
        self.notices.remove(id);
        self.changes.push(RowChange::CallEnded(id));
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use foldhash::HashSet;

    use super::*;

    const NOW: Timestamp = Timestamp::from_millis(1_700_000_000_000);

    fn notice(notifier: &str, person: usize) -> Arc<Notice> {
        let thread = ThreadKey::new("1744550565845823", person.to_string());
        Arc::new(Notice {
            notifier: notifier.to_owned(),
            ..Notice::new(NoticeKind::HandedOver, thread)
        })
    }

    /// The time of the next, found by looking at all of them.
    fn next_of_all(queue: &NoticeQueue) -> Option<Timestamp> {
        let under_way = |notifier: &str| {
            let all = queue.all.values();
            let of_it = all.filter(|it| it.is_started && it.notice.notifier == notifier);
            of_it.count()
        };
        let mut seen = HashSet::default();
        let oldest = queue.all.values().filter(|waiting| {
            let Notice {
                notifier, thread, ..
            } = &*waiting.notice;
            seen.insert((notifier, thread))
        });
        let waiting =
            oldest.filter(|it| !it.is_started && under_way(&it.notice.notifier) < AT_ONE_NOTIFIER);
        let due = waiting.map(|it| {
            let rests = queue.notifiers[&it.notice.notifier].rests_until;
            rests.map_or(it.due, |until| until.max(it.due))
        });
        due.min()
    }

    #[test]
    fn the_next_one_is_known_without_looking_at_all() {
        let mut rules = JournalRules::new(false);
        let mut random = fastrand::Rng::with_seed(7);
        let mut out = Vec::new();
        let mut finished = 0;
        for step in 0..2000_u64 {
            let now = NOW + Duration::from_millis(step);
            match random.u8(..10) {
                0..=3 => {
                    let notifier = ["chat", "desk", "mail"][random.usize(..3)];
                    rules.queue_notice(notice(notifier, random.usize(..9)), now);
                }
                4..=6 => {
                    let started = rules.start_notices(now, 2).into_iter();
                    out.extend(started.map(|started| started.id));
                }
                7 => {
                    let forgotten = notice("chat", random.usize(..9));
                    rules.notices.forget(&forgotten.thread);
                }
                _ if out.is_empty() => {}
                _ => {
                    let id = out.swap_remove(random.usize(..out.len()));
                    let result = match random.u8(..3) {
                        0 => NoticeResult::Dead("gone".to_owned()),
                        1 => NoticeResult::RetryAt {
                            due: now + Duration::from_millis(random.u64(..20)),
                            rests_until: now + Duration::from_millis(random.u64(..10)),
                        },
                        _ => NoticeResult::Delivered,
                    };
                    finished += 1;
                    rules.finish_notice(id, result, now);
                }
            }
            let next = rules.notices.next_at();
            assert_eq!(next, next_of_all(&rules.notices), "step {step}");
        }
        assert!(finished > 200, "{finished}");
    }

    /// Each command asks when the next one is due, whatever the command is about.
    #[test]
    fn many_that_wait_do_not_slow_down_what_else_there_is_to_do() {
        let mut rules = JournalRules::new(false);
        for person in 0..MOST {
            rules.queue_notice(notice("chat", person), NOW);
        }
        let retry = NoticeResult::RetryAt {
            due: NOW + Duration::from_secs(60),
            rests_until: NOW + Duration::from_secs(60),
        };
        for started in rules.start_notices(NOW, MOST) {
            rules.finish_notice(started.id, retry.clone(), NOW);
        }
        let began = Instant::now();
        for _ in 0..10_000 {
            assert!(rules.ready().notices);
        }
        // A look at all of them takes a millisecond or more.
        let took = began.elapsed();
        assert!(took < Duration::from_secs(5), "{took:?}");
    }
}
