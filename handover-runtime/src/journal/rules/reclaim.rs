//! The timers that take a thread back begin once the call is made that gives it away, and end once one is made that
//! brings it back. Until then, those of the app that has the thread go on.
//!
//! | a pass or a release | the timers |
//! |---|---|
//! | is accepted | those of the handoff before it end; its own begin at that moment |
//! | is not needed: its target has the thread, as the bot knows or the platform says | the same, for the target has the person as the handoff wanted |
//! | is tried again because an answer was lost or the process died, and refused because another app has the thread | the same: the earlier attempt went through, and its moment is not known |
//! | is to be tried again, or waits for control | stay as they are |
//! | is given up | stay as they are, and its own never begin: `#[on_handoff_failed]` runs |
//! | is replayed by an operator | end, and none begin: the dead letter does not have them |
//! | is forgotten with its thread | are forgotten, too |
//!
//! | a take | the timers |
//! |---|---|
//! | is accepted, or refused because the bot has the thread already | end |
//! | becomes a request | stay as they are: the event by which the thread comes ends them |
//! | is not needed: an agent has answered, or the thread is back | stay as they are: the event that shows it ends them |
//! | is to be tried again, or is given up | stay as they are |

use handover_protocol::{Object, Timestamp};

use super::JournalRules;
use crate::journal::{CallResult, FinishedCall, Reclaim, ThreadChange};
use crate::thread::{Owner, ThreadKey};

impl JournalRules {
    /// Lets timers end and begin if a call was made. Call it once the new owner is noted: by that, a handoff that waited
    /// may be done, and the timers of this one replace its timers.
    pub(super) fn update_reclaim(&mut self, finished: &FinishedCall) {
        if !matches!(finished.result, CallResult::Sent | CallResult::Needless) {
            return;
        }
        let (object, timers) = match (&finished.handoff, &finished.owner) {
            (Some(handoff), _) => (**handoff).clone(),
            (None, Some(Owner::Bot)) => Default::default(),
            (None, _) => return,
        };
        self.set_reclaim(&finished.thread, &object, timers, finished.at);
    }

    /// Lets these timers begin. All that there are besides end, also those that have run out and wait to be handled.
    pub(super) fn set_reclaim(
        &mut self,
        key: &ThreadKey,
        object: &Object,
        timers: Reclaim,
        now: Timestamp,
    ) {
        for timer in timers.timers(object, now) {
            self.supersede_timer(key, &timer.name, 0, now);
            self.set_timer(key, timer);
        }
        let change = ThreadChange {
            idle_after: timers.idle_after.into(),
            ..ThreadChange::default()
        };
        self.change_thread(key, change, now);
    }
}
