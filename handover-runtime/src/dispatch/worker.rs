//! Works the events of one claimed thread.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use futures_util::FutureExt;
use handover_protocol::{Channel, EventBody, Received, Recipient, TakeThreadControlRequest};
use serde_json::Value;

use super::consequences::{self, Consequences};
use super::{Dispatcher, HANDLER_TIMEOUT};
use crate::clock;
use crate::context::Context;
use crate::error;
use crate::graph::{Call, CurrentOwner};
use crate::journal::{Claim, ClaimedEvent, NewCall, Settlement, TimerChange};
use crate::outbox::gives_thread_away;
use crate::outcome::HandlerError;
use crate::own_event::{self, RECLAIM};
use crate::routing::Answer;
use crate::thread::{Owner, Ownership, ThreadKey};

/// Handles the events in order and settles each before the next. After a handoff the rest waits
/// until it has been sent.
pub(super) async fn work<S: Send + Sync + 'static>(dispatcher: &Dispatcher<S>, claim: Claim) {
    let mut thread = Worked {
        key: claim.thread,
        session: claim.session,
        ownership: claim.ownership,
    };
    for event in claim.events {
        let settlement = dispatcher.handle(&mut thread, event).await;
        let called = !settlement.calls.is_empty();
        let handed_off = settlement
            .calls
            .iter()
            .any(|new| gives_thread_away(&new.call));
        if let Err(error) = dispatcher.journal.settle(vec![settlement]).await {
            tracing::error!(thread = %thread.key, %error, "an event could not be settled; it will be handled again");
            break;
        }
        if called {
            dispatcher.wake.calls_arrived();
        }
        if handed_off {
            break;
        }
    }
    if let Err(error) = dispatcher.journal.release(vec![thread.key.clone()]).await {
        tracing::error!(thread = %thread.key, %error, "a thread could not be released");
    }
}

/// The thread as it is between two events.
struct Worked {
    key: ThreadKey,
    session: Option<Value>,
    ownership: Ownership,
}

