//! What becomes of a call that the platform refused, or whose answer was lost.

use handover_protocol::{AppId, Timestamp};

use super::attempt::TOKEN_STORE_PAUSE;
use super::deliver::Outbox;
use super::guard;
use super::pauses::{AccountPause, RefusedToken};
use super::result::{held_until, otherwise, reclaimed};
use super::retry::{self, RetryDecision};
use crate::accounts::Renewal;
use crate::causes;
use crate::clock::iso;
use crate::failure_kind::FailureKind;
use crate::graph::{Call, CurrentOwner, Graph, GraphError, echo_due};
use crate::journal::{CallResult, FinishedCall, OutboxCall, QueuedCall};
use crate::ownership;
use crate::thread::Owner;

impl Outbox {
    /// The result, and the error unless the refusal is as good as an answer. With `waits`, a message waits while
    /// another app has the thread. The call was begun at this time.
    pub(super) async fn refused(
        &self,
        call: &OutboxCall,
        error: GraphError,
        graph: &Graph,
        waits: bool,
        begun: Timestamp,
    ) -> (FinishedCall, Option<GraphError>) {
        let finished = |result| self.finished(call, result);
        let given_away = |result| FinishedCall {
            owner: ownership::owner_after(&call.call),
            ..finished(result)
        };
        if guard::went_through_before(call, &error) {
            return (given_away(CallResult::Sent), None);
        }
        // A human was quicker, and has the thread as the handoff wanted.
        if guard::lost_to_another(call, &error) && has_target(call, graph).await {
            return (given_away(CallResult::Needless), None);
        }
        if guard::is_the_bots_already(&call.call, &error) {
            let back = FinishedCall {
                owner: Some(Owner::Bot),
                event: reclaimed(call),
                ..finished(CallResult::Sent)
            };
            return (back, None);
        }
        if let (Call::TakeThreadControl(take), true) = (&*call.call, error.cannot_take()) {
            tracing::warn!(thread = %call.thread, error = causes::with_causes(&error), "the thread cannot be taken; requesting it instead");
            let mut request = QueuedCall::new(guard::request_instead(take), call.object.clone());
            request.reclaims = call.reclaims;
            let requested = FinishedCall {
                instead: Some(Box::new(request)),
                event: None,
                ..finished(CallResult::Sent)
            };
            return (requested, None);
        }
        if error.is_outside_window() && call.terms.otherwise.is_some() {
            return (otherwise(call, finished(CallResult::Replaced)), None);
        }
        let after = self.after(call, &error, graph, begun).await;
        let kind = guard::kind_of_error(&call.call, &error);
        let is_message = matches!(&*call.call, Call::Messages(_));
        let after = match kind {
            FailureKind::ThreadOwned if is_message && waits => held_until(call, self.clock.now()),
            _ => after,
        };
        let refused = FinishedCall {
            owner: ownership::owner_after_refusal(&call.call, &error),
            kind,
            ..finished(after)
        };
        (refused, Some(error))
    }

    /// Decides whether to try a refused call again.
    async fn after(
        &self,
        call: &OutboxCall,
        error: &GraphError,
        graph: &Graph,
        begun: Timestamp,
    ) -> CallResult {
        let now = self.clock.now();
        let later = |pause| now + pause;
        let (thread, name) = (&call.thread, call.call.name());
        match retry::next(call, error, self.pauses.throttled_before(&thread.account)) {
            RetryDecision::RetryAfter(pause) => {
                tracing::warn!(%thread, call = name, error = causes::with_causes(error), in_ms = pause.as_millis(), "a call failed and is tried again");
                CallResult::RetryAt(later(pause))
            }
            RetryDecision::LookForEcho => {
                tracing::warn!(%thread, call = name, error = causes::with_causes(error), "it is unknown whether a call was made; waiting for its echo");
                CallResult::Uncertain(echo_due(&call.call, begun, now))
            }
            RetryDecision::PauseAccount(pause) => {
                let until = later(pause);
                let (account, reason) = (thread.account.clone(), causes::with_causes(error));
                tracing::error!(%account, until = iso(until), reason, "nothing is sent for this account until then");
                let pause = AccountPause {
                    until: Some(until),
                    reason,
                    refused: None,
                };
                self.pauses.throttle(account, pause, now);
                CallResult::PutOff(until)
            }
            RetryDecision::RenewToken => {
                let (account, product) = (&thread.account, &call.object);
                match self.accounts.renewal(account, product, graph).await {
                    Renewal::OtherToken => {
                        tracing::warn!(%account, "the access token was refused; using the new one");
                        return CallResult::RetryAt(now + TOKEN_STORE_PAUSE);
                    }
                    Renewal::SameToken => {}
                    Renewal::Removed(reason) => return CallResult::Dead(reason.to_string()),
                }
                let reason = causes::with_causes(error);
                tracing::error!(%account, reason, "nothing is sent for this account until there is another access token");
                let refused = RefusedToken {
                    product: product.clone(),
                    graph: graph.clone(),
                };
                let pause = AccountPause {
                    until: None,
                    reason,
                    refused: Some(refused),
                };
                self.pauses.add(account.clone(), pause, self.clock.now());
                CallResult::PutOff(now)
            }
            RetryDecision::GiveUp(cause) => CallResult::Dead(cause),
        }
    }
}

/// Whether the app that a thread is passed to owns it already, as the platform says.
async fn has_target(call: &OutboxCall, graph: &Graph) -> bool {
    let Call::PassThreadControl(pass) = &*call.call else {
        return false;
    };
    match &pass.target_app_id {
        Some(target) => is_owned_by(call, graph, target).await,
        None => false,
    }
}

/// Whether this app owns the thread of a call, as the platform says.
pub(super) async fn is_owned_by(call: &OutboxCall, graph: &Graph, app: &AppId) -> bool {
    let Some(person) = call.thread.person() else {
        return false;
    };
    let owner = graph.thread_owner(person).await;
    matches!(owner, Ok(CurrentOwner::App { id, .. }) if id == *app)
}
