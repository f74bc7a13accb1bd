//! Whose turn it is.

use std::time::Duration;

use handover_protocol::Timestamp;
use handover_testkit::PATIENCE;

use super::fixture::{
    Fixture, NOW, claim_one, finished, release, says, send, start_one, text_of, thread, timer,
};
use crate::journal::{CallResult, Claim, EventResult, Settlement, ThreadRelease, TimerChange};

#[tokio::test]
async fn who_waits_longest_comes_first() {
    for Fixture { journal, .. } in &Fixture::both() {
        for person in [3, 1, 2] {
            journal.append(vec![says(person, "a")], 0).await.unwrap();
        }
        journal.append(vec![says(3, "b")], 0).await.unwrap();
        let mut order = Vec::new();
        for _ in 0..3 {
            let claim = claim_one(journal).await;
            order.push(claim.thread.party.to_string());
            let first = vec![claim.events[0].sequence];
            let settlement = Settlement::of(claim.thread.clone(), first);
            journal.settle(vec![settlement], Vec::new()).await.unwrap();
            let until = None;
            let thread = claim.thread;
            journal
                .settle(Vec::new(), vec![ThreadRelease { thread, until }])
                .await
                .unwrap();
        }
        assert_eq!(order, ["3", "1", "2"], "the one with two goes to the end");
        let again = claim_one(journal).await;
        assert_eq!(text_of(&again.events[0].event), "b");
    }
}

#[tokio::test]
async fn what_arrives_is_handed_out_if_there_is_room() {
    for Fixture { journal, .. } in &Fixture::both() {
        let arrived = vec![says(1, "a"), says(2, "b"), says(1, "c"), says(3, "d")];
        let accepted = journal.append(arrived, 2).await.unwrap();
        let threads = accepted.claims.iter().map(|claim| claim.thread.clone());
        assert!(threads.eq([thread(1), thread(2)]));
        assert_eq!(accepted.claims[0].events.len(), 2);
        assert!(accepted.has_more, "the third waits");
        let accepted = journal.append(vec![says(1, "e")], 9).await.unwrap();
        let threads = accepted.claims.iter().map(|claim| claim.thread.clone());
        assert!(threads.eq([thread(3)]), "the first is at work");
        assert!(!accepted.has_more);
        let known = journal.append(vec![says(4, "f"), says(4, "f")], 0).await;
        assert!(known.unwrap().has_more, "there was no room");
        assert_eq!(claim_one(journal).await.thread, thread(4));
    }
}

#[tokio::test]
async fn a_long_queue_is_handed_out_in_parts() {
    for Fixture { journal, .. } in &Fixture::both() {
        let many = (0..Claim::EVENTS + 5).map(|number| says(1, &number.to_string()));
        journal.append(many.collect(), 0).await.unwrap();
        assert_eq!(claim_one(journal).await.events.len(), Claim::EVENTS);
    }
}

#[tokio::test]
async fn a_thread_rests_until_its_time() {
    for Fixture { journal, .. } in &Fixture::both() {
        journal.append(vec![says(1, "a")], 0).await.unwrap();
        let claim = claim_one(journal).await;
        let until = Some(NOW + Duration::from_millis(1000));
        let thread = claim.thread;
        journal
            .settle(Vec::new(), vec![ThreadRelease { thread, until }])
            .await
            .unwrap();
        journal.append(vec![says(1, "b")], 0).await.unwrap();
        let early = journal
            .claim(NOW + Duration::from_millis(999), 9)
            .await
            .unwrap();
        assert!(early.items.is_empty());
        assert_eq!(early.next_at, until);
        let claims = journal
            .claim(NOW + Duration::from_millis(1000), 9)
            .await
            .unwrap()
            .items;
        assert_eq!(claims[0].events.len(), 2);
    }
}

