//! How handovers went, counted since the bot started.

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use foldhash::HashMap;
use handover_protocol::{AppId, Timestamp};
use serde::Serialize;

use crate::thread::ThreadKey;

/// How many threads are followed that people have.
const FOLLOWED: usize = 100_000;
/// Of how many handovers the times are kept, the last ones.
const MEASURED: usize = 1000;

/// A step of a handover.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum HandoverStep {
    /// Another app has the thread.
    Began {
        thread: ThreadKey,
        app: Option<AppId>,
        at: Timestamp,
    },
    /// The bot itself handed it over.
    ByTheBot,
    /// A human has written in it.
    Answered {
        thread: ThreadKey,
        /// Since when another app had it.
        since: Timestamp,
        at: Timestamp,
        /// Whether nobody had before, as far as the history of the thread shows.
        is_first: bool,
    },
    /// Nobody has answered in time.
    Unclaimed,
    /// The bot has it again.
    Returned {
        thread: ThreadKey,
        since: Timestamp,
        at: Timestamp,
    },
}

/// The handovers since the bot started.
#[derive(Debug)]
pub(super) struct HandoverLog {
    since: Timestamp,
    /// Threads that another app has, and whether a human has written in them.
    open: HashMap<ThreadKey, bool>,
    began: u64,
    by_the_bot: u64,
    to: BTreeMap<Option<AppId>, u64>,
    unclaimed: u64,
    returned: u64,
    first_words: VecDeque<Duration>,
    times_away: VecDeque<Duration>,
}

/// What is counted of handovers.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct HandoverFigures {
    /// Since when: the start of the bot.
    pub(crate) since: Timestamp,
    /// Handed over by the bot.
    pub(crate) by_the_bot: u64,
    /// Taken by another app.
    pub(crate) taken: u64,
    /// To which apps, most first.
    pub(crate) to: Vec<HandoverTarget>,
    /// Until a human wrote.
    pub(crate) first_word: Option<Spread>,
    /// Until the bot had the thread again.
    pub(crate) away: Option<Spread>,
    /// Taken back because nobody answered.
    pub(crate) unclaimed: u64,
    /// Returned to the bot.
    pub(crate) returned: u64,
}

/// How often a thread was handed to an app.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct HandoverTarget {
    /// The app, where it is known.
    pub(crate) app: Option<AppId>,
    pub(crate) count: u64,
}

/// How a time is spread.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Spread {
    /// How many were measured.
    pub(crate) count: usize,
    /// In ms: half took less.
    pub(crate) median_ms: u64,
    /// In ms: one in ten took longer.
    pub(crate) slowest_tenth_ms: u64,
}

impl HandoverLog {
    pub(super) fn new(since: Timestamp) -> Self {
        Self {
            since,
            open: HashMap::default(),
            began: 0,
            by_the_bot: 0,
            to: BTreeMap::new(),
            unclaimed: 0,
            returned: 0,
            first_words: VecDeque::new(),
            times_away: VecDeque::new(),
        }
    }

    /// Takes over what has happened.
    pub(super) fn note(&mut self, steps: Vec<HandoverStep>) {
        for step in steps {
            match step {
                HandoverStep::Began { thread, app, .. } => {
                    self.began += 1;
                    *self.to.entry(app).or_default() += 1;
                    self.follow(thread, false);
                }
                HandoverStep::ByTheBot => self.by_the_bot += 1,
                HandoverStep::Answered {
                    thread,
                    since,
                    at,
                    is_first,
                } => {
                    let known = self.open.get(&thread).copied();
                    if known == Some(false) || (known.is_none() && is_first) {
                        push(&mut self.first_words, at.duration_since(since));
                    }
                    self.follow(thread, true);
                }
                HandoverStep::Unclaimed => self.unclaimed += 1,
                HandoverStep::Returned { thread, since, at } => {
                    self.open.remove(&thread);
                    self.returned += 1;
                    push(&mut self.times_away, at.duration_since(since));
                }
            }
        }
    }

