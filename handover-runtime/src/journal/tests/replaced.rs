//! Calls that are made in place of others.

use super::calls::made;
use super::fixture::{Fixture, NOW, answered, echo, finished, pass, send, start_one, take};
use crate::journal::{CallResult, FinishedCall, Journal, NewEvent, QueuedCall, Replacement};

/// A message to person 1, for which there is another with so many parts after it.
fn replaceable(text: &str, parts_after: u32) -> QueuedCall {
    let mut call = send(1, text);
    call.terms.otherwise = Some(Box::new(Replacement {
        call: (*send(1, "instead").call).clone(),
        parts_after,
        receipt: None,
    }));
    call
}

/// The other message is made in place of this call of person 1, and of so many after it.
async fn replace(journal: &Journal, id: u64, drops: u32) {
    let replaced = FinishedCall {
        instead: Some(Box::new(send(1, "instead"))),
        drops,
        ..finished(id, 1, CallResult::Replaced).remove(0)
    };
    journal.finish_calls(vec![replaced]).await.unwrap();
}

/// A pause spares the calls up to a number, so the one that is made instead has the same.
#[tokio::test]
async fn what_is_made_instead_has_the_place_of_the_other() {
    for restarts in [false, true] {
        for mut fixture in Fixture::both() {
            let calls = vec![replaceable("first", 0), send(1, "second")];
            answered(&fixture.journal, 1, "a", calls).await;
            let first = start_one(&fixture.journal, NOW).await.unwrap();
            replace(&fixture.journal, first.id, 0).await;
            if restarts {
                fixture.reopen().await;
            }
            let journal = &fixture.journal;
            let other = start_one(journal, NOW).await.unwrap();
            assert_eq!(other.id, first.id, "{}", fixture.name());
            assert!(!other.uncertain && other.reference != first.reference);
            let sent = finished(other.id, 1, CallResult::Sent);
            journal.finish_calls(sent).await.unwrap();
            assert_eq!(made(journal, NOW).await, ["second"]);
            assert_eq!(journal.backlog().await.unwrap().calls, 0);
        }
    }
}

#[tokio::test]
async fn what_is_asked_for_instead_comes_before_the_rest() {
    for Fixture { journal, .. } in &Fixture::both() {
        answered(journal, 1, "a", vec![take(1), send(1, "last")]).await;
        let call = start_one(journal, NOW).await.unwrap();
        let sent = FinishedCall {
            instead: Some(Box::new(pass(1))),
            ..finished(call.id, 1, CallResult::Sent).remove(0)
        };
        journal.finish_calls(vec![sent]).await.unwrap();
        let all = ["pass_thread_control", "last"];
        assert_eq!(made(journal, NOW).await, all);
    }
}

/// Its commit seemed to fail, so the outbox stores the result once more.
#[tokio::test]
async fn what_is_replaced_is_replaced_once() {
    for Fixture { journal, .. } in &Fixture::both() {
        let long = [replaceable("one", 1), send(1, "two"), send(1, "next")];
        answered(journal, 1, "a", long.into()).await;
        let call = start_one(journal, NOW).await.unwrap();
        for _ in 0..2 {
            replace(journal, call.id, 1).await;
        }
        assert_eq!(made(journal, NOW).await, ["instead", "next"]);
    }
}

/// The answer to the first attempt was lost, and the second was refused.
#[tokio::test]
async fn nothing_is_made_instead_of_what_has_arrived() {
    for Fixture { journal, .. } in &Fixture::both() {
        let calls = vec![replaceable("one", 1), send(1, "two")];
        answered(journal, 1, "a", calls).await;
        let call = start_one(journal, NOW).await.unwrap();
        let lost = finished(call.id, 1, CallResult::Uncertain(NOW));
        journal.finish_calls(lost).await.unwrap();
        let call = start_one(journal, NOW).await.unwrap();
        let echo = NewEvent {
            confirms: Some(call.reference),
            ..echo(1, "one")
        };
        journal.append(vec![echo], 0).await.unwrap();
        replace(journal, call.id, 1).await;
        assert_eq!(made(journal, NOW).await, ["two"]);
    }
}
