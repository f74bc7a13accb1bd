//! What is known of a thread.

use std::sync::Arc;
use std::time::Duration;

use super::fixture::{
    Fixture, NOW, TestDirectory, answered, claim_one, finished, release, says, send, start_one,
    thread, timer,
};
use crate::clock::Clock;
use crate::internal_event::ReclaimTimer;
use crate::journal::{
    AwayPeriod, CallResult, EventResult, FinishedCall, HistoryLimits, Journal, PauseChange,
    Retention, Settlement, Speaker, ThreadChange, ThreadPause, ThreadRelease, ThreadState,
    TimerChange, Turn, Update,
};
use crate::thread::{KnownOwner, Owner};
use handover_protocol::{EventBody, Timestamp};

#[tokio::test]
async fn what_is_known_of_a_thread_is_kept() {
    for mut fixture in Fixture::both() {
        let journal = fixture.journal.clone();
        journal.append(vec![says(1, "a")], 0).await.unwrap();
        let claim = claim_one(&journal).await;
        let inbox = Owner::Other(Some("263902037430900".into()));
        let ownership = KnownOwner {
            owner: inbox,
            since: NOW,
            seen_at: NOW,
            as_of: 7,
            confirmed_at: NOW - Duration::from_secs(1),
        };
        let turn = Turn {
            mid: Some("m_1".to_owned()),
            at: crate::clock::now(),
            app: Some("263902037430900".into()),
            ..Turn::new(Speaker::Agent, "Hi, this is Ana")
        };
        let settlement = Settlement {
            change: ThreadChange {
                session: Some(serde_json::json!({ "n": 1 })),
                ownership: Some(ownership.clone()),
                person_wrote_at: Some(NOW),
                is_message: true,
                begins: true,
                hears: true,
                pause: Some(PauseChange::Begins {
                    until: NOW + Duration::from_millis(1),
                    echo: Some("its key".to_owned()),
                    spares: Some(2),
                }),
                idle_after: Update::Set(Duration::from_secs(1)),
                reclaiming: Update::Set(ReclaimTimer::Reclaim),
                said: vec![turn.clone()],
                ..ThreadChange::default()
            },
            ..Settlement::of(claim.thread, vec![claim.events[0].sequence])
        };
        journal.settle(vec![settlement], Vec::new()).await.unwrap();
        let before = journal.thread(thread(1)).await.unwrap();
        drop(journal);
        fixture.reopen().await;
        let kept = fixture.journal.thread(thread(1)).await.unwrap();
        let expected = ThreadState {
            session: Some(serde_json::json!({ "n": 1 })),
            ownership,
            person_wrote_at: Some(NOW),
            messaged_at: Some(NOW),
            began_at: Some(NOW),
            may_have_missed: false,
            pause: Some(ThreadPause {
                until: NOW + Duration::from_millis(1),
                echo: Some("its key".to_owned()),
                before: None,
                // Counted from the last call, whose number differs.
                spares: before.pause.unwrap().spares,
            }),
            away: Some(AwayPeriod {
                since: NOW,
                from: Some("263902037430900".into()),
                first_turn: 1,
            }),
            idle_after: Some(Duration::from_secs(1)),
            reclaiming: Some(ReclaimTimer::Reclaim),
            history: [(1, turn)].into_iter().collect(),
        };
        assert_eq!(kept, expected);
    }
}

/// What was said, one settlement after the other.
async fn say(journal: &Journal, changes: impl IntoIterator<Item = ThreadChange>) {
    for change in changes {
        let text = format!("{change:?}");
        journal.append(vec![says(1, &text)], 0).await.unwrap();
        let claim = claim_one(journal).await;
        let settlement = Settlement {
            change,
            ..Settlement::of(claim.thread, vec![claim.events[0].sequence])
        };
        journal.settle(vec![settlement], release(1)).await.unwrap();
    }
}

fn turn(mid: &str, at: Timestamp) -> Turn {
    Turn {
        mid: Some(mid.to_owned()),
        at,
        ..Turn::new(Speaker::Person, mid)
    }
}

