//! Thread control: pass, take, request, release, extend, and `thread_owner`.

use handover_protocol::{
    AppId, ExtendThreadControlRequest, PassThreadControlRequest, PersonId,
    ReleaseThreadControlRequest, RequestThreadControlRequest, TakeThreadControlRequest,
    ThreadOwner, ThreadOwnerRow, ThreadOwners, limits,
};
use serde_json::{Map, Value};

use super::parameter::check_types;
use super::thread::{Control, HandoverKind};
use super::thread_tx::ThreadTx;
use super::{
    CallContext, ExtendTooLong, GraphResult, Platform, Refusal, Routing, TakeFromIdle, TakeNotifies,
};

impl Platform {
    /// `POST /{page-id}/pass_thread_control`.
    ///
    /// The owner passes control to another app. Any app may pass an idle thread. Default target:
    /// the default app. The new owner gets `pass_thread_control`.
    pub fn pass_thread_control(
        &mut self,
        call: &CallContext<'_>,
        request: &PassThreadControlRequest,
    ) -> GraphResult<()> {
        check_types(&request.extra, ["recipient", "target_app_id", "metadata"])?;
        let mut tx = self.begin_for_recipient(call, &request.recipient)?;
        let owner = tx.owner();
        let target = tx.pass_target(owner.as_ref(), call.app, request.target_app_id.as_ref())?;
        tx.pass(&target, request.metadata.clone());
        Ok(tx.commit(()))
    }

    /// `POST /{page-id}/take_thread_control`.
    ///
    /// Requires conversation routing and the app's switch "Take control of conversations"; under
    /// the Handover Protocol, the role of primary receiver. The previous owner gets
    /// `take_thread_control`. Taking an idle thread causes no webhook.
    pub fn take_thread_control(
        &mut self,
        call: &CallContext<'_>,
        request: &TakeThreadControlRequest,
    ) -> GraphResult<()> {
        check_types(&request.extra, ["recipient", "metadata"])?;
        let mut tx = self.begin_for_recipient(call, &request.recipient)?;
        tx.check_take(call.app)?;
        if tx.owner().as_ref() == Some(call.app) {
            return Err(Refusal::parameter(
                "Take thread control failed: the calling app is the thread owner already",
            ));
        }
        tx.take(call.app, request.metadata.as_deref());
        Ok(tx.commit(()))
    }

    /// `POST /{page-id}/request_thread_control`, for accounts without conversation routing only.
    ///
    /// The caller becomes the owner of an idle thread and gets `pass_thread_control`. Otherwise the
    /// owner, or the primary receiver under the Handover Protocol, gets `request_thread_control`.
    pub fn request_thread_control(
        &mut self,
        call: &CallContext<'_>,
        request: &RequestThreadControlRequest,
    ) -> GraphResult<()> {
        check_types(&request.extra, ["recipient", "metadata"])?;
        let mut tx = self.begin_for_recipient(call, &request.recipient)?;
        if tx.account.routing.is_conversation() {
            return Err(Refusal::parameter(
                "Request thread control is not supported when Conversation Routing is enabled",
            ));
        }
        tx.check_legacy_request(call.app)?;
        if tx.owner().as_ref() == Some(call.app) {
            return Err(Refusal::parameter(
                "Request thread control failed: the calling app is the thread owner already",
            ));
        }
        tx.ask_for(call.app, request.metadata.clone());
        Ok(tx.commit(()))
    }

    /// `POST /{page-id}/release_thread_control`: the owner releases control, under the Handover
    /// Protocol to the primary receiver. No webhook.
    pub fn release_thread_control(
        &mut self,
        call: &CallContext<'_>,
        request: &ReleaseThreadControlRequest,
    ) -> GraphResult<()> {
        check_types(&request.extra, ["recipient", "metadata"])?;
        let mut tx = self.begin_for_recipient(call, &request.recipient)?;
        if tx.owner().as_ref() != Some(call.app) {
            return Err(Refusal::parameter(
                "Only the current thread owner can release thread control",
            ));
        }
        let heir = tx.heir_of(call.app);
        tx.give_to(heir, HandoverKind::Released, request.metadata.clone());
        Ok(tx.commit(()))
    }

    /// `POST /{page-id}/extend_thread_control`: control ends `duration` seconds from now, at most
    /// seven days. No webhook.
    pub fn extend_thread_control(
        &mut self,
        call: &CallContext<'_>,
        request: &ExtendThreadControlRequest,
    ) -> GraphResult<()> {
        check_types(&request.extra, ["recipient", "duration"])?;
        let mut tx = self.begin_for_recipient(call, &request.recipient)?;
        let seconds = match request.duration {
            Some(seconds @ 1..=limits::EXTEND_SECONDS) => seconds,
            Some(1..) if tx.behavior.extend_too_long == ExtendTooLong::Clamped => {
                limits::EXTEND_SECONDS
            }
            Some(_) => {
                return Err(Refusal::parameter(format_args!(
                    "Param duration must be between 1 and {} seconds",
                    limits::EXTEND_SECONDS
                )));
            }
            None => return Err(Refusal::parameter("The parameter duration is required")),
        };
        if !tx.thread.is_with(call.app, call.now) {
            return Err(Refusal::parameter(
                "Only the current thread owner can extend thread control",
            ));
        }
        let then = tx.in_millis(seconds as i64 * 1000);
        tx.expire_at(then);
        Ok(tx.commit(()))
    }

