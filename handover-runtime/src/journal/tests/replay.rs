//! Replaying what was settled or given up.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use crate::internal_event::{InternalEvent, InternalEventBody};
use crate::journal::{
    AppendStatus, CallResult, EventResult, Journal, NewEvent, OpenError, OutboxCall, QueuedCall,
    Settlement, ThreadChange,
};
use crate::journal_file::{Replay, ReplayRefusal, Replayed};
use crate::thread::{KnownOwner, Owner};
use handover_protocol::{AppId, EventBody, Object, PassThreadControl};

use super::fixture::{
    Fixture, NOW, TestDirectory, due, finished, release, says, send, text_of, thread,
};

fn new_journal() -> (TestDirectory, PathBuf, Journal) {
    let directory = TestDirectory::new();
    let path = directory.journal();
    let journal = Journal::open(&path).unwrap();
    (directory, path, journal)
}

/// Handles everything that waits; returns what it was, in order.
async fn handle_all(journal: &Journal, person: usize, result: EventResult) -> Vec<String> {
    let claimed = journal.claim(NOW, 10).await.unwrap();
    let mut texts = Vec::new();
    let mut settlements = Vec::new();
    for claim in claimed.items {
        for event in &claim.events {
            texts.push(text_of(&event.event).to_owned());
            settlements.push(Settlement {
                result: result.clone(),
                ..Settlement::of(claim.thread.clone(), vec![event.sequence])
            });
        }
    }
    journal.settle(settlements, release(person)).await.unwrap();
    texts
}

/// A call that was handed out and came to this end.
async fn give_up(journal: &Journal, call: QueuedCall, cause: &str) {
    journal.append(vec![says(1, cause)], 0).await.unwrap();
    let claim = journal.claim(NOW, 1).await.unwrap().items.remove(0);
    let settlement = Settlement {
        calls: vec![call],
        ..Settlement::of(claim.thread, vec![claim.events[0].sequence])
    };
    journal.settle(vec![settlement], release(1)).await.unwrap();
    let started = journal.start_calls(due(1)).await.unwrap().items.remove(0);
    let dead = CallResult::Dead(cause.to_owned());
    journal
        .finish_calls(finished(started.id, 1, dead))
        .await
        .unwrap();
}

async fn calls(path: &Path) -> Vec<OutboxCall> {
    let journal = Journal::open(path).unwrap();
    let started = journal.start_calls(due(10)).await.unwrap().items;
    journal.close().await.unwrap();
    started
}

fn ids(found: &[Replayed]) -> Vec<u64> {
    found.iter().map(|found| found.id).collect()
}

#[tokio::test]
async fn failed_events_are_handled_again_in_their_order_and_only_once() {
    let (_directory, path, journal) = new_journal();
    let events = ["one", "two", "three"].map(|text| says(1, text));
    journal.append(events.to_vec(), 0).await.unwrap();
    handle_all(&journal, 1, EventResult::Failed("no database".to_owned())).await;
    journal.append(vec![says(1, "four")], 0).await.unwrap();
    journal.close().await.unwrap();

    let letters = Replay::dead_letters();
    let looked = letters.preview(&path).unwrap();
    assert_eq!(looked.len(), 3);
    assert_eq!(looked[0].kind, "message");
    assert_eq!(looked[0].cause.as_deref(), Some("no database"));
    assert_eq!(
        letters.preview(&path).unwrap(),
        looked,
        "looking changes nothing"
    );
    assert_eq!(letters.apply(&path).unwrap(), looked);
    assert_eq!(letters.apply(&path).unwrap(), [], "once");

    let journal = Journal::open(&path).unwrap();
    assert!(journal.dead_letters().await.unwrap().is_empty());
    let handled = handle_all(&journal, 1, EventResult::Handled).await;
    assert_eq!(handled, ["four", "one", "two", "three"]);
    let again = journal.append(events.to_vec(), 0).await.unwrap();
    assert_eq!(
        again.appended,
        [AppendStatus::Duplicate; 3],
        "what the platform repeats is still known"
    );
}

/// The thread's newest event is one of the bot's own, as after a call that failed.
#[tokio::test]
async fn a_replayed_call_is_of_the_product_that_its_thread_is_of() {
    let (_directory, path, journal) = new_journal();
    give_up(&journal, send(1, "hello"), "refused").await;
    journal.append(vec![says(1, "and now?")], 0).await.unwrap();
    let claim = journal.claim(NOW, 1).await.unwrap().items.remove(0);
    let body = InternalEventBody::Timer {
        name: "soon".to_owned(),
        after_failed_send: false,
    };
    let settlement = Settlement {
        event: Some(InternalEvent::new(Object::Instagram, body)),
        ..Settlement::of(claim.thread, vec![claim.events[0].sequence])
    };
    journal.settle(vec![settlement], release(1)).await.unwrap();
    journal.close().await.unwrap();
    Replay::dead_letters().apply(&path).unwrap();
    assert_eq!(calls(&path).await[0].object, Object::Instagram);
}

