//! Pass, take, request, release, extend, and who may look.

use handover_protocol::{
    AppId, EventBody, ExtendThreadControlRequest, PassThreadControl, PassThreadControlRequest,
    PersonId, ReleaseThreadControlRequest, RequestThreadControl, RequestThreadControlRequest,
    TakeThreadControl, TakeThreadControlRequest, ThreadOwner, ThreadOwnerRow, ThreadOwners,
    Timestamp, limits,
};

use super::misfits::check_types;
use super::scene::Scene;
use super::thread::{Control, HandoverKind};
use super::{Answer, Call, Platform, Refusal};

impl Platform {
    /// `POST /{page-id}/pass_thread_control`.
    ///
    /// The owner passes control on; on an idle thread any app may. Without a target it goes to the
    /// default app. The new owner gets `pass_thread_control`.
    pub fn pass_thread_control(
        &mut self,
        call: &Call<'_>,
        request: &PassThreadControlRequest,
    ) -> Answer<()> {
        check_types(&request.extra, ["recipient", "target_app_id", "metadata"])?;
        let mut scene = self.scene_for(call, &request.recipient)?;
        let owner = scene.owner();
        let target = scene.pass_target(owner.as_ref(), call.app, request.target_app_id.as_ref())?;
        scene.pass(&target, request.metadata.clone());
        Ok(scene.close(()))
    }

    /// `POST /{page-id}/take_thread_control`.
    ///
    /// Needs conversation routing and the app's "Take control of conversations" switch. The
    /// previous owner gets `take_thread_control`; from an idle thread there is no webhook.
    pub fn take_thread_control(
        &mut self,
        call: &Call<'_>,
        request: &TakeThreadControlRequest,
    ) -> Answer<()> {
        check_types(&request.extra, ["recipient", "metadata"])?;
        let mut scene = self.scene_for(call, &request.recipient)?;
        if !scene.account.routing.is_conversation() || !scene.may_take(call.app) {
            return Err(Refusal::no_conversation_routing());
        }
        if scene.owner().as_ref() == Some(call.app) {
            return Err(Refusal::parameter(
                "Take thread control failed: the calling app is the thread owner already",
            ));
        }
        scene.take(call.app, request.metadata.clone());
        Ok(scene.close(()))
    }

    /// `POST /{page-id}/request_thread_control`, for Pages without conversation routing only.
    ///
    /// On an idle thread the caller becomes the owner and gets `pass_thread_control`; otherwise
    /// the owner gets `request_thread_control` and may do as it likes.
    pub fn request_thread_control(
        &mut self,
        call: &Call<'_>,
        request: &RequestThreadControlRequest,
    ) -> Answer<()> {
        check_types(&request.extra, ["recipient", "metadata"])?;
        let mut scene = self.scene_for(call, &request.recipient)?;
        if scene.account.routing.is_conversation() {
            return Err(Refusal::parameter(
                "Request thread control is not supported when Conversation Routing is enabled",
            ));
        }
        match scene.owner() {
            Some(owner) if owner == *call.app => {
                return Err(Refusal::parameter(
                    "Request thread control failed: the calling app is the thread owner already",
                ));
            }
            Some(owner) => scene.request(owner, call.app, request.metadata.clone()),
            None => scene.pass(call.app, request.metadata.clone()),
        }
        Ok(scene.close(()))
    }

    /// `POST /{page-id}/release_thread_control`: the owner gives control up. No webhook.
    pub fn release_thread_control(
        &mut self,
        call: &Call<'_>,
        request: &ReleaseThreadControlRequest,
    ) -> Answer<()> {
        check_types(&request.extra, ["recipient", "metadata"])?;
        let mut scene = self.scene_for(call, &request.recipient)?;
        if scene.owner().as_ref() != Some(call.app) {
            return Err(Refusal::parameter(
                "Only the current thread owner can release thread control",
            ));
        }
        scene.give_to(None, HandoverKind::Released, request.metadata.clone());
        Ok(scene.close(()))
    }

