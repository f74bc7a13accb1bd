//! Which turns are kept of a thread, and for how long.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use handover_protocol::Timestamp;

use super::{Speaker, ThreadChange, Turn};

/// How much of each conversation a bot keeps: for [`Bot::history`](crate::Bot::history).
///
/// ```
/// use std::time::Duration;
/// use handover_runtime::{Bot, HistoryLimits, Routes};
///
/// let limits = HistoryLimits::default()
///     .turns(20)
///     .keep(Duration::from_secs(7 * 24 * 60 * 60));
/// let bot = Bot::new(Routes::default()).history(limits);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct HistoryLimits {
    /// How many turns are kept of a thread, the last ones. Default: 50. At most 1000.
    pub turns: usize,
    /// For how long each is kept. Default: 30 days.
    pub keep: Duration,
}

impl Default for HistoryLimits {
    fn default() -> Self {
        Self {
            turns: 50,
            keep: Duration::from_secs(30 * 24 * 60 * 60),
        }
    }
}

impl HistoryLimits {
    const MOST: usize = 1000;

    /// Nothing is kept, also not what is said while another app has a thread.
    #[must_use]
    pub fn none() -> Self {
        Self::default().turns(0)
    }

    /// Sets how many turns are kept of a thread.
    #[must_use]
    pub fn turns(mut self, turns: usize) -> Self {
        self.turns = turns.min(Self::MOST);
        self
    }

    /// Sets for how long each turn is kept.
    #[must_use]
    pub fn keep(mut self, keep: Duration) -> Self {
        self.keep = keep;
        self
    }
}

/// What a bot keeps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct HistoryRule {
    pub(crate) limits: HistoryLimits,
    /// Whether only what is said while another app has the thread is kept, until a handler has heard
    /// of it.
    pub(crate) only_while_away: bool,
}

impl Default for HistoryRule {
    fn default() -> Self {
        Self {
            limits: HistoryLimits::default().turns(200),
            only_while_away: true,
        }
    }
}

impl HistoryRule {
    /// Whether all that is said is kept.
    pub(crate) fn keeps_all(&self) -> bool {
        !self.only_while_away && self.limits.turns > 0
    }
}

impl From<HistoryLimits> for HistoryRule {
    fn from(limits: HistoryLimits) -> Self {
        Self {
            limits,
            only_while_away: false,
        }
    }
}

/// The turns that are kept of a thread, oldest first, each with its number.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct ThreadHistory(VecDeque<(u64, Arc<Turn>)>);

/// What changes in the turns of a thread.
#[derive(Debug, PartialEq)]
pub(crate) enum TurnChange {
    Written(u64, Arc<Turn>),
    Removed(Vec<u64>),
}

/// Which turns are kept, as the thread is now.
#[derive(Clone, Copy, Debug)]
pub(super) struct Kept {
    /// Those from this number on.
    pub(super) from: u64,
    /// Whether new ones are.
    pub(super) takes_new: bool,
    /// What new ones are numbered from, although those before may be gone.
    pub(super) first_new: u64,
    /// Those that were said since.
    pub(super) since: Timestamp,
    /// So many.
    pub(super) most: usize,
}

impl ThreadHistory {
    /// The number of the next turn.
    pub(crate) fn next_number(&self) -> u64 {
        self.0.back().map_or(1, |(number, _)| number + 1)
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &Turn> {
        self.0.iter().map(|(_, turn)| &**turn)
    }

    /// The turns from this number on.
    pub(crate) fn since_number(&self, first: u64) -> impl Iterator<Item = &Turn> {
        let later = self.0.iter().filter(move |(number, _)| *number >= first);
        later.map(|(_, turn)| &**turn)
    }

    /// About as many bytes as it takes.
    pub(crate) fn weight(&self) -> usize {
        self.iter().map(|turn| turn.text.len() + 64).sum()
    }

    /// Takes over what a change says, within these bounds; returns the rows that change.
    pub(super) fn update(&mut self, change: &ThreadChange, kept: Kept) -> Vec<TurnChange> {
        let mut changes = Vec::new();
        if kept.takes_new {
            for turn in &change.said {
                changes.extend(self.say(turn, kept.first_new));
            }
        }
        for (mid, text) in &change.edited {
            let found = self.0.iter_mut().find(|(_, turn)| is_of(turn, mid));
            if let Some((number, turn)) = found {
                *turn = Arc::new(turn.edited(text));
                changes.push(TurnChange::Written(*number, turn.clone()));
            }
        }
        let surplus = self.0.len().saturating_sub(kept.most);
        let mut removed = Vec::new();
        let mut at = 0;
        self.0.retain(|(number, turn)| {
            let is_deleted = change.deleted.iter().any(|mid| is_of(turn, mid));
            let stays =
                at >= surplus && *number >= kept.from && turn.at >= kept.since && !is_deleted;
            at += 1;
            if !stays {
                removed.push(*number);
            }
            stays
        });
        if !removed.is_empty() {
            changes.push(TurnChange::Removed(removed));
        }
        changes
    }

    /// Adds a turn with at least this number, unless it is there. What the bot knows to have said itself is not
    /// another's.
    fn say(&mut self, turn: &Turn, first: u64) -> Option<TurnChange> {
        let known = self
            .0
            .iter_mut()
            .rev()
            .find(|(_, known)| known.is_same(turn));
        let (number, turn) = match known {
            Some((number, known))
                if turn.speaker == Speaker::Bot && known.speaker != Speaker::Bot =>
            {
                *known = Arc::new(Turn {
                    at: known.at,
                    ..turn.clone()
                });
                (*number, known.clone())
            }
            Some(_) => return None,
            None => {
                let turn = Arc::new(turn.clone());
                let number = self.next_number().max(first);
                self.0.push_back((number, turn.clone()));
                (number, turn)
            }
        };
        Some(TurnChange::Written(number, turn))
    }

    /// Adds a turn that is known not to be there.
    pub(crate) fn push(&mut self, turn: Arc<Turn>) {
        self.0.push_back((self.next_number(), turn));
    }
}

impl FromIterator<(u64, Turn)> for ThreadHistory {
    fn from_iter<I: IntoIterator<Item = (u64, Turn)>>(turns: I) -> Self {
        let turns = turns.into_iter();
        Self(
            turns
                .map(|(number, turn)| (number, Arc::new(turn)))
                .collect(),
        )
    }
}

fn is_of(turn: &Turn, mid: &str) -> bool {
    turn.mid.as_deref() == Some(mid)
}
