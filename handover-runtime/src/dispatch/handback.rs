//! `Handback`: what happened while another app owned the thread.

use handover_protocol::{AppId, Channel, EventBody, Received};

use super::worker::ThreadContext;
use crate::clock::Clock;
use crate::extract::Handback;
use crate::thread::Owner;

impl ThreadContext {
    /// The time with another owner of which no handler has heard yet, once it is over.
    pub(super) fn handback(&self, received: &Received, clock: &Clock) -> Option<Handback> {
        let is_anothers = matches!(self.state.ownership.owner, Owner::Other(_));
        if is_anothers || received.channel == Channel::Standby {
            return None;
        }
        let away = self.state.away.as_ref()?;
        Some(Handback {
            away: clock.now().duration_since(away.since),
            from: came_from(received).or_else(|| away.from.clone()),
            metadata: metadata_of(received),
            transcript: self.state.transcript.clone(),
        })
    }

    /// A handler has heard of it.
    pub(super) fn forget_away(&mut self) {
        let state = self.state_mut();
        state.away = None;
        state.transcript.clear();
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
