//! One attempt at a call: what forbids it, the call itself, and what the platform says.

use std::time::Duration;

use super::deliver::{Outbox, STORE_PAUSE};
use super::guard;
use super::pauses::AccountPause;
use super::refused::is_owned_by;
use super::result::{echo_of, event_after, held_until, message_id_of, otherwise, turn_of};
use crate::accounts::{Blocked, KnownAccount, Lookup};
use crate::causes;
use crate::clock::iso;
use crate::failure_kind::FailureKind;
use crate::graph::{Call, CallResponse, ECHO_PAUSE, Graph, GraphError};
use crate::journal::{CallResult, Ended, FinishedCall, OutboxCall, ReceiptStatus};
use crate::ownership::{self, Objection};

/// Pause of calls while the lease of the node is in doubt.
const LEASE_PAUSE: Duration = Duration::from_secs(1);
/// Pause of a call whose turn comes next.
const SHORTEST_PAUSE: Duration = Duration::from_millis(1);
/// Pause of one whose turn comes later: then another send rate may hold.
const LONGEST_PAUSE: Duration = Duration::from_secs(5 * 60);
/// Pause after an error of the token store, or after it returned another token.
pub(super) const TOKEN_STORE_PAUSE: Duration = Duration::from_secs(1);

/// Why a call is given up that waits for a token.
const SURPLUS: &str = "not sent: the access token of the account is refused, and so many calls wait that the oldest are given up";

/// What a call is made with once nothing forbids it.
struct Clearance {
    graph: Graph,
    /// Whether the message waits if another app turns out to have the thread.
    waits: bool,
}

impl Outbox {
    /// Makes a call, unless an objection exists. Leaves an error of the platform in `refusal`.
    pub(super) async fn attempt(
        &self,
        call: &OutboxCall,
        refusal: &mut Option<GraphError>,
    ) -> FinishedCall {
        let Clearance { graph, waits } = match self.clear(call).await {
            Ok(clearance) => clearance,
            Err(not_made) => return *not_made,
        };
        crate::failpoint::failpoint!("send.before_call");
        let begun = self.clock.now();
        let answer = graph.execute(&call.call).await;
        crate::failpoint::failpoint!("send.after_call");
        let account = &call.thread.account;
        let others_wait = match &answer {
            Err(error) if error.limits_account() => false,
            Ok(_) | Err(GraphError::Refused { .. }) => self.pauses.not_throttled(account),
            Err(_) => self.pauses.try_again(account),
        };
        if others_wait {
            self.wake.calls_arrived();
        }
        self.pause_for_usage(call, &graph);
        match answer {
            Ok(answer) => self.accepted(call, &answer),
            Err(GraphError::LeaseEnded) => {
                // Another node has the thread by now, or may have: it makes the call.
                tracing::warn!(thread = %call.thread, "the lease of this node has ended; a call is left to its successor");
                let later = self.clock.now() + LEASE_PAUSE;
                self.finished(call, CallResult::PutOff(later))
            }
            Err(error) => {
                let refused = self.refused(call, error, &graph, waits, begun);
                let (finished, error) = Box::pin(refused).await;
                *refusal = error;
                finished
            }
        }
    }

    /// The result of a call of which nothing else is known.
    pub(super) fn finished(&self, call: &OutboxCall, result: CallResult) -> FinishedCall {
        FinishedCall {
            event: event_after(call, &result),
            handoff: call.handoff(),
            ..FinishedCall::new(call.id, call.thread.clone(), result, self.clock.now())
        }
    }