#[tokio::test]
async fn an_event_that_is_tried_again_stays_first_and_is_counted() {
    for mut fixture in Fixture::both() {
        let journal = fixture.journal.clone();
        journal
            .append(vec![says(1, "a"), says(1, "b")], 0)
            .await
            .unwrap();
        let claim = claim_one(&journal).await;
        let at = NOW + Duration::from_millis(5000);
        let settlement = Settlement {
            result: EventResult::Retry { at },
            ..Settlement::of(claim.thread.clone(), vec![claim.events[0].sequence])
        };
        journal.settle(vec![settlement], Vec::new()).await.unwrap();
        let until = Some(at);
        let thread = claim.thread;
        journal
            .settle(Vec::new(), vec![ThreadRelease { thread, until }])
            .await
            .unwrap();
        drop(journal);
        fixture.reopen().await;
        let later = fixture.journal.claim(Timestamp::MAX, 1).await.unwrap();
        let events = &later.items[0].events;
        let of_events = events
            .iter()
            .map(|event| (text_of(&event.event), event.attempts));
        assert_eq!(Vec::from_iter(of_events), [("a", 1), ("b", 0)]);
    }
}

#[tokio::test]
async fn nothing_of_an_account_waits_for_its_time_any_longer() {
    const LATER: Timestamp = Timestamp::from_millis(NOW.as_millis() + 3_600_000);
    for Fixture { journal, .. } in &Fixture::both() {
        // A timer, a call that is tried again, an event that is tried again.
        let timer = TimerChange {
            name: "reminder".to_owned(),
            set: Some((LATER, timer("the timer"))),
        };
        journal.append(vec![says(1, "a")], 0).await.unwrap();
        let claim = claim_one(journal).await;
        let settlement = Settlement {
            timers: vec![timer],
            calls: vec![send(1, "hello")],
            ..Settlement::of(claim.thread, vec![claim.events[0].sequence])
        };
        journal.settle(vec![settlement], release(1)).await.unwrap();
        let call = start_one(journal, NOW).await.unwrap();
        let again = finished(call.id, 1, CallResult::RetryAt(LATER));
        journal.finish_calls(again).await.unwrap();
        journal.append(vec![says(2, "b")], 0).await.unwrap();
        let claim = claim_one(journal).await;
        let retry = Settlement {
            result: EventResult::Retry { at: LATER },
            ..Settlement::of(claim.thread.clone(), vec![claim.events[0].sequence])
        };
        let rests = ThreadRelease {
            thread: claim.thread,
            until: Some(LATER),
        };
        journal.settle(vec![retry], vec![rests]).await.unwrap();
        assert!(start_one(journal, NOW).await.is_none());
        assert!(journal.claim(NOW, 9).await.unwrap().items.is_empty());

        let ready = journal.make_due("1".into(), NOW).await.unwrap();
        assert!(!ready.events && !ready.calls, "others' are left alone");
        assert!(journal.claim(NOW, 9).await.unwrap().items.is_empty());
        assert!(start_one(journal, NOW).await.is_none());

        let account = thread(1).account;
        let ready = journal.make_due(account, NOW).await.unwrap();
        assert!(ready.events && ready.calls);
        let claims = journal.claim(NOW, 9).await.unwrap().items;
        let mut texts: Vec<_> = claims
            .iter()
            .flat_map(|claim| &claim.events)
            .map(|event| text_of(&event.event))
            .collect();
        texts.sort_unstable();
        assert_eq!(texts, ["b", "the timer"]);
        assert_eq!(start_one(journal, NOW).await.unwrap().id, call.id);
    }
}

#[tokio::test]
async fn what_is_asked_of_a_closed_journal_is_an_error_or_done() {
    let fixture = Fixture::sqlite();
    fixture.journal.close().await.unwrap();
    let asked = fixture.journal.append(vec![says(1, "a")], 0);
    let answer = tokio::time::timeout(PATIENCE, asked).await.unwrap();
    assert!(answer.unwrap_err().to_string().contains("journal"));
}
