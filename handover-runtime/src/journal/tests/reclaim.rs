//! Timers that take a thread back begin and end with the calls that are made.

use std::time::Duration;

use handover_protocol::{AppId, Object, PassThreadControlRequest, Recipient, Timestamp};

use super::fixture::{Fixture, NOW, answered, claim_one, release, says, start_one, take, thread};
use crate::graph::Call;
use crate::internal_event::{InternalEventBody, ReclaimTimer};
use crate::journal::{
    CallResult, FinishedCall, Journal, OutboxCall, QueuedCall, Reclaim, Settlement, ThreadChange,
};
use crate::ownership::owner_after;
use crate::thread::{KnownOwner, Owner};

const MINUTE: Duration = Duration::from_secs(60);

const DESK: AppId = AppId::from_static("777");

/// A handoff to the inbox, after which the thread is taken back in so many minutes, and if the agent is idle for
/// a day.
fn handoff(minutes: u32) -> QueuedCall {
    handoff_to(AppId::PAGE_INBOX, minutes)
}

fn handoff_to(app: AppId, minutes: u32) -> QueuedCall {
    let pass = Call::PassThreadControl(PassThreadControlRequest {
        recipient: Recipient::id("1"),
        target_app_id: Some(app),
        ..PassThreadControlRequest::default()
    });
    let timers = Reclaim {
        after: Some(MINUTE * minutes),
        idle_after: Some(MINUTE * 60 * 24),
        ..Reclaim::default()
    };
    QueuedCall {
        timers: Some(Box::new(timers)),
        ..QueuedCall::new(pass, Object::Page)
    }
}

/// The answer to a call comes at this time.
async fn ends(
    journal: &Journal,
    call: &OutboxCall,
    result: CallResult,
    owner: Option<Owner>,
    at: Timestamp,
) {
    let finished = FinishedCall {
        owner,
        handoff: call.handoff(),
        ..FinishedCall::new(call.id, thread(1), result, at)
    };
    journal.finish_calls(vec![finished]).await.unwrap();
}

/// The call is made at this time.
async fn is_made(journal: &Journal, call: &OutboxCall, at: Timestamp) {
    let owner = owner_after(&call.call);
    ends(journal, call, CallResult::Sent, owner, at).await;
}

/// Answers an event with this call, which is handed out.
async fn begun(journal: &Journal, text: &str, call: QueuedCall) -> OutboxCall {
    answered(journal, 1, text, vec![call]).await;
    start_one(journal, NOW).await.unwrap()
}

/// The timers that have run out by then and take the thread back.
async fn run_out(journal: &Journal, now: Timestamp) -> Vec<ReclaimTimer> {
    let mut timers = Vec::new();
    for claim in journal.claim(now, 9).await.unwrap().items {
        for event in &claim.events {
            match event.event.own().map(|own| &own.body) {
                Some(InternalEventBody::TakeBack { name }) => timers.push(*name),
                other => panic!("{other:?}"),
            }
        }
        let sequences = claim.events.iter().map(|event| event.sequence).collect();
        let settlement = Settlement::of(claim.thread, sequences);
        journal.settle(vec![settlement], release(1)).await.unwrap();
    }
    timers
}

async fn idle_after(journal: &Journal) -> Option<Duration> {
    journal.thread(thread(1)).await.unwrap().idle_after
}

fn owned_by(owner: Owner, at: Timestamp, as_of: u64) -> ThreadChange {
    ThreadChange {
        ownership: Some(KnownOwner::seen(owner, at, as_of)),
        ..ThreadChange::default()
    }
}

#[tokio::test]
async fn the_timers_of_a_handoff_begin_when_it_is_made() {
    for mut fixture in Fixture::both() {
        let call = begun(&fixture.journal, "a", handoff(30)).await;
        let later = NOW + MINUTE * 20;
        let again = CallResult::RetryAt(later);
        ends(&fixture.journal, &call, again, None, NOW).await;
        assert_eq!(idle_after(&fixture.journal).await, None);
        fixture.reopen().await;
        let journal = &fixture.journal;
        let call = start_one(journal, later).await.unwrap();
        is_made(journal, &call, later).await;
        assert!(idle_after(journal).await.is_some());
        assert!(run_out(journal, later + MINUTE * 29).await.is_empty());
        let reclaim = [ReclaimTimer::Reclaim];
        assert_eq!(run_out(journal, later + MINUTE * 30).await, reclaim);
    }
}

/// The process dies while the platform is asked, and the next one makes the call again.
#[tokio::test]
async fn the_timers_of_a_handoff_survive_a_crash_in_the_middle_of_it() {
    for mut fixture in Fixture::both() {
        if !fixture.outlives_the_process() {
            continue;
        }
        begun(&fixture.journal, "a", handoff(30)).await;
        fixture.reopen().await;
        let journal = &fixture.journal;
        let call = start_one(journal, NOW).await.unwrap();
        assert!(call.uncertain);
        let later = NOW + MINUTE * 5;
        is_made(journal, &call, later).await;
        assert!(run_out(journal, later + MINUTE * 29).await.is_empty());
        let reclaim = [ReclaimTimer::Reclaim];
        assert_eq!(run_out(journal, later + MINUTE * 30).await, reclaim);
    }
}