impl<S: Send + Sync + 'static> Dispatcher<S> {
    async fn handle(&self, thread: &mut Worked, event: ClaimedEvent) -> Settlement {
        let mut settlement = Settlement {
            thread: thread.key.clone(),
            sequence: event.sequence,
            session: None,
            ownership: None,
            calls: Vec::new(),
            timers: Vec::new(),
            failure: None,
        };
        let received = self.as_seen_now(thread, &event, &mut settlement).await;
        if self.is_own_echo(&received) {
            return settlement;
        }
        if let EventBody::PassThreadControl(pass) = &received.event.body
            && let Some(owner) = pass
                .new_owner_app_id
                .as_ref()
                .filter(|id| **id != self.app_id)
        {
            tracing::warn!(thread = %thread.key, "the thread was passed to app {owner}, and this bot is app {}; is MESSENGER_APP_ID right?", self.app_id);
        }
        if let Some(owner) = Owner::seen_in(&received, &self.app_id) {
            if owner == Owner::Bot {
                // It has come back by itself.
                settlement.timers.push(TimerChange {
                    name: RECLAIM.to_owned(),
                    set: None,
                });
            }
            let seen = thread
                .ownership
                .seen_in(owner, &received, event.received_at);
            thread.ownership.learn(seen.clone());
            settlement.ownership = Some(seen);
        }
        let context = Context::new(
            received.clone(),
            thread.key.clone(),
            self.app_id.clone(),
            self.graph.for_product(received.object.clone()),
            thread.session.clone(),
        );
        if own_event::timer_name(&received.event.body) == Some(RECLAIM) {
            match thread.take_back(&received) {
                Some(call) => settlement.calls.push(call),
                None => return settlement,
            }
        }
        let answered = match self.answer(&context).await {
            Ok(consequences) => Ok((consequences, context.take_changed_session())),
            Err(error) => {
                tracing::error!(thread = %thread.key, kind = received.event.body.kind(), handler = context.handler(), error = error::with_causes(&*error), "a handler failed; the event is kept as a dead letter");
                settlement.failure = Some(error.to_string());
                self.answer_to_failure(&context.failed(error.to_string()))
                    .await
            }
        };
        match answered {
            Ok((consequences, session)) => {
                settlement.calls.extend(consequences.calls);
                settlement.timers.extend(consequences.timers);
                if session.is_some() {
                    thread.session.clone_from(&session);
                    settlement.session = session;
                }
            }
            Err(error) => {
                tracing::error!(thread = %thread.key, error = error::with_causes(&*error), "a handler of errors failed, too");
            }
        }
        settlement
    }

    /// What `#[on_error]` says to a failure. On standby it could not say anything.
    async fn answer_to_failure(
        &self,
        context: &Context,
    ) -> Result<(Consequences, Option<Value>), HandlerError> {
        if context.received().channel == Channel::Standby {
            return Ok(Default::default());
        }
        let consequences = self.answer(context).await?;
        Ok((consequences, context.take_changed_session()))
    }

    /// The event on the channel on which it belongs: what a person says while another app owns the
    /// thread is for standby, even where the platform sends it to the bot.
    async fn as_seen_now(
        &self,
        thread: &mut Worked,
        event: &ClaimedEvent,
        settlement: &mut Settlement,
    ) -> Arc<Received> {
        let received = &event.received;
        let to_the_bot = received.channel == Channel::Messaging
            && matches!(
                received.event.body,
                EventBody::Message(_) | EventBody::Postback(_)
            );
        let known = thread.ownership.clone();
        if !to_the_bot || known.other_owner(clock::now()).is_none() {
            return received.clone();
        }
        // What was on its way while the thread was handed over is the new owner's. What came later
        // may mean that the thread has come back, or that this Page's apps hear everything.
        if event.received_at >= known.seen_at {
            let owner = self.ask_owner(thread, received).await;
            let seen = Ownership::new(owner, event.received_at);
            thread.ownership.learn(seen.clone());
            settlement.ownership = Some(seen);
            if thread.ownership.other_owner(clock::now()).is_none() {
                return received.clone();
            }
        }
        Arc::new(Received {
            channel: Channel::Standby,
            ..Received::clone(received)
        })
    }

    /// Who owns the thread, as the platform says; where it does not, as the event suggests.
    async fn ask_owner(&self, thread: &Worked, received: &Received) -> Owner {
        let suggested = Owner::seen_in(received, &self.app_id)
            .unwrap_or_else(|| thread.ownership.owner.clone());
        let Some(person) = thread.key.person() else {
            return suggested;
        };
        match self.graph.thread_owner(person).await {
            Ok(CurrentOwner::Nobody) => Owner::Bot,
            Ok(CurrentOwner::App { id, .. }) if id == self.app_id => Owner::Bot,
            Ok(CurrentOwner::App { id, .. }) => Owner::Other(Some(id)),
            Ok(CurrentOwner::NotShown { .. }) => Owner::Other(None),
            Err(error) => {
                tracing::warn!(thread = %thread.key, error = error::with_causes(&error), "the owner of the thread cannot be asked; taken for {suggested}");
                suggested
            }
        }
    }

    /// Every app of a Page hears what every app says, and so the bot itself.
    fn is_own_echo(&self, received: &Received) -> bool {
        matches!(&received.event.body, EventBody::Echo(echo) if echo.app_id.as_ref() == Some(&self.app_id))
    }

    async fn answer(&self, context: &Context) -> Result<Consequences, HandlerError> {
        let answer = AssertUnwindSafe(self.table.answer(context, &self.state)).catch_unwind();
        let answer = tokio::time::timeout(HANDLER_TIMEOUT, answer)
            .await
            .map_err(|_| format!("it took longer than {} s", HANDLER_TIMEOUT.as_secs()))?
            .map_err(|panic| format!("it panicked: {}", panic_text(&*panic)))?;
        let kind = context.received().event.body.kind();
        let Some(Answer { handler, result }) = answer else {
            tracing::debug!(thread = %context.thread(), kind, "no handler takes this event");
            return Ok(Consequences::default());
        };
        let consequences = consequences::of(&result?, context, &self.apps)?;
        tracing::info!(thread = %context.thread(), kind, handler, calls = consequences.calls.len(), "handled");
        Ok(consequences)
    }
}

impl Worked {
    /// What takes the thread back from whoever has it; `None` if it is the bot's already.
    fn take_back(&self, received: &Received) -> Option<NewCall> {
        self.ownership.other_owner(clock::now())?;
        let person = self.key.person()?;
        Some(NewCall {
            call: Call::TakeThreadControl(TakeThreadControlRequest {
                recipient: Recipient::id(person.clone()),
                ..TakeThreadControlRequest::default()
            }),
            object: received.object.clone(),
        })
    }
}

fn panic_text(panic: &(dyn std::any::Any + Send)) -> &str {
    let text = panic.downcast_ref::<&str>().copied();
    text.or_else(|| panic.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("without a message")
}
