//! What is held of threads where the storage holds nothing, for operators.

use handover_protocol::Timestamp;

use super::JournalRules;
use crate::journal::listing::ThreadSummary;
use crate::journal::{Speaker, ThreadState};

impl JournalRules {
    /// All threads.
    pub(in crate::journal) fn summaries(&self, now: Timestamp) -> Vec<ThreadSummary> {
        let nothing = ThreadState::default();
        let held = self.threads.all();
        let others = self.schedule.active_threads();
        let others = others.filter(|key| !self.threads.holds(key));
        let all = held.chain(others.map(|key| (key, &nothing)));
        let all = all.map(|(key, state)| {
            let mut said = state.said_while_away();
            let is_answered = said.any(|turn| turn.speaker == Speaker::Agent);
            ThreadSummary {
                paused_until: state.paused_until(),
                person_wrote_at: state.person_wrote_at,
                events: self.schedule.events_of(key).len() as u64,
                calls: self.schedule.calls_of(key).len() as u64,
                ..ThreadSummary::of(key.clone(), &state.ownership, is_answered, now)
            }
        });
        all.collect()
    }
}