    /// Waits until the call may be made, or says what becomes of it without being made.
    async fn clear(&self, call: &OutboxCall) -> Result<Clearance, Box<FinishedCall>> {
        let now = self.clock.now();
        let not_made = |result| Err(Box::new(self.finished(call, result)));
        let dead = |kind, reason| {
            Err(Box::new(FinishedCall {
                kind,
                ..self.finished(call, CallResult::Dead(reason))
            }))
        };
        if let (Some(Ended { kind, cause }), Call::Messages(_)) = (&call.ended, &*call.call) {
            let reason = format!(
                "not sent, for a message before it in the same outcome was refused: {cause}"
            );
            return dead(*kind, reason);
        }
        if let Some(expired) = call.terms.expires_at.filter(|at| *at <= now) {
            let reason = format!("not sent in time: it expired at {}", iso(expired));
            return dead(FailureKind::Expired, reason);
        }
        let account = &call.thread.account;
        let KnownAccount {
            graph, settings, ..
        } = match self.accounts.find(account, &call.object).await {
            Lookup::Known(known) => known,
            Lookup::Unknown(reason) => return not_made(CallResult::Dead(reason.to_string())),
            Lookup::Unclear(error) => {
                tracing::error!(%account, error = causes::with_causes(&*error), "the token store failed; calls wait");
                return not_made(CallResult::PutOff(now + TOKEN_STORE_PAUSE));
            }
        };
        let (state, is_answered) = guard::state_of(call, &settings.rules, &self.clock);
        if state.target_has_it(&call.call, now) {
            return Err(Box::new(FinishedCall {
                owner: ownership::owner_after(&call.call),
                ..self.finished(call, CallResult::Needless)
            }));
        }
        let waits = call.terms.holds || settings.blocked == Blocked::Wait;
        match guard::objection(call, &state, now) {
            Some(Objection::ThreadOwned(_) | Objection::Paused(_)) if waits => {
                return not_made(held_until(call, now));
            }
            Some(Objection::OutsideWindow(_)) if call.terms.otherwise.is_some() => {
                let replaced = self.finished(call, CallResult::Replaced);
                return Err(Box::new(otherwise(call, replaced)));
            }
            Some(objection) => {
                let kind = guard::kind_of(&objection);
                let (Objection::ThreadOwned(reason)
                | Objection::Paused(reason)
                | Objection::OutsideWindow(reason)
                | Objection::Forbidden(reason)) = objection;
                return dead(kind, reason);
            }
            None => {}
        }
        let may_be_a_copy = call.uncertain && !call.call.is_idempotent();
        if may_be_a_copy && self.webhook_closed.is_cancelled() {
            return not_made(CallResult::PutOff(now + ECHO_PAUSE));
        }
        // The echo of a message to somebody without an id arrives in another thread.
        let no_echo = match call.thread.person() {
            None => Some("Only the answer says who the person is, so its echo cannot confirm it"),
            Some(_) if call.echoes => None,
            Some(_) => Some("Subscribe to `message_echoes`: then its echo confirms it"),
        };
        if let (true, Some(no_echo)) = (may_be_a_copy, no_echo) {
            let reason = format!(
                "the bot stopped, or lost the answer, while it was sent: it may have been delivered, so it is not repeated. {no_echo}"
            );
            return dead(FailureKind::Uncertain, reason);
        }
        // Before its turn, which it would lose.
        if self.pauses.is_paused(account, now) {
            if !call.is_surplus {
                return not_made(CallResult::PutOff(now));
            }
            let (kind, reason) = match may_be_a_copy {
                true => (
                    FailureKind::Uncertain,
                    format!("{SURPLUS}; it may have been delivered before"),
                ),
                false => (FailureKind::Other, SURPLUS.to_owned()),
            };
            return Err(Box::new(FinishedCall {
                kind,
                event: None,
                ..self.finished(call, CallResult::Dead(reason))
            }));
        }
        // What is known of the owner may be a guess.
        if guard::is_over(call, is_answered)
            || guard::seems_needless(call, &state)
                && Box::pin(is_owned_by(call, &graph, &settings.rules.bot)).await
        {
            return not_made(CallResult::Needless);
        }
        if let Err(pause) = self.limiter.turn(call, settings.send_rate) {
            // Without a permit, so that no other account waits, and all of this is asked again.
            let pause = pause.clamp(SHORTEST_PAUSE, LONGEST_PAUSE);
            return not_made(CallResult::PutOff(now + pause));
        }
        // The last things before the call.
        if may_be_a_copy && let Some(result) = self.not_repeated(call).await {
            return not_made(result);
        }
        if !self.pauses.may_try(account, now) {
            return not_made(CallResult::PutOff(now));
        }
        let condition = self.journal.send_condition(call.epoch);
        let graph = match call.thread.person() {
            Some(_) => graph.for_product(call.object.clone()).only_if(condition),
            // Its echo comes in the thread of a person whose id only the response has.
            None => graph.observed(
                account,
                call.object.clone(),
                self.observed_sends.clone(),
                condition,
            ),
        };
        Ok(Clearance { graph, waits })
    }

    /// What becomes of a call that is not repeated after all: its echo has come, or that cannot be known.
    async fn not_repeated(&self, call: &OutboxCall) -> Option<CallResult> {
        let has_echo = self.journal.has_echo(call.id, call.thread.clone()).await;
        match has_echo {
            Ok(false) => None,
            // For the journal, it was sent.
            Ok(true) => Some(CallResult::PutOff(self.clock.now())),
            Err(error) => {
                tracing::error!(thread = %call.thread, %error, "it cannot be read whether the echo of a call has come; the call waits");
                Some(CallResult::PutOff(self.clock.now() + STORE_PAUSE))
            }
        }
    }

    /// The platform has carried the call out.
    fn accepted(&self, call: &OutboxCall, answer: &CallResponse) -> FinishedCall {
        let turn = || turn_of(call, answer, self.clock.now());
        let speaks = matches!(&*call.call, Call::Messages(send) if send.sender_action.is_none());
        FinishedCall {
            owner: ownership::owner_after(&call.call),
            was_the_bots: ownership::gives_thread_away(&call.call)
                || speaks && call.state.is_away(),
            echo: echo_of(call, answer),
            receipt: call.receipt.map(|number| {
                let message_id = message_id_of(answer).map(str::to_owned);
                (number, ReceiptStatus::Sent { message_id })
            }),
            turn: self.keeps_history.then(turn).flatten(),
            reclaiming: match &*call.call {
                Call::RequestThreadControl(_) => call.reclaims,
                _ => None,
            },
            ..self.finished(call, CallResult::Sent)
        }
    }

    /// Pauses an account that has nearly used up a limit. Calls beyond the limit would lengthen the block.
    fn pause_for_usage(&self, call: &OutboxCall, graph: &Graph) {
        if let Some(pause) = graph.pause_for_usage() {
            let now = self.clock.now();
            let reason = "nearly all of a limit of the platform is used up".to_owned();
            let account = call.thread.account.clone();
            let new = AccountPause {
                until: Some(now + pause),
                reason,
                refused: None,
            };
            if self.pauses.add(account.clone(), new, now) {
                tracing::warn!(%account, seconds = pause.as_secs(), "nearly all of a limit of the platform is used up; sending pauses");
            }
        }
    }
}
