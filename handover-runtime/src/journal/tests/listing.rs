//! What operators look at: threads, dead letters, how handovers went.

use std::time::Duration;

use handover_protocol::{AppId, Timestamp};

use super::fixture::{
    Fixture, NOW, answered, due, finished, pass, release, says, send, signal, start_one, thread,
};
use crate::clock;
use crate::internal_event::{InternalEvent, InternalEventBody};
use crate::journal::listing::OwnerKind;
use crate::journal::{
    CallResult, EventResult, FinishedCall, HistoryLimits, Journal, PauseChange, Settlement,
    Speaker, ThreadChange, ThreadGroup, ThreadSearch, Turn,
};
use crate::journal_file::{JournalView, Replay, ReplayRefusal};
use crate::thread::{KnownOwner, Owner};

async fn change(journal: &Journal, person: usize, change: ThreadChange) {
    journal.change_thread(thread(person), change).await.unwrap();
}

fn owned(owner: Owner, at: Timestamp) -> ThreadChange {
    ThreadChange {
        ownership: Some(KnownOwner::seen(owner, at, 0)),
        person_wrote_at: Some(at),
        ..ThreadChange::default()
    }
}

fn inbox() -> Owner {
    Owner::Other(Some(AppId::PAGE_INBOX))
}

fn agent_says(at: Timestamp) -> ThreadChange {
    ThreadChange {
        said: vec![Turn {
            at,
            ..Turn::new(Speaker::Agent, "Hi")
        }],
        ..ThreadChange::default()
    }
}

/// The people of the threads that are found, in order.
async fn found(journal: &Journal, group: ThreadGroup, person: Option<&str>) -> Vec<String> {
    let search = ThreadSearch {
        person: person.map(str::to_owned),
        account: None,
        group,
        limit: 10,
    };
    let threads = journal.threads(search).await.unwrap();
    let people = threads.iter().map(|one| one.thread.party.to_string());
    people.collect()
}

#[tokio::test]
async fn threads_are_found_by_group_and_by_a_part_of_the_id() {
    for fixture in Fixture::both() {
        let journal = &fixture.journal;
        let now = clock::now();
        let ago = |seconds| now - Duration::from_secs(seconds);
        change(journal, 100, owned(Owner::Bot, ago(400))).await;
        change(journal, 101, owned(inbox(), ago(300))).await;
        change(journal, 102, owned(inbox(), ago(200))).await;
        change(journal, 102, agent_says(ago(100))).await;
        // Control ends after a day.
        change(journal, 203, owned(inbox(), ago(25 * 60 * 60))).await;
        let pause = PauseChange::Begins {
            until: now + Duration::from_secs(60),
            echo: None,
            spares: None,
        };
        change(journal, 100, ThreadChange::of_pause(pause)).await;
        journal.append(vec![says(204, "waits")], 0).await.unwrap();

        let all = found(journal, ThreadGroup::All, None).await;
        assert_eq!(all.len(), 5, "{all:?}");
        assert_eq!(all[..3], ["102", "101", "100"]);
        let people = found(journal, ThreadGroup::WithPeople, None).await;
        assert_eq!(people, ["101", "102"], "the longest first");
        assert_eq!(found(journal, ThreadGroup::Paused, None).await, ["100"]);
        assert_eq!(found(journal, ThreadGroup::Waiting, None).await, ["204"]);
        assert_eq!(found(journal, ThreadGroup::All, Some("20")).await.len(), 2);
        let none = found(journal, ThreadGroup::All, Some("%")).await;
        assert!(none.is_empty(), "{none:?}");

        let search = ThreadSearch {
            limit: 10,
            ..ThreadSearch::default()
        };
        let threads = journal.threads(search).await.unwrap();
        let of = |person: &str| {
            let mut threads = threads.iter();
            threads.find(|one| one.thread.party.to_string() == person)
        };
        let (asked, answered) = (of("101").unwrap(), of("102").unwrap());
        assert_eq!(asked.owner, OwnerKind::Other);
        assert_eq!(asked.owner_app, Some(AppId::PAGE_INBOX));
        assert_eq!(asked.owner_since, Some(ago(300)));
        assert_eq!((asked.is_answered, answered.is_answered), (false, true));
        assert_eq!(of("203").unwrap().owner, OwnerKind::Unknown);
        assert_eq!(of("204").unwrap().events, 1);
    }
}

#[tokio::test]
async fn a_thread_that_was_released_is_nobodys() {
    for mut fixture in Fixture::both() {
        let released = owned(Owner::Nobody, clock::now());
        change(&fixture.journal, 1, released).await;
        fixture.reopen().await;
        let journal = &fixture.journal;
        let state = journal.thread(thread(1)).await.unwrap();
        assert_eq!(state.ownership().owner, Owner::Nobody);
        let search = ThreadSearch {
            limit: 1,
            ..ThreadSearch::default()
        };
        let threads = journal.threads(search).await.unwrap();
        assert_eq!(threads[0].owner, OwnerKind::Nobody, "{}", fixture.name());
    }
}

