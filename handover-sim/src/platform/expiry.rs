//! How control ends by itself.

use handover_protocol::Timestamp;

use super::Ad;
use super::thread::{ChatEntry, Control, DAY, Handover, HandoverKind};
use super::thread_tx::ThreadTx;

impl ThreadTx<'_> {
    /// Control that has run out is over, and nobody is told.
    pub(super) fn expire(&mut self) {
        if let Control::Active { owner, expiration } = &self.thread.control
            && *expiration <= self.now
        {
            let handover = Handover {
                kind: HandoverKind::Expired,
                from: Some(owner.clone()),
                to: None,
                metadata: None,
                at: *expiration,
            };
            self.thread.control = Control::Idle;
            self.thread.requested = false;
            self.thread.lead = None;
            self.thread.entries.push(ChatEntry::Handover(handover));
        }
    }

    pub(super) fn in_a_day(&self) -> Timestamp {
        self.in_millis(DAY)
    }

    pub(super) fn in_millis(&self, millis: i64) -> Timestamp {
        Timestamp::from_millis(self.now.as_millis().saturating_add(millis))
    }

    /// Control lasts at least a day from here.
    pub(super) fn prolong(&mut self) {
        let in_a_day = self.in_a_day();
        if let Control::Active { expiration, .. } = &mut self.thread.control {
            *expiration = (*expiration).max(in_a_day);
        }
    }

    /// Whoever has control has it until then.
    pub(super) fn expire_at(&mut self, then: Timestamp) {
        if let Control::Active { expiration, .. } = &mut self.thread.control {
            *expiration = then;
        }
    }

    /// Whoever has control got it by this ad, which says for how many days.
    pub(super) fn expire_after_days_of(&mut self, ad: &Ad) {
        let then = self.in_millis(ad.days(self.account.product) * DAY);
        self.expire_at(then);
    }
}