    /// `GET /{page-id}/thread_owner`: the owner and the default app see the owner, other apps only
    /// see the expiration. The result is empty for an idle thread.
    pub fn thread_owner(
        &mut self,
        call: &CallContext<'_>,
        person: &PersonId,
    ) -> GraphResult<ThreadOwners> {
        let tx = self.begin_for_call(call, person)?;
        let mut owners = ThreadOwners::default();
        if let Control::Active { owner, expiration } = &tx.thread.control {
            let sees = owner == call.app || tx.default_app() == Some(call.app);
            owners.data.push(ThreadOwnerRow {
                thread_owner: ThreadOwner {
                    app_id: sees.then(|| owner.clone()),
                    expiration: u64::try_from(expiration.as_millis() / 1000).ok(),
                    ..ThreadOwner::default()
                },
                ..ThreadOwnerRow::default()
            });
        }
        Ok(tx.commit(owners))
    }
}

impl ThreadTx<'_> {
    /// Checks that the app may send: the owner; on an idle thread the default app, or any app if
    /// there is none; and a human agent tool, which takes control by sending.
    pub(super) fn check_sender(&self, app: &AppId, human_agent: bool) -> Result<(), Refusal> {
        let owner = self.thread.owner(self.now);
        if owner == Some(&AppId::LEADGEN) {
            return Err(Refusal::messenger_flow());
        }
        let may = match owner.or(self.default_app()) {
            Some(responsible) => responsible == app,
            None => true,
        };
        if may || (human_agent && self.may_take(app)) {
            Ok(())
        } else {
            Err(Refusal::not_thread_owner(self.account.product))
        }
    }

    /// The "Take control of conversations" switch.
    pub(super) fn may_take(&self, app: &AppId) -> bool {
        self.account
            .connection(app)
            .is_some_and(|connection| connection.can_take)
    }

    fn check_take(&self, app: &AppId) -> Result<(), Refusal> {
        if self.is_silent() {
            return Err(Refusal::messenger_flow());
        }
        match self.account.routing {
            Routing::Legacy { .. } => self.check_legacy_take(app),
            Routing::Conversation { .. } if self.may_take(app) => Ok(()),
            Routing::Conversation { .. } | Routing::ZeroConfig => {
                Err(Refusal::no_conversation_routing())
            }
        }
    }

    /// Returns the target of a pass by this app. Fails if the app may not pass.
    pub(super) fn pass_target(
        &self,
        owner: Option<&AppId>,
        caller: &AppId,
        target: Option<&AppId>,
    ) -> Result<AppId, Refusal> {
        if owner.is_some_and(|owner| owner != caller) {
            return Err(Refusal::parameter(
                "Pass thread control failed: the calling app is not the thread owner",
            ));
        }
        let target = target
            .cloned()
            .or_else(|| self.default_target(caller))
            .ok_or_else(|| Refusal::parameter("The parameter target_app_id is required"))?;
        if !self.is_connected(&target) {
            return Err(Refusal::incorrect_app_id());
        }
        if owner == Some(&target) {
            return Err(Refusal::parameter(
                "Pass thread control failed: the target app is the thread owner already",
            ));
        }
        Ok(target)
    }

    pub(super) fn pass(&mut self, target: &AppId, metadata: Option<String>) {
        self.pass_with_extra(target, metadata, Map::new());
    }

    /// Passes control, with extra fields in the webhook entry.
    pub(super) fn pass_with_extra(
        &mut self,
        target: &AppId,
        metadata: Option<String>,
        entry_extra: Map<String, Value>,
    ) {
        let previous = self.owner();
        self.give_to(Some(target.clone()), HandoverKind::Passed, metadata.clone());
        self.notify_passed(previous, target, metadata, entry_extra);
    }

    pub(super) fn take(&mut self, taker: &AppId, metadata: Option<&str>) {
        let previous = self.owner();
        let note = metadata.map(str::to_owned);
        self.give_to(Some(taker.clone()), HandoverKind::Taken, note);
        let notified: Vec<AppId> = match &previous {
            None if self.behavior.take_from_idle == TakeFromIdle::Silent => Vec::new(),
            Some(previous) if self.behavior.take_notifies == TakeNotifies::PreviousOwner => {
                vec![previous.clone()]
            }
            _ => {
                let connections = self.account.connections().iter();
                connections.map(|one| one.app.clone()).collect()
            }
        };
        for app in notified {
            self.notify_taken(&app, previous.clone(), taker, metadata);
        }
    }

    /// Requests control for an app. If no app has control, the app gets it.
    pub(super) fn ask_for(&mut self, asker: &AppId, metadata: Option<String>) {
        let Some(asked) = self.asked_by(asker) else {
            return self.pass(asker, metadata);
        };
        self.notify_requested(&asked, asker, metadata.clone());
        let asker = Some(asker.clone());
        self.record(HandoverKind::Requested, Some(asked), asker, metadata);
    }
}
