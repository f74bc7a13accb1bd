//! Asks the Graph API for a thread's owner, if it is unknown. The rules are in [`crate::ownership`].

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use std::time::Duration;

use handover_protocol::{AccountId, Channel, EventBody, Received, Timestamp};

use super::EventDispatcher;
use super::worker::ThreadContext;
use crate::causes;
use crate::event_time::EventTime;
use crate::graph::{Advice, CurrentOwner, GraphError};
use crate::internal_event::ThreadEvent;
use crate::journal::{ClaimedEvent, ThreadChange, key_of};
use crate::ownership::{self, Addressee, EventEffect, OwnershipRules};
use crate::thread::{KnownOwner, Owner};

/// How long an account is not asked any more whose owners this app may not see.
const ASK_AGAIN: Duration = Duration::from_secs(60 * 60);

/// The accounts that are not asked for owners, and until when.
#[derive(Debug, Default)]
pub(crate) struct OwnerLookupBackoff(Mutex<HashMap<AccountId, Timestamp>>);

impl OwnerLookupBackoff {
    fn contains(&self, account: &AccountId, now: Timestamp) -> bool {
        let owner_lookup_backoff = self.lock();
        owner_lookup_backoff
            .get(account)
            .is_some_and(|until| *until > now)
    }

    fn add(&self, account: &AccountId, now: Timestamp) {
        let until = now + ASK_AGAIN;
        self.lock().insert(account.clone(), until);
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<AccountId, Timestamp>> {
        // The map is whole after every statement.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl EventDispatcher {
    /// The event on the channel on which handlers see it: what a person says while another app owns
    /// the thread, or while the bot is silent, is only listened to.
    pub(super) async fn as_seen_now(
        &self,
        thread: &mut ThreadContext,
        event: &ClaimedEvent,
        change: &mut ThreadChange,
    ) -> ThreadEvent {
        let ThreadEvent::Platform(received) = &event.event else {
            return event.event.clone();
        };
        let now = self.settings.clock.now();
        let time = self.time_of(event, received);
        let turn = ownership::addressee(received, &time, &thread.state.known(), now);
        let listens = match turn {
            Addressee::Bot => false,
            Addressee::Listens => true,
            Addressee::Ask => {
                let owner = Box::pin(self.ask_owner(thread, received)).await;
                if let Some(owner) = owner {
                    let seen = KnownOwner::seen(owner, event.received_at, event.sequence);
                    let learned = ThreadChange {
                        ownership: Some(seen.clone()),
                        ..ThreadChange::default()
                    };
                    thread.state_mut().apply(&learned);
                    change.ownership = Some(seen);
                }
                let known = thread.state.known();
                known.ownership.other_owner(now).is_some() || known.is_paused(now)
            }
        };
        if !listens {
            return event.event.clone();
        }
        ThreadEvent::from(Received {
            channel: Channel::Standby,
            ..Received::clone(received)
        })
    }

    /// Who owns the thread, as the platform says; where it does not, nobody knows. `None` if what is known
    /// stays the best guess.
    async fn ask_owner(&self, thread: &ThreadContext, received: &Received) -> Option<Owner> {
        let suggested = ownership::unconfirmed_owner(received, &thread.state.ownership);
        let person = thread.key.person()?;
        let account = &thread.key.account;
        let now = self.settings.clock.now();
        if self.owner_lookup_backoff.contains(account, now) {
            return suggested;
        }
        match thread.graph.thread_owner(person).await {
            Ok(CurrentOwner::Nobody) => Some(Owner::Bot),
            Ok(CurrentOwner::App { id, .. }) if id == self.rules.bot => Some(Owner::Bot),
            Ok(CurrentOwner::App { id, .. }) => Some(Owner::Other(Some(id))),
            Ok(CurrentOwner::NotShown { .. }) => Some(Owner::Other(None)),
            Err(error) => {
                if is_for_good(&error) {
                    self.owner_lookup_backoff.add(account, now);
                }
                let owner = suggested.as_ref().unwrap_or(&thread.state.ownership.owner);
                tracing::warn!(thread = %thread.key, error = causes::with_causes(&error), "the owner of the thread cannot be asked; as far as the bot knows, it is {owner}");
                suggested
            }
        }
    }

    /// Evaluates an event as it arrived, and returns what it changes.
    pub(super) async fn see(
        &self,
        thread: &ThreadContext,
        event: &ClaimedEvent,
    ) -> (EventEffect, ThreadChange) {
        let Some(received) = event.event.platform() else {
            return Default::default();
        };
        if let EventBody::PassThreadControl(pass) = &received.event.body
            && let Some(owner) = pass
                .new_owner_app_id
                .as_ref()
                .filter(|id| **id != self.rules.bot)
        {
            tracing::warn!(thread = %thread.key, "the thread was passed to app {owner}, and this bot is app {}; is MESSENGER_APP_ID right?", self.rules.bot);
        }
        if self.is_own(received, &thread.settings.rules).await {
            return Default::default();
        }
        let time = self.time_of(event, received);
        thread
            .state
            .see(received, &time, || key_of(received), &thread.settings.rules)
    }

    fn time_of(&self, event: &ClaimedEvent, received: &Received) -> EventTime {
        let clock = &self.settings.clock;
        EventTime::of(received, event.received_at, event.sequence, clock)
    }

    /// Whether it is the echo of what the bot sent, whose answer came after the echo.
    async fn is_own(&self, received: &Received, rules: &OwnershipRules) -> bool {
        let EventBody::Echo(echo) = &received.event.body else {
            return false;
        };
        if !ownership::may_be_human(echo, rules) {
            return false;
        }
        match self.journal.was_sent(key_of(received)).await {
            Ok(was_sent) => was_sent,
            Err(error) => {
                tracing::error!(%error, "it is not known whether the bot said this itself");
                false
            }
        }
    }
}

/// Whether asking again would be answered the same.
fn is_for_good(error: &GraphError) -> bool {
    matches!(error, GraphError::Refused { .. }) && error.advice() == Advice::GiveUp
}