    /// `POST /{page-id}/extend_thread_control`: control ends `duration` seconds from now, at most
    /// seven days. No webhook.
    pub fn extend_thread_control(
        &mut self,
        call: &Call<'_>,
        request: &ExtendThreadControlRequest,
    ) -> Answer<()> {
        check_types(&request.extra, ["recipient", "duration"])?;
        let scene = self.scene_for(call, &request.recipient)?;
        let seconds = match request.duration {
            Some(seconds @ 1..=limits::EXTEND_SECONDS) => seconds as i64,
            Some(_) => {
                return Err(Refusal::parameter(format_args!(
                    "Param duration must be between 1 and {} seconds",
                    limits::EXTEND_SECONDS
                )));
            }
            None => return Err(Refusal::parameter("The parameter duration is required")),
        };
        match &mut scene.thread.control {
            Control::Active { owner, expiration } if owner == call.app => {
                *expiration = Timestamp::from_millis(call.now.as_millis() + seconds * 1000);
            }
            _ => {
                return Err(Refusal::parameter(
                    "Only the current thread owner can extend thread control",
                ));
            }
        }
        Ok(scene.close(()))
    }

    /// `GET /{page-id}/thread_owner`: the owner and the default app see who owns the thread, other
    /// apps see only until when; an idle thread shows nothing.
    pub fn thread_owner(&mut self, call: &Call<'_>, person: &PersonId) -> Answer<ThreadOwners> {
        let scene = self.scene_with(call, person)?;
        let mut owners = ThreadOwners::default();
        if let Control::Active { owner, expiration } = &scene.thread.control {
            let sees = owner == call.app || scene.default_app() == Some(call.app);
            owners.data.push(ThreadOwnerRow {
                thread_owner: ThreadOwner {
                    app_id: sees.then(|| owner.clone()),
                    expiration: u64::try_from(expiration.as_millis() / 1000).ok(),
                    ..ThreadOwner::default()
                },
                ..ThreadOwnerRow::default()
            });
        }
        Ok(scene.close(owners))
    }
}

impl Scene<'_> {
    pub(super) fn may_take(&self, app: &AppId) -> bool {
        self.account
            .connection(app)
            .is_some_and(|connection| connection.can_take)
    }

    /// Whom a pass of this app would go to, if it may pass at all from this owner.
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
            .or(self.default_app())
            .ok_or_else(|| Refusal::parameter("The parameter target_app_id is required"))?;
        if self.account.connection(target).is_none() {
            return Err(Refusal::incorrect_app_id());
        }
        if owner == Some(target) {
            return Err(Refusal::parameter(
                "Pass thread control failed: the target app is the thread owner already",
            ));
        }
        Ok(target.clone())
    }

    pub(super) fn pass(&mut self, target: &AppId, metadata: Option<String>) {
        let previous = self.owner();
        self.give_to(Some(target.clone()), HandoverKind::Passed, metadata.clone());
        let event = PassThreadControl {
            previous_owner_app_id: previous,
            new_owner_app_id: Some(target.clone()),
            metadata,
            ..PassThreadControl::default()
        };
        self.tell(target, EventBody::PassThreadControl(event));
    }

    pub(super) fn take(&mut self, taker: &AppId, metadata: Option<String>) {
        let previous = self.owner();
        self.give_to(Some(taker.clone()), HandoverKind::Taken, metadata.clone());
        if let Some(previous) = previous {
            let event = TakeThreadControl {
                previous_owner_app_id: Some(previous.clone()),
                new_owner_app_id: Some(taker.clone()),
                metadata,
                ..TakeThreadControl::default()
            };
            self.tell(&previous, EventBody::TakeThreadControl(event));
        }
    }

    pub(super) fn request(&mut self, owner: AppId, asker: &AppId, metadata: Option<String>) {
        let event = RequestThreadControl {
            requested_owner_app_id: Some(asker.clone()),
            metadata: metadata.clone(),
            ..RequestThreadControl::default()
        };
        self.tell(&owner, EventBody::RequestThreadControl(event));
        self.record(
            HandoverKind::Requested,
            Some(owner),
            Some(asker.clone()),
            metadata,
        );
    }
}
