//! Single rules, of every journal.

use handover_protocol::Timestamp;
use std::time::{Duration, SystemTime};

use crate::internal_event::ReclaimTimer;
use crate::journal::{
    AppendStatus, AwayPeriod, CallResult, Claim, EventResult, FinishedCall, Journal, NewCall,
    OutboxCall, PauseChange, Settlement, Speaker, ThreadChange, ThreadPause, ThreadRelease,
    ThreadState, TimerChange, TranscriptLine, Update,
};
use crate::thread::{Owner, Ownership};

use super::fixture::{
    Fixture, NOW, due, echo, finished, pass, release, says, send, take, text_of, thread, timer,
};

/// Appends what a person said and settles it with these calls.
async fn answered(journal: &Journal, person: usize, text: &str, calls: Vec<NewCall>) {
    journal.append(vec![says(person, text)], 0).await.unwrap();
    let claim = claim_one(journal).await;
    let settlement = Settlement {
        calls,
        ..Settlement::of(claim.thread, vec![claim.events[0].sequence])
    };
    journal.settle(vec![settlement], Vec::new()).await.unwrap();
    journal.settle(Vec::new(), release(person)).await.unwrap();
}

async fn claim_one(journal: &Journal) -> Claim {
    journal.claim(NOW, 1).await.unwrap().claims.remove(0)
}

async fn start_one(journal: &Journal, now: Timestamp) -> Option<OutboxCall> {
    let mut asked = due(1);
    asked.now = now;
    journal.start_calls(asked).await.unwrap().calls.pop()
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
        assert!(journal.claim(NOW, 9).await.unwrap().claims.is_empty());

        let ready = journal.make_due("1".into(), NOW).await.unwrap();
        assert!(!ready.events && !ready.calls, "others' are left alone");
        assert!(journal.claim(NOW, 9).await.unwrap().claims.is_empty());
        assert!(start_one(journal, NOW).await.is_none());

        let account = thread(1).account;
        let ready = journal.make_due(account, NOW).await.unwrap();
        assert!(ready.events && ready.calls);
        let claims = journal.claim(NOW, 9).await.unwrap().claims;
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
        assert!(early.claims.is_empty());
        assert_eq!(early.next_at, until);
        let claims = journal
            .claim(NOW + Duration::from_millis(1000), 9)
            .await
            .unwrap()
            .claims;
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
        let events = &later.claims[0].events;
        let of_events = events
            .iter()
            .map(|event| (text_of(&event.event), event.attempts));
        assert_eq!(Vec::from_iter(of_events), [("a", 1), ("b", 0)]);
    }
}

#[tokio::test]
async fn what_is_known_of_a_thread_is_kept() {
    for mut fixture in Fixture::both() {
        let journal = fixture.journal.clone();
        journal.append(vec![says(1, "a")], 0).await.unwrap();
        let claim = claim_one(&journal).await;
        let inbox = Owner::Other(Some("263902037430900".into()));
        let ownership = Ownership {
            owner: inbox,
            since: NOW,
            seen_at: NOW,
            as_of: 7,
        };
        let line = TranscriptLine {
            mid: Some("m_1".to_owned()),
            at: NOW,
            speaker: Speaker::Agent,
            text: "Hi, this is Ana".to_owned(),
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
                heard: vec![line.clone()],
                ..ThreadChange::default()
            },
            ..Settlement::of(claim.thread, vec![claim.events[0].sequence])
        };
        journal.settle(vec![settlement], Vec::new()).await.unwrap();
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
                spares: 2,
            }),
            away: Some(AwayPeriod {
                since: NOW,
                from: Some("263902037430900".into()),
            }),
            idle_after: Some(Duration::from_secs(1)),
            reclaiming: Some(ReclaimTimer::Reclaim),
            transcript: vec![line],
        };
        assert_eq!(kept, expected);
    }
}

#[tokio::test]
async fn a_transcript_follows_edits_and_forgets_what_was_deleted() {
    for Fixture { journal, .. } in &Fixture::both() {
        let line = |mid: &str| TranscriptLine {
            mid: Some(mid.to_owned()),
            at: NOW,
            speaker: Speaker::Person,
            text: mid.to_owned(),
        };
        for (text, change) in [
            (
                "first",
                ThreadChange {
                    heard: ["m_1", "m_2", "m_3"].map(line).into(),
                    ..ThreadChange::default()
                },
            ),
            (
                "second",
                ThreadChange {
                    edited: vec![("m_2".to_owned(), "edited".to_owned())],
                    deleted: vec!["m_1".to_owned(), "unknown".to_owned()],
                    ..ThreadChange::default()
                },
            ),
        ] {
            journal.append(vec![says(1, text)], 0).await.unwrap();
            let claim = claim_one(journal).await;
            let settlement = Settlement {
                change,
                ..Settlement::of(claim.thread.clone(), vec![claim.events[0].sequence])
            };
            let release = ThreadRelease {
                thread: claim.thread,
                until: None,
            };
            journal
                .settle(vec![settlement], vec![release])
                .await
                .unwrap();
        }
        let kept = journal.thread(thread(1)).await.unwrap().transcript;
        let texts: Vec<_> = kept.iter().map(|line| line.text.as_str()).collect();
        assert_eq!(texts, ["edited", "m_3"]);
    }
}