#[tokio::test]
async fn a_handoff_that_is_given_up_leaves_the_timers_of_the_one_before_it() {
    for Fixture { journal, .. } in &Fixture::both() {
        let call = begun(journal, "a", handoff(30)).await;
        is_made(journal, &call, NOW).await;
        let call = begun(journal, "b", handoff(5)).await;
        let refused = CallResult::Dead("not the owner".to_owned());
        let owner = Some(Owner::Other(None));
        ends(journal, &call, refused, owner, NOW + MINUTE).await;
        assert!(run_out(journal, NOW + MINUTE * 29).await.is_empty());
        let reclaim = [ReclaimTimer::Reclaim];
        assert_eq!(run_out(journal, NOW + MINUTE * 30).await, reclaim);
    }
}

/// The one before it runs out while the call is made.
#[tokio::test]
async fn the_timers_of_a_handoff_replace_those_of_the_one_before_it() {
    for Fixture { journal, .. } in &Fixture::both() {
        let call = begun(journal, "a", handoff(30)).await;
        is_made(journal, &call, NOW).await;
        let call = begun(journal, "b", handoff(60)).await;
        let later = NOW + MINUTE * 31;
        let before = run_out(journal, later).await;
        assert!(before.is_empty(), "first the handoff");
        assert_eq!(journal.backlog().await.unwrap().events, 1);
        is_made(journal, &call, later).await;
        assert_eq!(journal.backlog().await.unwrap().events, 0);
        assert!(run_out(journal, later + MINUTE * 59).await.is_empty());
        let reclaim = [ReclaimTimer::Reclaim];
        assert_eq!(run_out(journal, later + MINUTE * 60).await, reclaim);
    }
}

/// Another handoff waits for control meanwhile.
#[tokio::test]
async fn a_take_ends_the_timers_of_the_handoff_before_it() {
    for Fixture { journal, .. } in &Fixture::both() {
        let now = journal.now();
        let call = begun(journal, "a", handoff(30)).await;
        is_made(journal, &call, now).await;
        let call = begun(journal, "b", handoff_to(DESK, 60)).await;
        let blocked = CallResult::Blocked(NOW + MINUTE);
        ends(journal, &call, blocked, None, now).await;
        let call = begun(journal, "c", take(1)).await;
        assert_eq!(call.call.name(), "take_thread_control");
        is_made(journal, &call, now + MINUTE).await;
        assert_eq!(idle_after(journal).await, None);
        let call = start_one(journal, NOW).await.unwrap();
        let refused = CallResult::Dead("no such app".to_owned());
        ends(journal, &call, refused, None, now + MINUTE).await;
        assert!(run_out(journal, now + MINUTE * 90).await.is_empty());
    }
}

/// It is done, as if it had been made at that moment.
#[tokio::test]
async fn the_timers_of_a_handoff_that_waits_begin_when_its_target_gets_the_thread() {
    for Fixture { journal, .. } in &Fixture::both() {
        let call = begun(journal, "a", handoff(30)).await;
        let taken = owned_by(Owner::Other(Some(DESK)), journal.now(), 10);
        journal.change_thread(thread(1), taken).await.unwrap();
        let blocked = CallResult::Blocked(NOW + MINUTE);
        ends(journal, &call, blocked, None, NOW).await;
        let inbox = Owner::Other(Some(AppId::PAGE_INBOX));
        let passed_on = owned_by(inbox, journal.now(), 11);
        let begin = journal.now();
        journal.change_thread(thread(1), passed_on).await.unwrap();
        assert_eq!(journal.backlog().await.unwrap().calls, 0);
        assert!(idle_after(journal).await.is_some());
        assert!(run_out(journal, begin + MINUTE * 29).await.is_empty());
        let reclaim = [ReclaimTimer::Reclaim];
        let end = journal.now() + MINUTE * 30;
        assert_eq!(run_out(journal, end).await, reclaim);
    }
}

/// The worker of the thread has its later events, too.
#[tokio::test]
async fn later_events_wait_for_a_handoff_that_can_be_made_again() {
    for Fixture { journal, .. } in &Fixture::both() {
        let call = begun(journal, "a", handoff(30)).await;
        let taken = owned_by(Owner::Other(Some(DESK)), journal.now(), 10);
        journal.change_thread(thread(1), taken).await.unwrap();
        let blocked = CallResult::Blocked(NOW + MINUTE);
        ends(journal, &call, blocked, None, NOW).await;
        let events = vec![says(1, "b"), says(1, "c"), says(1, "d")];
        journal.append(events, 0).await.unwrap();
        let claim = claim_one(journal).await;
        let of = |at: usize| Settlement::of(thread(1), vec![claim.events[at].sequence]);
        let settled = journal.settle(vec![of(0)], Vec::new()).await.unwrap();
        assert!(!settled.is_behind);
        let given_back = Settlement {
            change: owned_by(Owner::Bot, journal.now(), 11),
            ..of(1)
        };
        let settled = journal.settle(vec![given_back], release(1)).await.unwrap();
        assert!(settled.is_behind);
        assert!(journal.claim(NOW, 1).await.unwrap().items.is_empty());
        let call = start_one(journal, NOW).await.unwrap();
        is_made(journal, &call, NOW).await;
        assert_eq!(claim_one(journal).await.events.len(), 1);
    }
}
