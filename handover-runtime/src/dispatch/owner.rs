//! Who owns the thread of an event, as far as the event and the platform tell.

use std::sync::Arc;

use handover_protocol::{AppId, Channel, EventBody, Received};

use super::Dispatcher;
use super::worker::Worked;
use crate::error;
use crate::graph::CurrentOwner;
use crate::journal::{ClaimedEvent, ThreadChange};
use crate::thread::{Owner, Ownership};

impl<S> Dispatcher<S> {
    /// The event on the channel on which it belongs: what a person says while another app owns the
    /// thread is for standby, even where the platform sends it to the bot.
    pub(super) async fn as_seen_now(
        &self,
        thread: &mut Worked,
        event: &ClaimedEvent,
        change: &mut ThreadChange,
    ) -> Arc<Received> {
        let received = &event.received;
        let to_the_bot = received.channel == Channel::Messaging
            && match &received.event.body {
                EventBody::Message(message) => !message.is_deleted,
                EventBody::Postback(_) => true,
                _ => false,
            };
        if !to_the_bot {
            return received.clone();
        }
        let now = self.settings.clock.now();
        if thread.state.paused_until.is_none_or(|until| until <= now) {
            let known = &thread.state.ownership;
            if known.other_owner(now).is_none() {
                return received.clone();
            }
            // What was on its way while the thread was handed over is the new owner's. What came
            // later may mean that the thread has come back, or that this Page's apps hear
            // everything.
            if event.sequence > known.as_of {
                let owner = Box::pin(self.ask_owner(thread, received)).await;
                let seen = Ownership::seen(owner, event.received_at, event.sequence);
                thread.state.ownership.learn(seen.clone());
                change.ownership = Some(seen);
                if thread.state.ownership.other_owner(now).is_none() {
                    return received.clone();
                }
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
            .unwrap_or_else(|| thread.state.ownership.owner.clone());
        let Some(person) = thread.key.person() else {
            return suggested;
        };
        match thread.graph.thread_owner(person).await {
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

    /// What the event tells of the owner, if anything.
    pub(super) fn owner_seen(
        &self,
        thread: &Worked,
        event: &ClaimedEvent,
        received: &Received,
    ) -> Option<Ownership> {
        if let EventBody::PassThreadControl(pass) = &received.event.body
            && let Some(owner) = pass
                .new_owner_app_id
                .as_ref()
                .filter(|id| **id != self.app_id)
        {
            tracing::warn!(thread = %thread.key, "the thread was passed to app {owner}, and this bot is app {}; is MESSENGER_APP_ID right?", self.app_id);
        }
        let owner = Owner::seen_in(received, &self.app_id)?;
        let known = &thread.state.ownership;
        Some(known.seen_in(owner, received, event.received_at, event.sequence))
    }

    /// Whether a human answered beside the bot: the inbox said something to a thread that nobody
    /// has handed to it, which can happen where no app is the default one.
    pub(super) fn answered_beside_the_bot(&self, thread: &Worked, received: &Received) -> bool {
        let EventBody::Echo(echo) = &received.event.body else {
            return false;
        };
        if echo.is_deleted {
            return false;
        }
        let by_inbox = match &echo.app_id {
            Some(id) => *id == AppId::PAGE_INBOX || *id == AppId::INSTAGRAM_INBOX,
            // Echoes of Instagram name no app. The bot's own are known by their ids.
            None => true,
        };
        by_inbox
            && received.channel == Channel::Messaging
            && thread
                .state
                .ownership
                .other_owner(self.settings.clock.now())
                .is_none()
    }
}
