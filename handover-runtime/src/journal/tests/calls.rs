//! The order of calls.

use std::time::Duration;

use handover_protocol::Timestamp;

use super::fixture::{
    Fixture, NOW, answered, claim_one, due, finished, pass, says, send, start_one, take, thread,
};
use crate::journal::{CallResult, FinishedCall, Journal, Settlement, ThreadChange};
use crate::thread::{KnownOwner, Owner};

#[tokio::test]
async fn nothing_of_a_paused_account_is_handed_out() {
    for Fixture { journal, .. } in &Fixture::both() {
        answered(journal, 1, "a", vec![send(1, "hello")]).await;
        let mut asked = due(9);
        asked.paused = vec![thread(1).account];
        assert!(journal.start_calls(asked).await.unwrap().items.is_empty());
        assert!(start_one(journal, NOW).await.is_some(), "the pause is over");
    }
}

#[tokio::test]
async fn what_waits_for_control_is_handed_out_when_it_comes() {
    for Fixture { journal, .. } in &Fixture::both() {
        answered(journal, 1, "a", vec![send(1, "hello")]).await;
        let call = start_one(journal, NOW).await.unwrap();
        let blocked = finished(
            call.id,
            1,
            CallResult::Blocked(NOW + Duration::from_millis(60_000)),
        );
        journal.finish_calls(blocked).await.unwrap();
        assert!(start_one(journal, NOW).await.is_none());
        journal.append(vec![says(1, "b")], 0).await.unwrap();
        let claim = claim_one(journal).await;
        let ownership = KnownOwner {
            owner: Owner::Bot,
            since: NOW,
            seen_at: NOW,
            as_of: claim.events[0].sequence,
        };
        let settlement = Settlement {
            change: ThreadChange {
                ownership: Some(ownership),
                ..ThreadChange::default()
            },
            ..Settlement::of(claim.thread, vec![claim.events[0].sequence])
        };
        journal.settle(vec![settlement], Vec::new()).await.unwrap();
        let call = start_one(journal, NOW).await.unwrap();
        assert_eq!(call.attempts, 0, "it was not tried");
    }
}

#[tokio::test]
async fn what_brings_control_back_overtakes_what_waits_for_it() {
    for restarts in [false, true] {
        for mut fixture in Fixture::both() {
            let journal = fixture.journal.clone();
            answered(&journal, 1, "a", vec![send(1, "first"), send(1, "second")]).await;
            let blocked = async |journal: &Journal, now: Timestamp| {
                let call = start_one(journal, now).await.unwrap();
                let waits = finished(
                    call.id,
                    1,
                    CallResult::Blocked(NOW + Duration::from_millis(60_000)),
                );
                journal.finish_calls(waits).await.unwrap();
                call
            };
            let first = blocked(&journal, NOW).await;
            answered(&journal, 1, "b", vec![take(1)]).await;
            if restarts {
                drop(journal);
                fixture.reopen().await;
                if fixture.outlives_the_process() {
                    // Nobody knows any more for what it waits, until it is tried once more.
                    let again =
                        blocked(&fixture.journal, NOW + Duration::from_millis(60_000)).await;
                    assert_eq!(again.id, first.id);
                }
            }
            let journal = &fixture.journal;
            let mut order = Vec::new();
            while let Some(call) = start_one(journal, NOW).await {
                order.push(call.call.name());
                let sent = finished(call.id, 1, CallResult::Sent);
                journal.finish_calls(sent).await.unwrap();
            }
            assert_eq!(order, ["take_thread_control", "messages", "messages"]);
        }
    }
}

#[tokio::test]
async fn what_brings_control_back_waits_behind_what_is_only_late() {
    for Fixture { journal, .. } in &Fixture::both() {
        answered(journal, 1, "a", vec![send(1, "hello")]).await;
        let call = start_one(journal, NOW).await.unwrap();
        let late = finished(
            call.id,
            1,
            CallResult::PutOff(NOW + Duration::from_millis(1000)),
        );
        journal.finish_calls(late).await.unwrap();
        answered(journal, 1, "b", vec![take(1)]).await;
        assert!(start_one(journal, NOW).await.is_none());
        let next = start_one(journal, NOW + Duration::from_millis(1000))
            .await
            .unwrap();
        assert_eq!(next.call.name(), "messages");
    }
}

#[tokio::test]
async fn what_follows_a_call_comes_before_the_rest() {
    for Fixture { journal, .. } in &Fixture::both() {
        answered(journal, 1, "a", vec![send(1, "first"), send(1, "last")]).await;
        let call = start_one(journal, NOW).await.unwrap();
        let sent = FinishedCall {
            next: vec![pass(1)],
            ..finished(call.id, 1, CallResult::Sent).remove(0)
        };
        journal.finish_calls(vec![sent]).await.unwrap();
        let names = async || {
            let call = start_one(journal, NOW).await.unwrap();
            let done = finished(call.id, 1, CallResult::Sent);
            journal.finish_calls(done).await.unwrap();
            call.call.name()
        };
        assert_eq!(
            [names().await, names().await],
            ["pass_thread_control", "messages"]
        );
    }
}