/// A call that was given up for this.
async fn give_up(journal: &Journal, person: usize, cause: &str) {
    journal.append(vec![says(person, cause)], 0).await.unwrap();
    let claim = journal
        .claim(clock::now(), 1)
        .await
        .unwrap()
        .items
        .remove(0);
    let settlement = Settlement {
        calls: vec![send(person, cause)],
        ..Settlement::of(claim.thread, vec![claim.events[0].sequence])
    };
    let release = release(person);
    journal.settle(vec![settlement], release).await.unwrap();
    let started = journal.start_calls(due(1)).await.unwrap().items.remove(0);
    let dead = CallResult::Dead(cause.to_owned());
    let finished = finished(started.id, person, dead);
    journal.finish_calls(finished).await.unwrap();
}

#[tokio::test]
async fn dead_letters_are_listed_newest_first_and_discarded() {
    for mut fixture in Fixture::both() {
        let journal = &fixture.journal;
        give_up(journal, 1, "first").await;
        give_up(journal, 2, "second").await;
        give_up(journal, 3, "third").await;
        let rows = journal.dead_letter_rows(None, 2).await.unwrap();
        let causes: Vec<_> = rows.iter().map(|row| &*row.cause).collect();
        assert_eq!(causes, ["third", "second"]);
        assert_eq!((&*rows[0].kind, &*rows[0].name), ("call", "messages"));
        assert_eq!(rows[0].content["messages"]["message"]["text"], "third");
        let second = rows[1].id;
        let one = journal
            .dead_letter_rows(Some(vec![second]), 9)
            .await
            .unwrap();
        assert_eq!(one.len(), 1);
        assert_eq!(journal.discard(vec![second, 999_999]).await.unwrap(), 1);
        assert_eq!(journal.total_backlog().await.unwrap().dead_letters, 2);
        fixture.reopen().await;
        let left = fixture.journal.dead_letter_rows(None, 9).await.unwrap();
        let causes: Vec<_> = left.iter().map(|row| &*row.cause).collect();
        assert_eq!(causes, ["third", "first"]);
    }
}

#[tokio::test]
async fn a_view_shows_the_newest_and_says_how_many_there_are() {
    for fixture in Fixture::both() {
        let Some(inspector) = fixture.inspector() else {
            continue;
        };
        let journal = &fixture.journal;
        for (person, cause) in [(1, "first"), (2, "second"), (3, "third")] {
            give_up(journal, person, cause).await;
        }
        journal.keep_history(HistoryLimits::default().into());
        for (seconds, person) in [(50, 1), (40, 2), (30, 1), (20, 2), (10, 1)] {
            let said = Turn {
                at: clock::now() - Duration::from_secs(seconds),
                ..Turn::new(Speaker::Person, format!("{seconds} s ago"))
            };
            let said = ThreadChange {
                said: vec![said],
                ..ThreadChange::default()
            };
            change(journal, person, said).await;
        }
        // What a column says, and how many rows there are.
        let shown = |view, column: &str, person, limit| {
            let found = inspector.view(view, None, person, limit).unwrap();
            let column = found.columns.iter().position(|name| name == column);
            let rows = found.rows.iter().map(|row| row[column.unwrap()].clone());
            (rows.collect::<Vec<_>>(), found.total)
        };
        let letters = JournalView::DeadLetters;
        let (causes, total) = shown(letters, "cause", None, 2);
        assert_eq!((causes, total), (vec!["third".into(), "second".into()], 3));
        let (causes, total) = shown(letters, "cause", Some("1"), 1);
        assert_eq!((causes, total), (vec!["first".into()], 1));
        let (causes, total) = shown(letters, "cause", None, 9);
        assert_eq!((causes.len(), total), (3, 3));

        let (said, total) = shown(JournalView::History, "text", None, 3);
        assert_eq!(said, ["30 s ago", "10 s ago", "20 s ago"], "by person");
        assert_eq!(total, 5);
        let (said, total) = shown(JournalView::History, "text", Some("1"), 2);
        assert_eq!(said, ["30 s ago", "10 s ago"]);
        assert_eq!(total, 3);
        let (people, total) = shown(JournalView::Threads, "person", None, 1);
        assert_eq!((people.len(), total), (1, 3));
        let (people, total) = shown(JournalView::Handled, "person", None, 2);
        assert_eq!((people, total), (vec!["3".into(), "2".into()], 3));
    }
}

