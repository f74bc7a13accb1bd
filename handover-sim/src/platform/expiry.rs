//! Expiration of control.

use handover_protocol::Timestamp;

use super::Ad;
use super::thread::{ChatEntry, Control, DAY, Handover, HandoverKind, later};
use super::thread_tx::ThreadTx;

impl ThreadTx<'_> {
    /// Ends expired control. No app gets a webhook.
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
        later(self.now, millis)
    }

    /// Extends control to at least a day from now.
    pub(super) fn prolong(&mut self) {
        let in_a_day = self.in_a_day();
        if let Control::Active { expiration, .. } = &mut self.thread.control {
            *expiration = (*expiration).max(in_a_day);
        }
    }

    /// Sets the expiration of control.
    pub(super) fn expire_at(&mut self, then: Timestamp) {
        if let Control::Active { expiration, .. } = &mut self.thread.control {
            *expiration = then;
        }
    }

    /// Sets the expiration of control to the number of days of an ad.
    pub(super) fn expire_after_days_of(&mut self, ad: &Ad) {
        let then = self.in_millis(ad.days(self.account.product) * DAY);
        self.expire_at(then);
    }
}