async fn texts(journal: &Journal) -> Vec<String> {
    let state = journal.thread(thread(1)).await.unwrap();
    state.history().map(ToString::to_string).collect()
}

#[tokio::test]
async fn a_history_follows_edits_and_forgets_what_was_deleted() {
    for mut fixture in Fixture::both() {
        fixture
            .journal
            .keep_history(HistoryLimits::default().into());
        let now = crate::clock::now();
        let said = ["m_1", "m_2", "m_2", "m_3"].map(|mid| turn(mid, now));
        let first = ThreadChange {
            said: said.into(),
            ..ThreadChange::default()
        };
        let second = ThreadChange {
            edited: vec![("m_2".to_owned(), "edited".to_owned())],
            deleted: vec!["m_1".to_owned(), "unknown".to_owned()],
            ..ThreadChange::default()
        };
        say(&fixture.journal, [first, second]).await;
        assert_eq!(texts(&fixture.journal).await, ["edited", "m_3"]);
        fixture.reopen().await;
        assert_eq!(texts(&fixture.journal).await, ["edited", "m_3"]);
    }
}

#[tokio::test]
async fn a_history_keeps_its_last_turns_for_a_time() {
    for mut fixture in Fixture::both() {
        let day = Duration::from_secs(24 * 60 * 60);
        let limits = HistoryLimits::default().turns(3).keep(day);
        fixture.journal.keep_history(limits.into());
        let now = crate::clock::now();
        let turns = ["m_1", "m_2", "m_3", "m_4", "m_5"].map(|mid| turn(mid, now));
        let old = ["old_1", "old_2"].map(|mid| turn(mid, now - 2 * day));
        let changes = turns.into_iter().chain(old).map(|turn| ThreadChange {
            said: vec![turn],
            ..ThreadChange::default()
        });
        say(&fixture.journal, changes).await;
        let kept = texts(&fixture.journal).await;
        assert!(kept.len() <= 3 && kept.last().unwrap() == "m_5", "{kept:?}");
        fixture.reopen().await;
        assert_eq!(texts(&fixture.journal).await, kept);
    }
}

#[tokio::test]
async fn an_answer_of_the_platform_outweighs_what_had_arrived_before_it() {
    for Fixture { journal, .. } in &Fixture::both() {
        answered(journal, 1, "a", vec![send(1, "b")]).await;
        let call = start_one(journal, NOW).await.unwrap();
        journal.append(vec![says(1, "c")], 0).await.unwrap();
        let refused = FinishedCall {
            owner: Some(Owner::Other(None)),
            ..finished(call.id, 1, CallResult::Dead("not the owner".to_owned())).remove(0)
        };
        journal.finish_calls(vec![refused]).await.unwrap();
        let ownership = journal.thread(thread(1)).await.unwrap().ownership;
        assert_eq!(ownership.owner, Owner::Other(None));
        let last = claim_one(journal).await.events[0].sequence;
        assert_eq!(ownership.as_of, last);
    }
}

