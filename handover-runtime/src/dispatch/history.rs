//! What an event adds to the history of its thread, and what it changes there.

use handover_protocol::{EventBody, MessageEdit};

use super::EventDispatcher;
use super::worker::ThreadContext;
use crate::clock::iso;
use crate::journal::{ClaimedEvent, PauseChange, Speaker, ThreadChange, Turn};
use crate::ownership::{self, EventEffect, OwnershipRules};

impl EventDispatcher {
    /// What events say that are handled together; the last of them has changed this of the thread.
    pub(super) fn said(
        &self,
        thread: &ThreadContext,
        events: &[ClaimedEvent],
        effect: &EventEffect,
        change: &ThreadChange,
    ) -> ThreadChange {
        if let Some(PauseChange::Begins { until, .. }) = &change.pause {
            let until = iso(*until);
            tracing::info!(thread = %thread.key, until, "a human answered; the bot is silent in this thread");
        }
        let keeps = self.settings.history.keeps_all() || thread.state.away.is_some();
        let mut said = ThreadChange::default();
        for event in events {
            let Some(received) = event.event.platform() else {
                continue;
            };
            match &received.event.body {
                EventBody::MessageEdit(MessageEdit {
                    mid: Some(mid),
                    text: Some(text),
                    ..
                }) => said.edited.push((mid.clone(), text.clone())),
                body => {
                    let deleted = body.deleted_message();
                    said.deleted
                        .extend(deleted.and_then(|message| message.mid.clone()));
                }
            }
            if keeps {
                said.said
                    .extend(turn_of(event, effect, &thread.settings.rules));
            }
        }
        said
    }
}

/// What an event says, if it says anything.
pub(super) fn turn_of(
    event: &ClaimedEvent,
    effect: &EventEffect,
    rules: &OwnershipRules,
) -> Option<Turn> {
    let received = event.event.platform()?;
    Turn::of_event(received, event.received_at, |echo| {
        let is_human = ownership::may_be_human(echo, rules) && !effect.instant_reply;
        if echo.app_id.as_ref() == Some(&rules.bot) {
            Speaker::Bot
        } else if is_human {
            Speaker::Agent
        } else {
            Speaker::App
        }
    })
}