#[tokio::test]
async fn settled_events_are_chosen_by_number_person_and_time() {
    let (_directory, path, journal) = new_journal();
    let late = NewEvent {
        also_known_as: None,
        received_at: NOW + Duration::from_millis(1000),
        ..says(1, "late")
    };
    journal
        .append(vec![says(1, "one"), says(2, "other"), late], 0)
        .await
        .unwrap();
    handle_all(&journal, 1, EventResult::Handled).await;
    journal.append(vec![says(3, "waits")], 0).await.unwrap();
    journal.close().await.unwrap();

    let all = Replay::events();
    assert_eq!(ids(&all.preview(&path).unwrap()), [1, 2, 3]);
    let of_one = all.clone().person("1");
    assert_eq!(ids(&of_one.preview(&path).unwrap()), [1, 3]);
    let since = all.clone().since(NOW + Duration::from_millis(1));
    assert_eq!(ids(&since.preview(&path).unwrap()), [3]);
    let until = all.clone().until(NOW + Duration::from_millis(1));
    assert_eq!(ids(&until.preview(&path).unwrap()), [1, 2]);
    let elsewhere = all.clone().account("1");
    assert_eq!(ids(&elsewhere.preview(&path).unwrap()), Vec::<u64>::new());
    let numbered = all.ids([2, 4]);
    let found = numbered.apply(&path).unwrap();
    assert_eq!(ids(&found), [2, 4]);
    assert_eq!(found[1].refusal, Some(ReplayRefusal::Waits));

    let journal = Journal::open(&path).unwrap();
    let handled = handle_all(&journal, 2, EventResult::Handled).await;
    assert_eq!(handled, ["waits", "other"]);
}

#[tokio::test]
async fn calls_are_sent_again_but_not_what_may_have_arrived() {
    let (_directory, path, journal) = new_journal();
    let certain = send(1, "certain");
    give_up(&journal, certain.clone(), "the person was not found").await;
    give_up(
        &journal,
        send(1, "maybe"),
        "cut: it may have been delivered, says the bot",
    )
    .await;
    journal.close().await.unwrap();

    let found = Replay::dead_letters().apply(&path).unwrap();
    assert_eq!(found[0].refusal, None);
    assert_eq!(found[0].kind, "messages");
    assert_eq!(found[1].refusal, Some(ReplayRefusal::MayHaveBeenDelivered));
    let sent = calls(&path).await;
    assert_eq!(sent.len(), 1);
    assert_eq!(sent[0].call, certain.call);
    assert_eq!(
        sent[0].reference, certain.reference,
        "its echo is still recognised"
    );
    assert!(!sent[0].uncertain);

    let all = Replay::dead_letters().repeating_messages();
    assert_eq!(ids(&all.apply(&path).unwrap()), [2]);
}

#[tokio::test]
async fn an_owner_of_long_ago_is_not_believed() {
    let (_directory, path, journal) = new_journal();
    let mut event = says(1, "");
    let mut received = (*event.received).clone();
    received.event.body = EventBody::PassThreadControl(PassThreadControl::default());
    event.received = Arc::new(received);
    journal.append(vec![event], 0).await.unwrap();
    let claim = journal.claim(NOW, 1).await.unwrap().items.remove(0);
    let settlement = Settlement {
        change: ThreadChange {
            ownership: Some(KnownOwner {
                owner: Owner::Other(Some(AppId::PAGE_INBOX)),
                since: NOW,
                seen_at: NOW,
                as_of: 1,
                confirmed_at: NOW,
            }),
            ..ThreadChange::default()
        },
        ..Settlement::of(thread(1), vec![claim.events[0].sequence])
    };
    journal.settle(vec![settlement], release(1)).await.unwrap();
    journal.close().await.unwrap();

    let found = Replay::events().apply(&path).unwrap();
    assert_eq!(found[0].refusal, Some(ReplayRefusal::OutdatedOwner));
    let journal = Journal::open(&path).unwrap();
    assert_eq!(journal.backlog().await.unwrap().events, 0);
}

#[tokio::test]
async fn a_bot_at_work_is_not_disturbed() {
    let (_directory, path, journal) = new_journal();
    journal.append(vec![says(1, "one")], 0).await.unwrap();
    handle_all(&journal, 1, EventResult::Failed("no".to_owned())).await;
    let letters = Replay::dead_letters();
    let found = letters.preview(&path).unwrap();
    assert_eq!(ids(&found), [1], "it can be looked at");
    let error = letters.apply(&path).unwrap_err();
    assert!(matches!(error, OpenError::InUse { .. }), "{error}");
    assert_eq!(journal.dead_letters().await.unwrap().len(), 1);
}

#[test]
fn a_wrong_path_is_no_new_journal() {
    let directory = TestDirectory::new();
    let path = directory.path().join("typo.db");
    let error = Replay::events().apply(&path).unwrap_err();
    assert!(matches!(error, OpenError::Inaccessible { .. }), "{error}");
    assert!(!path.exists());
}

/// Settled events that are old enough are deleted by the same commits, once a second.
#[tokio::test]
async fn an_event_that_fails_after_it_has_waited_for_long_is_a_dead_letter() {
    for fixture in Fixture::both() {
        let journal = &fixture.journal;
        let events = (0..500).map(|person| says(person, "a")).collect();
        journal.append(events, 0).await.unwrap();
        let claims = journal.claim(NOW, 500).await.unwrap().items;
        assert_eq!(claims.len(), 500);
        for claim in claims {
            let settlement = Settlement {
                result: EventResult::Failed("on purpose".to_owned()),
                ..Settlement::of(claim.thread, vec![claim.events[0].sequence])
            };
            journal.settle(vec![settlement], Vec::new()).await.unwrap();
            // Of all commits, some are made when a second has passed.
            tokio::time::sleep(Duration::from_millis(3)).await;
        }
        let letters = journal.dead_letters().await.unwrap();
        assert_eq!(letters.len(), 500, "{}", fixture.name());
        assert_eq!(journal.backlog().await.unwrap().dead_letters, 500);
    }
}
