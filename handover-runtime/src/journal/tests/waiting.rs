//! How much may wait, and what becomes of more.

use std::sync::Arc;

use handover_protocol::AccountId;

use super::fixture::{Fixture, answered, due, finished, name_of, says, send, thread};
use crate::journal::{
    CallResult, DedupeKey, Due, JournalError, NewEvent, Submission, SubmitStatus, Submitted,
};
use crate::thread::ThreadKey;

/// Not that of the other tests.
const ANOTHER: &str = "1063254873751024";

/// A message to another account.
fn says_elsewhere(person: usize) -> NewEvent {
    let mut new = says(person, "elsewhere");
    new.thread.account = ANOTHER.into();
    Arc::make_mut(&mut new.received).account = ANOTHER.into();
    new
}

/// A message from outside a handler.
fn submission(account: &str, id: &str) -> Submission {
    Submission {
        thread: ThreadKey::new(account, "9"),
        id: id.to_owned(),
        digest: DedupeKey::of(id),
        content: Submitted::Calls(vec![send(9, id)]),
    }
}

#[tokio::test]
async fn what_waits_for_a_token_does_not_count_and_of_more_the_oldest_are_given_up() {
    for fixture in Fixture::both() {
        let journal = &fixture.journal;
        journal.limit_waiting(4);
        for person in 1..=6 {
            let calls = vec![send(person, &person.to_string())];
            answered(journal, person, "a", calls).await;
        }
        assert_eq!(journal.waiting().await.unwrap(), 6);
        let page = thread(1).account;
        let limited = Due {
            paused: vec![page.clone()],
            ..due(9)
        };
        let without_token = Due {
            without_token: vec![page],
            ..limited.clone()
        };
        // A limit of the platform ends by itself.
        let started = journal.start_calls(limited).await.unwrap().items;
        assert!(started.is_empty(), "{}: {started:?}", fixture.name());
        assert_eq!(journal.waiting().await.unwrap(), 2, "beyond the limit");

        let started = journal.start_calls(without_token.clone()).await;
        let started = started.unwrap().items;
        let names: Vec<_> = started.iter().map(name_of).collect();
        assert_eq!(names, ["1", "2"], "{}", fixture.name());
        assert!(started.iter().all(|call| call.is_surplus));
        for (call, person) in started.iter().zip(1..) {
            let dead = CallResult::Dead("too many wait".to_owned());
            let dead = finished(call.id, person, dead);
            journal.finish_calls(dead).await.unwrap();
        }
        assert_eq!(journal.waiting().await.unwrap(), 0);
        let started = journal.start_calls(without_token).await.unwrap().items;
        assert!(started.is_empty(), "{}: {started:?}", fixture.name());
        let events = vec![says_elsewhere(7)];
        assert_eq!(journal.append(events, 0).await.unwrap().waiting, 1);
        if fixture.outlives_the_process() {
            // What waits is read again after that.
            fixture.refuse_calls(true);
            let refused = journal.submit(submission(ANOTHER, "a")).await;
            refused.unwrap_err();
            fixture.refuse_calls(false);
            let events = vec![says_elsewhere(8)];
            assert_eq!(journal.append(events, 0).await.unwrap().waiting, 2);
        }

        let started = journal.start_calls(due(9)).await.unwrap().items;
        let names: Vec<_> = started.iter().map(name_of).collect();
        assert_eq!(names, ["3", "4", "5", "6"], "{}", fixture.name());
        assert!(!started.iter().any(|call| call.is_surplus));
    }
}

#[tokio::test]
async fn of_several_the_account_for_which_most_waits_gives_up() {
    for fixture in Fixture::both() {
        let journal = &fixture.journal;
        journal.limit_waiting(6);
        for id in ["a", "b"] {
            journal.submit(submission(ANOTHER, id)).await.unwrap();
        }
        for person in 1..=5 {
            let calls = vec![send(person, &person.to_string())];
            answered(journal, person, "a", calls).await;
        }
        let both = vec![AccountId::from(ANOTHER), thread(1).account];
        let asked = Due {
            paused: both.clone(),
            without_token: both,
            ..due(9)
        };
        let started = journal.start_calls(asked).await.unwrap().items;
        let names: Vec<_> = started.iter().map(name_of).collect();
        assert_eq!(names, ["1"], "{}", fixture.name());
    }
}

#[tokio::test]
async fn half_of_what_may_wait_is_left_to_what_people_write() {
    for fixture in Fixture::both() {
        let journal = &fixture.journal;
        journal.limit_waiting(4);
        for id in ["a", "b"] {
            let (submitted, _) = journal.submit(submission(ANOTHER, id)).await.unwrap();
            assert_eq!(submitted.found, SubmitStatus::New);
        }
        let is_refused = async |account: &str| {
            let refused = journal.submit(submission(account, "c")).await.unwrap_err();
            let is_full = matches!(refused, JournalError::Full { limit: 2, .. });
            assert!(is_full, "{}: {refused}", fixture.name());
        };
        is_refused(ANOTHER).await;
        is_refused("4711").await;
        let (again, _) = journal.submit(submission(ANOTHER, "a")).await.unwrap();
        assert_eq!(again.found, SubmitStatus::Same, "{}", fixture.name());
        let events = vec![says(1, "a")];
        assert_eq!(journal.append(events, 0).await.unwrap().waiting, 3);

        // Those of an account that is paused take the place of no others.
        let asked = Due {
            paused: vec![ANOTHER.into()],
            ..due(9)
        };
        journal.start_calls(asked).await.unwrap();
        is_refused(ANOTHER).await;
        let (other, _) = journal.submit(submission("4711", "c")).await.unwrap();
        assert_eq!(other.found, SubmitStatus::New, "{}", fixture.name());
    }
}
