//! What is known of a thread.

use std::time::Duration;

use super::fixture::{
    Fixture, NOW, answered, claim_one, finished, release, says, send, start_one, thread,
};
use crate::internal_event::ReclaimTimer;
use crate::journal::{
    AwayPeriod, CallResult, FinishedCall, PauseChange, Settlement, Speaker, ThreadChange,
    ThreadPause, ThreadRelease, ThreadState, TranscriptLine, Update,
};
use crate::thread::{Owner, Ownership};

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