/// A large session is not held for long, but for as long as a batch needs it.
#[tokio::test]
async fn what_follows_the_last_call_changes_nothing_else() {
    for Fixture { journal, .. } in &Fixture::both() {
        for person in 0..30 {
            journal.append(vec![says(person, "a")], 0).await.unwrap();
            let claim = claim_one(journal).await;
            let session = serde_json::json!({ "long": "x".repeat(2000) });
            let settlement = Settlement {
                change: ThreadChange {
                    session: Some(session.clone()),
                    ownership: Some(KnownOwner::seen(Owner::Bot, NOW, 1)),
                    ..ThreadChange::default()
                },
                calls: vec![send(person, "b")],
                hands_out: true,
                ..Settlement::of(claim.thread, vec![claim.events[0].sequence])
            };
            let settled = journal.settle(vec![settlement], release(person)).await;
            let call = settled.unwrap().calls.remove(0);
            let until = NOW + Duration::from_secs(9);
            let pause = PauseChange::Begins {
                until,
                echo: None,
                spares: None,
            };
            // While the first is stored, the others gather in one batch.
            let (busy, sent, paused) = tokio::join!(
                journal.append(vec![says(1000 + person, "a")], 0),
                journal.finish_calls(finished(call.id, person, CallResult::Sent)),
                journal.change_thread(thread(person), ThreadChange::of_pause(pause)),
            );
            busy.unwrap();
            sent.unwrap();
            paused.unwrap();
            let other = claim_one(journal).await;
            let done = Settlement::of(other.thread, vec![other.events[0].sequence]);
            let settled = journal.settle(vec![done], release(1000 + person)).await;
            settled.unwrap();
            let state = journal.thread(thread(person)).await.unwrap();
            assert_eq!(state.session, Some(session));
            assert_eq!(state.ownership.owner, Owner::Bot);
            assert_eq!(state.paused_until(), Some(until));
        }
    }
}

/// A node that comes back gives numbers of another block.
#[tokio::test]
async fn a_message_is_unreadable_once_it_is_deleted_though_the_journal_was_opened_since() {
    for mut fixture in Fixture::both() {
        let mut secret = says(1, "my secret");
        // What was settled long ago is deleted anyway.
        secret.received_at = crate::clock::now();
        let received = Arc::make_mut(&mut secret.received);
        if let EventBody::Message(message) = &mut received.event.body {
            message.mid = Some("m_secret".to_owned());
        }
        fixture.journal.append(vec![secret], 0).await.unwrap();
        let claim = claim_one(&fixture.journal).await;
        let settled = Settlement::of(claim.thread, vec![claim.events[0].sequence]);
        let settled = fixture.journal.settle(vec![settled], release(1)).await;
        settled.unwrap();
        fixture.reopen().await;
        let deleted = ThreadChange {
            deleted: vec!["m_secret".to_owned()],
            ..ThreadChange::default()
        };
        let changed = fixture.journal.change_thread(thread(1), deleted).await;
        changed.unwrap();
        let export = fixture.journal.export(thread(1)).await.unwrap();
        let text = serde_json::to_string(&export).unwrap();
        assert!(!text.contains("my secret"), "{text}");
    }
}

/// As after a commit whose answer was lost.
#[tokio::test]
async fn a_thread_that_is_worked_is_not_handed_out_once_its_retry_is_due() {
    for fixture in Fixture::both() {
        let journal = &fixture.journal;
        let at = crate::clock::now() + Duration::from_secs(3600);
        journal
            .append(vec![says(1, "a"), says(2, "b")], 0)
            .await
            .unwrap();
        let claims = journal.claim(NOW, 10).await.unwrap().items;
        let [first, second] = &claims[..] else {
            panic!("{claims:?}");
        };
        let retried = Settlement {
            result: EventResult::Retry { at },
            ..Settlement::of(first.thread.clone(), vec![first.events[0].sequence])
        };
        journal.settle(vec![retried], Vec::new()).await.unwrap();
        // What the rules know is read again.
        fixture.refuse_calls(true);
        let fails = Settlement {
            calls: vec![send(2, "c")],
            ..Settlement::of(second.thread.clone(), vec![second.events[0].sequence])
        };
        let failed = journal.settle(vec![fails], Vec::new()).await;
        assert_eq!(failed.is_err(), fixture.outlives_the_process());
        fixture.refuse_calls(false);
        let later = at + Duration::from_secs(1);
        let again = journal.claim(later, 10).await.unwrap().items;
        assert!(again.is_empty(), "{again:?}");
        journal.settle(Vec::new(), release(1)).await.unwrap();
        let again = journal.claim(later, 10).await.unwrap().items;
        assert_eq!(again.len(), 1, "{again:?}");
        assert_eq!(again[0].thread, thread(1));
    }
}

