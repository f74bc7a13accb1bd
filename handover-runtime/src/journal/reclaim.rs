//! When a thread is taken back after a handoff.

use std::time::Duration;

use handover_protocol::{Object, Timestamp};
use serde::{Deserialize, Serialize};

use super::TimerChange;
use crate::internal_event::ReclaimTimer;

/// When to take the thread back, counted from the call that gives it away.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Reclaim {
    /// In any case.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) after: Option<Duration>,
    /// If no human has answered.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) unclaimed_after: Option<Duration>,
    /// If the human who answered has written nothing for this long.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) idle_after: Option<Duration>,
}

impl Reclaim {
    /// Takes missing values from the second.
    pub(crate) fn or(self, other: Self) -> Self {
        Self {
            after: self.after.or(other.after),
            unclaimed_after: self.unclaimed_after.or(other.unclaimed_after),
            idle_after: self.idle_after.or(other.idle_after),
        }
    }

    /// Sets one of the times, or removes it.
    pub(crate) fn set(&mut self, timer: ReclaimTimer, time: Option<Duration>) {
        *match timer {
            ReclaimTimer::Reclaim => &mut self.after,
            ReclaimTimer::Unclaimed => &mut self.unclaimed_after,
            ReclaimTimer::Idle => &mut self.idle_after,
        } = time;
    }

    /// The timers of a thread that is given away at this time. Those without a time end.
    pub(crate) fn timers(self, object: &Object, at: Timestamp) -> [TimerChange; 3] {
        let times = [
            (ReclaimTimer::Reclaim, self.after),
            (ReclaimTimer::Unclaimed, self.unclaimed_after),
            (ReclaimTimer::Idle, self.idle_after),
        ];
        times.map(|(timer, time)| match time {
            Some(time) => TimerChange::take_back(timer, object, at + time),
            None => TimerChange::cancel(timer.as_str()),
        })
    }
}
