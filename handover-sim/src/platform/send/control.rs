//! `thread_control` of a call: change of control after the message is sent.

use handover_protocol::AppId;
use serde_json::{Map, Value};

use super::super::parameter::Parameter;
use super::super::thread::{ChatMessage, HandoverKind};
use super::super::thread_tx::ThreadTx;
use super::super::{EchoAfterPass, Refusal};
use super::purpose::Purpose;

/// Change of control after sending.
pub(super) enum Plan {
    Pass(AppId),
    Release,
}

impl ThreadTx<'_> {
    /// Meta does not document how a failure after sending is reported, so the call fails before
    /// anything is sent.
    pub(super) fn plan(
        &self,
        app: &AppId,
        purpose: Purpose,
        parameters: &Map<String, Value>,
    ) -> Result<Option<Plan>, Refusal> {
        let control = Parameter::new("thread_control", parameters.get("thread_control"));
        let Some(control) = control.object()? else {
            return Ok(None);
        };
        let kind = control.at("control_type").one_of(["pass", "release"])?;
        let target = control.at("app_id").text()?.map(AppId::new);
        if !self.account.routing.is_conversation() {
            return Err(Refusal::parameter(
                "Param thread_control is not supported when Conversation Routing is not enabled",
            ));
        }
        // At this point the app owns the thread or the thread is idle. A human agent tool takes
        // control.
        let takes = purpose == Purpose::HumanAgent && self.default_app() != Some(app);
        let owner = (takes || self.owner().is_some()).then_some(app);
        match kind {
            Some("pass") => {
                let target = self.pass_target(owner, app, target.as_ref())?;
                Ok(Some(Plan::Pass(target)))
            }
            _ if owner.is_none() => Err(Refusal::parameter(
                "Only the current thread owner can release thread control",
            )),
            _ => Ok(Some(Plan::Release)),
        }
    }

    /// Adds the message to the thread, changes control, and delivers the webhooks.
    pub(super) fn send(&mut self, message: &ChatMessage, plan: Option<Plan>) {
        self.append(message.clone());
        if self.behavior.echo_after_pass == EchoAfterPass::Before {
            self.report(message);
            self.apply(plan);
        } else {
            self.apply(plan);
            self.report(message);
        }
    }

    fn apply(&mut self, plan: Option<Plan>) {
        match plan {
            Some(Plan::Pass(target)) => self.pass(&target, None),
            Some(Plan::Release) => self.give_to(None, HandoverKind::Released, None),
            None => {}
        }
    }
}