#[tokio::test]
async fn a_transcript_keeps_its_last_lines() {
    for Fixture { journal, .. } in &Fixture::both() {
        let lines = 0..ThreadState::TRANSCRIPT_LINES + 10;
        for number in lines.clone() {
            let text = number.to_string();
            journal.append(vec![says(1, &text)], 0).await.unwrap();
            let claim = claim_one(journal).await;
            let heard = TranscriptLine {
                mid: None,
                at: NOW,
                speaker: Speaker::Person,
                text,
            };
            let settlement = Settlement {
                change: ThreadChange {
                    heard: vec![heard],
                    ..ThreadChange::default()
                },
                ..Settlement::of(claim.thread, vec![claim.events[0].sequence])
            };
            journal.settle(vec![settlement], Vec::new()).await.unwrap();
            journal.settle(Vec::new(), release(1)).await.unwrap();
        }
        let kept = journal.thread(thread(1)).await.unwrap().transcript;
        assert_eq!(kept.len(), ThreadState::TRANSCRIPT_LINES);
        assert_eq!(kept.last().unwrap().text, (lines.end - 1).to_string());
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

#[tokio::test]
async fn the_echo_of_a_call_confirms_it() {
    for Fixture { journal, .. } in &Fixture::both() {
        let sent = send(1, "hello");
        let mut echo = says(1, "the echo");
        echo.confirms = Some(sent.reference.clone());
        answered(journal, 1, "a", vec![sent, send(1, "next")]).await;
        let call = start_one(journal, NOW).await.unwrap();
        assert!(!call.echoes);
        let uncertain = finished(
            call.id,
            1,
            CallResult::Uncertain(NOW + Duration::from_millis(1000)),
        );
        journal.finish_calls(uncertain).await.unwrap();
        assert!(
            start_one(journal, NOW).await.is_none(),
            "it waits for its echo"
        );
        assert_eq!(
            journal.append(vec![echo], 0).await.unwrap().appended,
            [AppendStatus::Stored]
        );
        let next = start_one(journal, NOW).await.unwrap();
        assert_ne!(next.id, call.id);
        assert!(!next.uncertain && next.echoes);
        assert_eq!(
            journal.backlog().await.unwrap().events,
            0,
            "nobody handles the echo"
        );
    }
}

#[tokio::test]
async fn an_echo_that_is_quicker_than_the_answer_counts() {
    let answers = [
        CallResult::Uncertain(NOW + Duration::from_millis(1000)),
        CallResult::RetryAt(NOW + Duration::from_millis(1000)),
        CallResult::Dead("refused".to_owned()),
    ];
    for answer in answers {
        for Fixture { journal, .. } in &Fixture::both() {
            let call = started_with_its_echo(journal).await;
            journal
                .finish_calls(finished(call, 1, answer.clone()))
                .await
                .unwrap();
            let left = journal.backlog().await.unwrap();
            assert_eq!((left.calls, left.dead_letters), (0, 0), "{answer:?}");
        }
    }
}

#[tokio::test]
async fn a_call_whose_echo_came_before_a_crash_is_not_made_again() {
    let mut fixture = Fixture::sqlite();
    started_with_its_echo(&fixture.journal).await;
    fixture.reopen().await;
    let left = fixture.journal.backlog().await.unwrap();
    assert_eq!((left.calls, left.dead_letters), (0, 0));
}

#[tokio::test]
async fn the_wait_for_an_echo_restarts_with_the_bot() {
    let mut fixture = Fixture::sqlite();
    answered(&fixture.journal, 1, "a", vec![send(1, "hello")]).await;
    let call = start_one(&fixture.journal, NOW).await.unwrap();
    let uncertain = finished(
        call.id,
        1,
        CallResult::Uncertain(NOW + Duration::from_millis(1000)),
    );
    fixture.journal.finish_calls(uncertain).await.unwrap();
    fixture.reopen().await;
    let now = Timestamp::from(SystemTime::now());
    assert!(
        start_one(&fixture.journal, now).await.is_none(),
        "while no bot ran, nobody heard it"
    );
    let again = start_one(&fixture.journal, now + Duration::from_secs(60))
        .await
        .unwrap();
    assert_eq!((again.id, again.uncertain), (call.id, true));
}

#[tokio::test]
async fn an_echo_in_the_commit_that_records_the_lost_answer_counts() {
    for Fixture { journal, .. } in &Fixture::both() {
        let sent = send(1, "hello");
        let mut echo = says(1, "the echo");
        echo.confirms = Some(sent.reference.clone());
        answered(journal, 1, "a", vec![sent]).await;
        let call = start_one(journal, NOW).await.unwrap();
        let uncertain = finished(
            call.id,
            1,
            CallResult::Uncertain(NOW + Duration::from_millis(1000)),
        );
        // Asked for while the writer is busy, both are committed together.
        let busy = (0..500).map(|number| says(2, &number.to_string()));
        let (busy, uncertain, echo) = tokio::join!(
            journal.append(busy.collect(), 0),
            journal.finish_calls(uncertain),
            journal.append(vec![echo], 0),
        );
        busy.and(echo).and(uncertain).unwrap();
        assert_eq!(journal.backlog().await.unwrap().calls, 0);
        assert!(
            start_one(journal, NOW + Duration::from_millis(1000))
                .await
                .is_none()
        );
    }
}

/// The number of a call that is under way and whose echo has come.
async fn started_with_its_echo(journal: &Journal) -> u64 {
    let sent = send(1, "hello");
    let mut echo = says(1, "the echo");
    echo.confirms = Some(sent.reference.clone());
    answered(journal, 1, "a", vec![sent]).await;
    let call = start_one(journal, NOW).await.unwrap();
    journal.append(vec![echo], 0).await.unwrap();
    call.id
}

#[tokio::test]
async fn without_an_echo_a_call_comes_back_as_uncertain() {
    for Fixture { journal, .. } in &Fixture::both() {
        answered(journal, 1, "a", vec![send(1, "hello")]).await;
        let call = start_one(journal, NOW).await.unwrap();
        let uncertain = finished(
            call.id,
            1,
            CallResult::Uncertain(NOW + Duration::from_millis(1000)),
        );
        journal.finish_calls(uncertain).await.unwrap();
        let again = start_one(journal, NOW + Duration::from_millis(1000))
            .await
            .unwrap();
        assert_eq!((again.id, again.uncertain), (call.id, true));
    }
}

#[tokio::test]
async fn an_echo_that_is_known_already_is_no_event() {
    for Fixture { journal, .. } in &Fixture::both() {
        answered(journal, 1, "a", vec![send(1, "hello")]).await;
        let call = start_one(journal, NOW).await.unwrap();
        let echo = echo(1, "the echo");
        let sent = FinishedCall {
            echo: Some(echo.dedupe_key.clone()),
            ..finished(call.id, 1, CallResult::Sent).remove(0)
        };
        journal.finish_calls(vec![sent]).await.unwrap();
        assert_eq!(
            journal.append(vec![echo], 0).await.unwrap().appended,
            [AppendStatus::Duplicate]
        );
    }
}

#[tokio::test]
async fn nothing_of_a_paused_account_is_handed_out() {
    for Fixture { journal, .. } in &Fixture::both() {
        answered(journal, 1, "a", vec![send(1, "hello")]).await;
        let mut asked = due(9);
        asked.paused = vec![thread(1).account];
        assert!(journal.start_calls(asked).await.unwrap().calls.is_empty());
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
        let ownership = Ownership {
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
        assert!(early.claims.is_empty());
        let claims = journal
            .claim(NOW + Duration::from_millis(30), 1)
            .await
            .unwrap()
            .claims;
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
        assert!(early.claims.is_empty());
        assert_eq!(early.next_at, Some(NOW + Duration::from_millis(10)));
        let mut late = journal
            .claim(NOW + Duration::from_millis(30), 1)
            .await
            .unwrap();
        assert_eq!(late.next_at, None);
        let events = late.claims.remove(0).events;
        let names = events.iter().map(|event| text_of(&event.event));
        assert_eq!(Vec::from_iter(names), ["moved", "late"]);
    }
}

#[tokio::test]
async fn what_is_asked_of_a_closed_journal_is_an_error_or_done() {
    let fixture = Fixture::sqlite();
    fixture.journal.close().await.unwrap();
    let asked = fixture.journal.append(vec![says(1, "a")], 0);
    let answer = tokio::time::timeout(Duration::from_secs(5), asked)
        .await
        .unwrap();
    assert!(answer.unwrap_err().to_string().contains("journal"));
}
