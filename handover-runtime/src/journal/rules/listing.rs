//! What is held of threads where the storage holds nothing, for operators.

use handover_protocol::Timestamp;

use super::JournalRules;
use crate::journal::Speaker;
use crate::journal::listing::ThreadSummary;

impl JournalRules {
    /// All threads.
    pub(in crate::journal) fn summaries(&self, now: Timestamp) -> Vec<ThreadSummary> {
        let held = self.threads.all().map(|(key, state)| {
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
        held.collect()
    }
}
