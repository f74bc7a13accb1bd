//! The legacy Handover Protocol with a primary receiver and secondary receivers.

use handover_protocol::AppId;

use super::thread::HandoverKind;
use super::thread_tx::ThreadTx;
use super::{Refusal, Routing};

impl ThreadTx<'_> {
    /// The primary receiver takes control from any owner, others only of idle threads.
    pub(super) fn check_legacy_take(&self, app: &AppId) -> Result<(), Refusal> {
        if self.owner().is_none() || self.account.routing.primary() == Some(app) {
            Ok(())
        } else {
            Err(Refusal::parameter(
                "Take thread control failed: only the primary receiver can take thread control",
            ))
        }
    }

    /// The primary receiver cannot request control.
    pub(super) fn check_legacy_request(&self, app: &AppId) -> Result<(), Refusal> {
        if self.account.routing.primary() == Some(app) {
            return Err(Refusal::parameter(
                "Request thread control failed: the primary receiver takes thread control",
            ));
        }
        Ok(())
    }

    /// Default target of a pass: the primary receiver. The primary receiver itself has to name a
    /// target.
    pub(super) fn default_target(&self, caller: &AppId) -> Option<AppId> {
        let target = self.default_app()?;
        let is_primary = self.account.routing.primary() == Some(caller);
        (!is_primary).then(|| target.clone())
    }

    /// Returns the app that gets a request: the primary receiver if there is one, else the owner.
    pub(super) fn asked_by(&self, asker: &AppId) -> Option<AppId> {
        let primary = self.account.routing.primary();
        let primary = primary.filter(|primary| *primary != asker);
        primary.cloned().or(self.owner())
    }

    /// Returns the app that gets released control: the primary receiver.
    pub(super) fn heir_of(&self, owner: &AppId) -> Option<AppId> {
        let primary = self.account.routing.primary();
        primary.filter(|primary| *primary != owner).cloned()
    }

    /// Without roles, the first app that sends becomes the owner.
    pub(super) fn claim_by_sending(&mut self, app: &AppId) {
        let no_roles = self.account.routing == (Routing::Legacy { primary: None });
        if no_roles && self.owner().is_none() {
            self.give_to(Some(app.clone()), HandoverKind::Routed, None);
        }
    }
}
