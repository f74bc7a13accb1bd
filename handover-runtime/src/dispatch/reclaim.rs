//! Taking threads back: by timers, by a text of the agent, and what cancels the timers.

use handover_protocol::{Object, Recipient, TakeThreadControlRequest};

use super::EventDispatcher;
use super::worker::ThreadContext;
use crate::graph::Call;
use crate::internal_event::{InternalEvent, InternalEventBody, ReclaimTimer, ThreadEvent};
use crate::journal::{ClaimedEvent, PauseChange, QueuedCall, Settlement, TimerChange, Update};
use crate::notice::{News, NoticeKind};
use crate::ownership::EventEffect;
use crate::thread::Owner;

impl EventDispatcher {
    /// What an event means for taking the thread back. Returns whether the event goes on to a handler.
    ///
    /// `may_have_come_back`: whether the bot may have got the thread since its last event.
    pub(super) fn reclaim(
        &self,
        thread: &mut ThreadContext,
        last: &ClaimedEvent,
        event: &ThreadEvent,
        seen: &EventEffect,
        may_have_come_back: bool,
        settlement: &mut Settlement,
    ) -> bool {
        let is_the_bots = !matches!(thread.state.ownership.owner, Owner::Other(_));
        let is_away = thread.state.is_away();
        match event.own().map(|own| &own.body) {
            Some(InternalEventBody::TakeBack { .. }) if !is_away => return false,
            Some(InternalEventBody::TakenBack { name }) if is_the_bots => {
                self.outbox.metrics.reclaimed(*name);
                if thread.state.pause.is_some() {
                    thread.state_mut().pause = None;
                    settlement.change.pause = Some(PauseChange::Ends);
                }
            }
            // Another app may own it again.
            Some(
                body @ (InternalEventBody::TakeBack { name }
                | InternalEventBody::TakenBack { name }),
            ) => {
                let is_first = matches!(body, InternalEventBody::TakeBack { .. });
                if is_first && *name == ReclaimTimer::Unclaimed {
                    let news = News::of(NoticeKind::Unclaimed, &thread.state.ownership, None);
                    settlement.news = Some(Box::new(news));
                }
                let take = thread.take_back(event.object(), Some(*name));
                settlement.calls.extend(take);
                return false;
            }
            _ => {}
        }
        if thread.state.ownership.owner == Owner::Bot {
            if may_have_come_back {
                let timers = ReclaimTimer::ALL.map(|timer| TimerChange::cancel(timer.as_str()));
                settlement.timers.extend(timers);
            }
            if thread.state.idle_after.is_some() {
                thread.state_mut().idle_after = None;
                settlement.change.idle_after = Update::Clear;
            }
            if let Some(name) = thread.state.reclaiming {
                thread.state_mut().reclaiming = None;
                settlement.change.reclaiming = Update::Clear;
                let body = InternalEventBody::TakenBack { name };
                settlement.event = Some(InternalEvent::new(event.object().clone(), body));
            }
        } else if seen.human && is_away {
            settlement
                .timers
                .push(TimerChange::cancel(ReclaimTimer::Unclaimed.as_str()));
            if let Some(time) = thread.state.idle_after {
                let at = last.received_at + time;
                let idle = TimerChange::take_back(ReclaimTimer::Idle, event.object(), at);
                settlement.timers.push(idle);
            }
            // The agent may give it back later, which is not on behalf of the timer.
            let reclaiming = thread.state.reclaiming;
            if reclaiming.is_some_and(ReclaimTimer::ends_with_an_answer) {
                thread.state_mut().reclaiming = None;
                settlement.change.reclaiming = Update::Clear;
            }
        }
        if seen.takes_back {
            let take = thread.take_back(event.object(), None);
            settlement.calls.extend(take);
        }
        true
    }
}

impl ThreadContext {
    /// Call that takes the thread from its owner, on behalf of a timer.
    fn take_back(&self, object: &Object, timer: Option<ReclaimTimer>) -> Option<QueuedCall> {
        let person = self.key.person()?;
        let take = Call::TakeThreadControl(TakeThreadControlRequest {
            recipient: Recipient::id(person.clone()),
            ..TakeThreadControlRequest::default()
        });
        Some(QueuedCall {
            reclaims: timer,
            ..QueuedCall::new(take, object.clone())
        })
    }
}