#[tokio::test]
async fn in_memory_what_was_given_up_is_taken_up_again() {
    let fixture = Fixture::memory();
    let journal = &fixture.journal;
    give_up(journal, 1, "refused").await;
    give_up(journal, 2, "it may have been delivered").await;
    let ids = async || -> Vec<u64> {
        let rows = journal.dead_letter_rows(None, 9).await.unwrap();
        rows.iter().map(|row| row.id).collect()
    };
    let all = ids().await;
    let preview = journal.preview(Replay::dead_letters()).await.unwrap();
    let refusals: Vec<_> = preview.iter().map(|one| one.refusal).collect();
    assert_eq!(refusals, [None, Some(ReplayRefusal::MayHaveBeenDelivered)]);
    assert_eq!(ids().await, all, "a preview changes nothing");

    let (replayed, wakeups) = journal.replay(Replay::dead_letters()).await.unwrap();
    assert_eq!(replayed.len(), 2);
    assert!(wakeups.calls);
    assert_eq!(ids().await, [all[0]]);
    let again = journal.start_calls(due(9)).await.unwrap().items;
    assert_eq!(again.len(), 1);
    assert_eq!(again[0].thread, thread(1));

    // A signal is handled however late it is.
    let shipped = signal("shipped");
    let InternalEventBody::Signal(content) = &shipped.body else {
        panic!("a signal")
    };
    let mut content = content.clone();
    content.expires_at = Some(Timestamp::from_millis(1));
    let late = InternalEvent::new(
        handover_protocol::Object::Page,
        InternalEventBody::Signal(content),
    );
    let submission = crate::journal::Submission {
        thread: thread(3),
        id: "s-1".to_owned(),
        digest: crate::journal::DedupeKey::of("s-1"),
        content: crate::journal::Submitted::Signal(late, None),
    };
    journal.submit(submission).await.unwrap();
    let claim = journal
        .claim(clock::now(), 9)
        .await
        .unwrap()
        .items
        .remove(0);
    let settlement = Settlement {
        result: EventResult::Failed("expired at".to_owned()),
        ..Settlement::of(claim.thread, vec![claim.events[0].sequence])
    };
    journal.settle(vec![settlement], release(3)).await.unwrap();
    let dead = journal.dead_letter_rows(None, 1).await.unwrap();
    let replay = Replay::dead_letters().ids([dead[0].id]);
    journal.replay(replay).await.unwrap();
    let claim = journal
        .claim(clock::now(), 9)
        .await
        .unwrap()
        .items
        .remove(0);
    let signal = claim.events[0].event.own().and_then(InternalEvent::signal);
    assert_eq!(signal.unwrap().expires_at, None);
}

#[tokio::test]
async fn steps_of_handovers_are_counted_in_every_journal() {
    for fixture in Fixture::both() {
        let journal = &fixture.journal;
        let at = |seconds: u64| clock::now() - Duration::from_secs(1000 - seconds);
        change(journal, 1, owned(Owner::Bot, at(0))).await;
        change(journal, 1, owned(inbox(), at(10))).await;
        change(journal, 1, agent_says(at(40))).await;
        change(journal, 1, agent_says(at(50))).await;
        change(journal, 1, owned(Owner::Bot, at(110))).await;
        // Heard on standby: it was another app's all along.
        change(journal, 2, owned(Owner::Other(None), at(5))).await;
        let figures = journal.handovers().await.unwrap();
        assert_eq!((figures.taken, figures.returned), (1, 1), "{figures:?}");
        let seconds = |ms: u64| (ms + 500) / 1000;
        let word = figures.first_word.unwrap();
        assert_eq!((word.count, seconds(word.median_ms)), (1, 30));
        let away = figures.away.unwrap();
        assert_eq!((away.count, seconds(away.median_ms)), (1, 100));
    }
}

/// As after a request for the thread, which does not show who has it.
#[tokio::test]
async fn a_handover_is_one_though_its_owner_is_not_certain_meanwhile() {
    for fixture in Fixture::both() {
        let journal = &fixture.journal;
        let at = |seconds: u64| clock::now() - Duration::from_secs(1000 - seconds);
        change(journal, 1, owned(Owner::Bot, at(0))).await;
        change(journal, 1, owned(inbox(), at(10))).await;
        change(journal, 1, agent_says(at(20))).await;
        for owner in [Owner::Unknown, inbox(), Owner::Unknown] {
            change(journal, 1, owned(owner, at(30))).await;
        }
        let said = async || {
            let state = journal.thread(thread(1)).await.unwrap();
            state.said_while_away().count()
        };
        let figures = journal.handovers().await.unwrap();
        assert_eq!((figures.taken, figures.returned), (1, 0), "{figures:?}");
        assert_eq!(said().await, 1, "{}", fixture.name());

        // The bot could not do that if the inbox still had it.
        answered(journal, 1, "agent", vec![pass(1)]).await;
        let call = start_one(journal, NOW).await.unwrap();
        let passed = FinishedCall {
            owner: Some(inbox()),
            was_the_bots: true,
            ..finished(call.id, 1, CallResult::Sent).remove(0)
        };
        journal.finish_calls(vec![passed]).await.unwrap();
        let figures = journal.handovers().await.unwrap();
        assert_eq!((figures.taken, figures.returned), (2, 1), "{figures:?}");
        assert_eq!(said().await, 0, "{}", fixture.name());
    }
}