/// Calls that are done are deleted, and with them their numbers.
#[tokio::test]
async fn a_pause_spares_no_later_call_after_a_restart() {
    for mut fixture in Fixture::both() {
        let journal = &fixture.journal;
        let pause = ThreadChange::of_pause(PauseChange::Begins {
            until: NOW + Duration::from_secs(3600),
            echo: None,
            spares: Some(1),
        });
        for (text, change) in [("a", ThreadChange::default()), ("b", pause)] {
            journal.append(vec![says(1, text)], 0).await.unwrap();
            let claim = claim_one(journal).await;
            let settlement = Settlement {
                change,
                calls: vec![send(1, text)],
                ..Settlement::of(claim.thread, vec![claim.events[0].sequence])
            };
            journal.settle(vec![settlement], release(1)).await.unwrap();
            let call = start_one(journal, NOW).await.unwrap();
            let sent = finished(call.id, 1, CallResult::Sent);
            journal.finish_calls(sent).await.unwrap();
        }
        fixture.reopen().await;
        let journal = &fixture.journal;
        answered(journal, 1, "c", vec![send(1, "later")]).await;
        let call = start_one(journal, NOW).await.unwrap();
        let spares = journal
            .thread(thread(1))
            .await
            .unwrap()
            .pause
            .unwrap()
            .spares;
        assert!(call.id > spares, "{}: {} {spares}", fixture.name(), call.id);
    }
}

/// Its session is older than sessions are kept, and its timer runs out in some days.
#[tokio::test]
async fn what_is_known_of_a_thread_with_a_timer_is_kept() {
    let retention = || Retention::default().sessions(Duration::from_millis(1));
    let directory = TestDirectory::new();
    let file = Journal::open_with_retention(directory.journal(), retention(), Clock::default());
    let journals = [
        file.unwrap(),
        #[cfg(feature = "postgres")]
        Journal::connect(&super::nodes::fresh(), retention(), Clock::default()).unwrap(),
    ];
    let session = Some(serde_json::json!({ "order": 17 }));
    for journal in &journals {
        let events = (0..500).map(|person| says(person, "a")).collect();
        journal.append(events, 0).await.unwrap();
        let claims = journal.claim(NOW, 500).await.unwrap().items;
        let released = claims.iter().map(|claim| ThreadRelease {
            thread: claim.thread.clone(),
            until: None,
        });
        let released = released.collect();
        let settlements = claims.iter().map(|claim| Settlement {
            change: ThreadChange {
                session: session.clone(),
                ..ThreadChange::default()
            },
            timers: vec![TimerChange {
                name: "reminder".to_owned(),
                set: Some((
                    crate::clock::now() + Duration::from_secs(48 * 3600),
                    timer("reminder"),
                )),
            }],
            ..Settlement::of(claim.thread.clone(), vec![claim.events[0].sequence])
        });
        let settlements = settlements.collect();
        journal.settle(settlements, released).await.unwrap();
        for person in 0..500 {
            // Some of it comes with the commit that looks for old sessions, once a second.
            let appended = journal.append(vec![says(person, "b")], 1).await.unwrap();
            let claim = &appended.claims[0];
            assert_eq!(claim.state.session, session, "{person}");
            tokio::time::sleep(Duration::from_millis(3)).await;
        }
    }
}

#[tokio::test]
async fn that_somebody_answered_is_kept() {
    for mut fixture in Fixture::both() {
        let begins = ThreadChange {
            person_wrote_at: Some(NOW),
            is_message: true,
            begins: true,
            ..ThreadChange::default()
        };
        let is_answered = ThreadChange {
            is_answered: true,
            ..ThreadChange::default()
        };
        say(&fixture.journal, [begins]).await;
        let began = fixture.journal.thread(thread(1)).await.unwrap().began_at;
        assert_eq!(began, Some(NOW), "{}", fixture.name());
        say(&fixture.journal, [is_answered]).await;
        fixture.reopen().await;
        let began = fixture.journal.thread(thread(1)).await.unwrap().began_at;
        assert_eq!(began, None, "{}", fixture.name());
    }
}