    fn follow(&mut self, thread: ThreadKey, is_answered: bool) {
        if self.open.len() < FOLLOWED || self.open.contains_key(&thread) {
            self.open.insert(thread, is_answered);
        }
    }

    pub(super) fn figures(&self) -> HandoverFigures {
        let to = self.to.iter().map(|(app, count)| HandoverTarget {
            app: app.clone(),
            count: *count,
        });
        let mut to: Vec<_> = to.collect();
        to.sort_by_key(|target| std::cmp::Reverse(target.count));
        HandoverFigures {
            since: self.since,
            by_the_bot: self.by_the_bot,
            taken: self.began.saturating_sub(self.by_the_bot),
            to,
            first_word: spread(&self.first_words),
            away: spread(&self.times_away),
            unclaimed: self.unclaimed,
            returned: self.returned,
        }
    }
}

fn push(times: &mut VecDeque<Duration>, time: Duration) {
    if times.len() == MEASURED {
        times.pop_front();
    }
    times.push_back(time);
}

fn spread(times: &VecDeque<Duration>) -> Option<Spread> {
    let mut sorted: Vec<_> = times.iter().copied().collect();
    sorted.sort();
    let at = |tenths: usize| {
        let time = sorted.get((sorted.len() * tenths / 10).min(sorted.len() - 1))?;
        Some(u64::try_from(time.as_millis()).unwrap_or(u64::MAX))
    };
    if sorted.is_empty() {
        return None;
    }
    Some(Spread {
        count: sorted.len(),
        median_ms: at(5)?,
        slowest_tenth_ms: at(9)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn thread(person: &str) -> ThreadKey {
        ThreadKey::new("1", person)
    }

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_millis(seconds * 1000)
    }

    #[test]
    fn a_handover_is_counted_once_and_measured_to_the_first_word() {
        let mut log = HandoverLog::new(at(0));
        let inbox = Some(AppId::PAGE_INBOX);
        let answered = |at: Timestamp, is_first| HandoverStep::Answered {
            thread: thread("ana"),
            since: self::at(10),
            at,
            is_first,
        };
        log.note(vec![
            HandoverStep::Began {
                thread: thread("ana"),
                app: inbox.clone(),
                at: at(10),
            },
            HandoverStep::ByTheBot,
            answered(at(40), true),
            // Without a history nothing shows that somebody had.
            answered(at(50), true),
            HandoverStep::Returned {
                thread: thread("ana"),
                since: at(10),
                at: at(110),
            },
        ]);
        let figures = log.figures();
        assert_eq!((figures.by_the_bot, figures.taken), (1, 0));
        let to = HandoverTarget {
            app: inbox,
            count: 1,
        };
        assert_eq!(figures.to, [to]);
        let spread = |seconds: u64| Spread {
            count: 1,
            median_ms: seconds * 1000,
            slowest_tenth_ms: seconds * 1000,
        };
        assert_eq!(figures.first_word, Some(spread(30)));
        assert_eq!(figures.away, Some(spread(100)));
        assert_eq!((figures.returned, figures.unclaimed), (1, 0));
    }

    #[test]
    fn a_handover_from_before_the_start_is_measured_if_nobody_had_answered() {
        let mut log = HandoverLog::new(at(100));
        let answered = |person: &str, is_first| HandoverStep::Answered {
            thread: thread(person),
            since: at(10),
            at: at(130),
            is_first,
        };
        log.note(vec![
            answered("ana", true),
            answered("ana", false),
            answered("ben", false),
        ]);
        let figures = log.figures();
        assert_eq!(figures.first_word.map(|it| it.count), Some(1));
        assert_eq!((figures.by_the_bot, figures.taken), (0, 0));
    }

    #[test]
    fn times_are_spread() {
        let times = (1..=100).map(Duration::from_secs).collect();
        let spread = spread(&times).map(|it| (it.median_ms, it.slowest_tenth_ms));
        assert_eq!(spread, Some((51_000, 91_000)));
        assert_eq!(super::spread(&VecDeque::new()), None);
    }
}
