//! Timers.

use std::time::Duration;

use super::fixture::{
    Fixture, NOW, answered, claim_one, finished, release, says, start_one, take, text_of, timer,
};
use crate::internal_event::ReclaimTimer;
use crate::journal::{CallResult, Claim, Journal, QueuedCall, Settlement, TimerChange};

#[tokio::test]
async fn a_timer_that_was_moved_does_not_run_out_at_its_first_time() {
    for Fixture { journal, .. } in &Fixture::both() {
        for (text, after) in [("a", 10), ("b", 30)] {
            journal.append(vec![says(1, text)], 0).await.unwrap();
            let claim = claim_one(journal).await;
            let settlement = Settlement {
                timers: vec![TimerChange {
                    name: "moved".to_owned(),
                    set: Some((NOW + Duration::from_millis(after), timer("it runs out"))),
                }],
                ..Settlement::of(claim.thread, vec![claim.events[0].sequence])
            };
            journal.settle(vec![settlement], Vec::new()).await.unwrap();
            journal.settle(Vec::new(), release(1)).await.unwrap();
        }
        let early = journal
            .claim(NOW + Duration::from_millis(20), 1)
            .await
            .unwrap();
        assert!(early.items.is_empty());
        let claims = journal
            .claim(NOW + Duration::from_millis(30), 1)
            .await
            .unwrap()
            .items;
        assert_eq!(claims[0].events.len(), 1);
    }
}

#[tokio::test]
async fn timers_run_out_in_order_once() {
    for mut fixture in Fixture::both() {
        let journal = fixture.journal.clone();
        journal.append(vec![says(1, "a")], 0).await.unwrap();
        let claim = claim_one(&journal).await;
        let set = |name: &str, after: u64| TimerChange {
            name: name.to_owned(),
            set: Some((NOW + Duration::from_millis(after), timer(name))),
        };
        let cancelled = TimerChange {
            name: "never".to_owned(),
            set: None,
        };
        let settlement = Settlement {
            timers: vec![
                set("late", 20),
                set("never", 5),
                set("moved", 1),
                set("moved", 10),
                cancelled,
            ],
            ..Settlement::of(claim.thread, vec![claim.events[0].sequence])
        };
        journal.settle(vec![settlement], Vec::new()).await.unwrap();
        journal.settle(Vec::new(), release(1)).await.unwrap();
        drop(journal);
        fixture.reopen().await;
        let journal = &fixture.journal;
        let early = journal
            .claim(NOW + Duration::from_millis(9), 1)
            .await
            .unwrap();
        assert!(early.items.is_empty());
        assert_eq!(early.next_at, Some(NOW + Duration::from_millis(10)));
        let mut late = journal
            .claim(NOW + Duration::from_millis(30), 1)
            .await
            .unwrap();
        assert_eq!(late.next_at, None);
        let events = late.items.remove(0).events;
        let names = events.iter().map(|event| text_of(&event.event));
        assert_eq!(Vec::from_iter(names), ["moved", "late"]);
    }
}

/// As after an hour in which no bot ran.
#[tokio::test]
async fn many_timers_run_out_in_several_claims() {
    for fixture in Fixture::both() {
        let journal = &fixture.journal;
        journal.append(vec![says(1, "a")], 0).await.unwrap();
        let claim = claim_one(journal).await;
        let due = NOW + Duration::from_millis(1);
        let timers = (0..1500).map(|number| TimerChange {
            name: number.to_string(),
            set: Some((due, timer("it runs out"))),
        });
        let settlement = Settlement {
            timers: timers.collect(),
            ..Settlement::of(claim.thread, vec![claim.events[0].sequence])
        };
        journal.settle(vec![settlement], Vec::new()).await.unwrap();
        for (events, next_at) in [(1000, Some(due)), (1500, None)] {
            let claimed = journal.claim(due, 1).await.unwrap();
            assert_eq!(claimed.next_at, next_at, "{}", fixture.name());
            assert_eq!(journal.backlog().await.unwrap().events, events);
        }
    }
}

