//! `Handback`: what happened while another app owned the thread.

use handover_protocol::{AppId, Channel, EventBody, Received, Timestamp};

use super::worker::ThreadContext;
use crate::clock::Clock;
use crate::extract::Handback;
use crate::journal::{HistoryRule, ThreadChange};

impl ThreadContext {
    /// The time with another owner of which no handler has heard yet, once it is over.
    pub(super) fn handback(&self, received: &Received, clock: &Clock) -> Option<Handback> {
        if self.state.is_away() || received.channel == Channel::Standby {
            return None;
        }
        let away = self.state.away.as_ref()?;
        Some(Handback {
            away: clock.now().duration_since(away.since),
            from: came_from(received).or_else(|| away.from.clone()),
            metadata: metadata_of(received),
            history: self.state.said_while_away().cloned().collect(),
        })
    }

    /// A handler has heard of it.
    pub(super) fn forget_away(&mut self, rule: &HistoryRule, now: Timestamp) {
        self.state_mut().away = None;
        self.update_history(&ThreadChange::default(), rule, now);
    }

    /// Takes over what was said by a change. The journal does the same when the change is settled.
    pub(super) fn update_history(
        &mut self,
        change: &ThreadChange,
        rule: &HistoryRule,
        now: Timestamp,
    ) {
        self.state_mut().update_history(change, rule, now);
    }
}

fn came_from(received: &Received) -> Option<AppId> {
    match &received.event.body {
        EventBody::PassThreadControl(pass) => pass.previous_owner_app_id.clone(),
        _ => None,
    }
}

/// The metadata with which a thread is passed to the bot.
pub(super) fn metadata_of(received: &Received) -> Option<String> {
    match &received.event.body {
        EventBody::PassThreadControl(pass) => pass.metadata.clone(),
        _ => None,
    }
}