/// After the restart it waits behind more events than are handed out together.
#[tokio::test]
async fn a_timer_that_ran_out_behind_many_events_is_cancelled_all_the_same() {
    for mut fixture in Fixture::both() {
        let journal = fixture.journal.clone();
        journal.append(vec![says(1, "a")], 0).await.unwrap();
        let claim = claim_one(&journal).await;
        let due = NOW + Duration::from_millis(1);
        let settlement = Settlement {
            timers: vec![TimerChange {
                name: "late".to_owned(),
                set: Some((due, timer("late"))),
            }],
            ..Settlement::of(claim.thread, vec![claim.events[0].sequence])
        };
        journal.settle(vec![settlement], release(1)).await.unwrap();
        let many = 2 * Claim::EVENTS;
        let events = (0..many).map(|number| says(1, &number.to_string()));
        journal.append(events.collect(), 0).await.unwrap();
        assert_eq!(journal.claim(due, 1).await.unwrap().items.len(), 1);
        journal.settle(Vec::new(), release(1)).await.unwrap();
        assert_eq!(journal.backlog().await.unwrap().events, many + 1);
        drop(journal);
        fixture.reopen().await;
        let journal = &fixture.journal;
        let claim = claim_one(journal).await;
        assert_eq!(claim.events.len(), Claim::EVENTS);
        let settlement = Settlement {
            timers: vec![TimerChange::cancel("late")],
            ..Settlement::of(claim.thread, vec![claim.events[0].sequence])
        };
        let settled = journal.settle(vec![settlement], Vec::new()).await.unwrap();
        assert_eq!(settled.superseded.len(), 1, "{}", fixture.name());
        assert_eq!(journal.backlog().await.unwrap().events, many - 1);
    }
}

/// A take on behalf of the timer for a thread that nobody claims.
fn take_unclaimed() -> QueuedCall {
    QueuedCall {
        reclaims: Some(ReclaimTimer::Unclaimed),
        ..take(1)
    }
}

/// An agent answers in the thread of person 1.
async fn is_claimed(journal: &Journal) {
    journal.append(vec![says(1, "b")], 0).await.unwrap();
    let claim = claim_one(journal).await;
    let settlement = Settlement {
        timers: vec![TimerChange::cancel(ReclaimTimer::Unclaimed.as_str())],
        ..Settlement::of(claim.thread, vec![claim.events[0].sequence])
    };
    journal.settle(vec![settlement], release(1)).await.unwrap();
}

/// A handler's own take stays, whether or not the bot was restarted since.
#[tokio::test]
async fn the_take_of_a_timer_that_waits_ends_with_the_timer() {
    for (restarts, is_first) in [(false, true), (false, false), (true, true), (true, false)] {
        for mut fixture in Fixture::both() {
            let mut calls = vec![take_unclaimed(), take(1)];
            if !is_first {
                calls.reverse();
            }
            answered(&fixture.journal, 1, "a", calls).await;
            let call = start_one(&fixture.journal, NOW).await.unwrap();
            let again = finished(call.id, 1, CallResult::RetryAt(NOW));
            fixture.journal.finish_calls(again).await.unwrap();
            if restarts {
                fixture.reopen().await;
            }
            let journal = &fixture.journal;
            is_claimed(journal).await;
            assert_eq!(journal.backlog().await.unwrap().calls, 1);
            let left = start_one(journal, NOW).await.unwrap();
            assert_eq!(left.reclaims, None, "{}", fixture.name());
            let made = finished(left.id, 1, CallResult::Sent);
            journal.finish_calls(made).await.unwrap();
            assert!(start_one(journal, NOW).await.is_none());
        }
    }
}

#[tokio::test]
async fn the_take_of_a_timer_that_is_being_made_is_not_tried_again_after_the_timer() {
    for Fixture { journal, .. } in &Fixture::both() {
        answered(journal, 1, "a", vec![take_unclaimed()]).await;
        let call = start_one(journal, NOW).await.unwrap();
        is_claimed(journal).await;
        let again = finished(call.id, 1, CallResult::RetryAt(NOW));
        journal.finish_calls(again).await.unwrap();
        assert_eq!(journal.backlog().await.unwrap().calls, 0);
        assert!(start_one(journal, NOW).await.is_none());
    }
}
