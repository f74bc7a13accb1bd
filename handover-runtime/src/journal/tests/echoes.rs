//! Echoes of calls.

use std::time::{Duration, SystemTime};

use handover_protocol::{
    Object, OutgoingAttachment, OutgoingMessage, Recipient, SendRequest, Timestamp,
};

use super::fixture::{
    Fixture, NOW, answered, claim_one, due, echo, finished, in_one_commit, says, send, start_one,
    thread,
};
use crate::graph::Call;
use crate::journal::{
    AppendStatus, CallResult, DedupeKey, Due, Figures, FinishedCall, HistoryLimits, Journal,
    NewEvent, PauseChange, QueuedCall, ReceiptStatus, Settlement, Speaker, Submission, Submitted,
    ThreadChange, Turn,
};

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

/// Its echo has come, so it was sent, whatever its answer was.
#[tokio::test]
async fn a_receipt_says_so_when_the_echo_has_come() {
    let answers = [
        CallResult::Uncertain(NOW + Duration::from_millis(1000)),
        CallResult::RetryAt(NOW + Duration::from_millis(1000)),
        CallResult::Dead("refused".to_owned()),
    ];
    for answer in answers {
        for Fixture { journal, .. } in &Fixture::both() {
            let sent = send(1, "hello");
            let mut echo = says(1, "the echo");
            echo.confirms = Some(sent.reference.clone());
            let submission = Submission {
                thread: thread(1),
                id: "a".to_owned(),
                digest: DedupeKey::default(),
                content: Submitted::Calls(vec![sent]),
            };
            journal.submit(submission).await.unwrap();
            let call = start_one(journal, NOW).await.unwrap();
            journal.append(vec![echo], 0).await.unwrap();
            let finished = finished(call.id, 1, answer.clone());
            journal.finish_calls(finished).await.unwrap();
            let receipt = journal.receipt(thread(1), "a".to_owned()).await.unwrap();
            let status = receipt.unwrap().status;
            assert!(
                matches!(status, ReceiptStatus::Sent { .. }),
                "{answer:?}: {status:?}"
            );
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
async fn an_echo_in_the_first_commit_after_a_start_overwrites_nothing() {
    let mut fixture = Fixture::sqlite();
    let history = HistoryLimits::default();
    fixture.journal.keep_history(history.into());
    let sent = send(1, "hello");
    let mut echo = says(1, "the echo");
    echo.confirms = Some(sent.reference.clone());
    answered(&fixture.journal, 1, "a", vec![sent]).await;
    let said = ThreadChange {
        session: Some("cart".into()),
        said: vec![Turn {
            at: crate::clock::now(),
            ..Turn::new(Speaker::Person, "a")
        }],
        ..ThreadChange::default()
    };
    let change = fixture.journal.change_thread(thread(1), said);
    change.await.unwrap();
    start_one(&fixture.journal, NOW).await.unwrap();
    fixture.reopen().await;
    let journal = &fixture.journal;
    let ((), appended) = in_one_commit(
        journal,
        async { journal.keep_history(history.into()) },
        journal.append(vec![echo], 0),
    )
    .await;
    appended.unwrap();
    let state = journal.thread(thread(1)).await.unwrap();
    let texts: Vec<_> = state.history().map(ToString::to_string).collect();
    assert_eq!(texts, ["a", "hello"]);
    assert_eq!(state.session, Some("cart".into()));
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

/// The platform may still be fetching it when the next process starts.
#[tokio::test]
async fn a_video_that_was_being_sent_is_waited_for_from_when_it_was_begun() {
    for mut fixture in Fixture::both() {
        if !fixture.outlives_the_process() {
            continue;
        }
        let video = OutgoingAttachment::video("https://example.com/hat.mp4");
        let video = Call::Messages(SendRequest {
            recipient: Recipient::id("1"),
            message: Some(OutgoingMessage::attachment(video)),
            ..SendRequest::default()
        });
        let video = QueuedCall::new(video, Object::Page);
        answered(&fixture.journal, 1, "a", vec![video]).await;
        let begun = Timestamp::from(SystemTime::now());
        let call = start_one(&fixture.journal, begun).await.unwrap();
        fixture.reopen().await;
        let after = |seconds| start_one(&fixture.journal, begun + Duration::from_secs(seconds));
        assert!(after(95).await.is_none(), "{}", fixture.name());
        let again = after(101).await.unwrap();
        assert_eq!((again.id, again.uncertain), (call.id, true));
    }
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
            echo: Some("1/the echo".to_owned()),
            ..finished(call.id, 1, CallResult::Sent).remove(0)
        };
        journal.finish_calls(vec![sent]).await.unwrap();
        assert_eq!(
            journal.append(vec![echo], 0).await.unwrap().appended,
            [AppendStatus::Duplicate]
        );
    }
}

/// Otherwise the state of each person who got an answer stays in memory.
#[tokio::test]
async fn a_large_thread_is_not_held_after_the_echo_of_an_answer() {
    for fixture in Fixture::both() {
        if !fixture.outlives_the_process() {
            continue;
        }
        let journal = &fixture.journal;
        journal.keep_history(HistoryLimits::default().into());
        let sent = send(1, "hello");
        let reference = sent.reference.clone();
        answered(journal, 1, "a", vec![sent]).await;
        let change = ThreadChange {
            session: Some("cart".repeat(1000).into()),
            ..ThreadChange::default()
        };
        journal.change_thread(thread(1), change).await.unwrap();
        let call = start_one(journal, NOW).await.unwrap();
        let sent = FinishedCall {
            echo: Some("1/the echo".to_owned()),
            ..finished(call.id, 1, CallResult::Sent).remove(0)
        };
        journal.finish_calls(vec![sent]).await.unwrap();
        let held = || journal.read(|engine| Ok(engine.rules.figures(NOW).threads));
        let none = Figures::default().threads;
        assert_eq!(held().await.unwrap(), none, "{}", fixture.name());
        let echo = NewEvent {
            confirms: Some(reference),
            ..echo(1, "the echo")
        };
        let appended = journal.append(vec![echo], 0).await.unwrap().appended;
        assert_eq!(appended, [AppendStatus::Duplicate]);
        assert_eq!(held().await.unwrap(), none, "{}", fixture.name());
    }
}

/// Nothing in it shows that it is the bot's, but the answer.
#[tokio::test]
async fn an_echo_whose_call_is_answered_while_it_is_handled_is_no_humans() {
    for Fixture { journal, .. } in &Fixture::both() {
        answered(journal, 1, "a", vec![send(1, "hello")]).await;
        let call = start_one(journal, NOW).await.unwrap();
        journal.append(vec![echo(1, "the echo")], 0).await.unwrap();
        let claim = claim_one(journal).await;
        let echo = Some("1/the echo".to_owned());
        let sent = FinishedCall {
            echo: echo.clone(),
            ..finished(call.id, 1, CallResult::Sent).remove(0)
        };
        journal.finish_calls(vec![sent]).await.unwrap();
        let pause = PauseChange::Begins {
            until: NOW + Duration::from_secs(3600),
            echo,
            spares: None,
        };
        let settlement = Settlement {
            change: ThreadChange::of_pause(pause),
            ..Settlement::of(claim.thread, vec![claim.events[0].sequence])
        };
        journal.settle(vec![settlement], Vec::new()).await.unwrap();
        let state = journal.thread(thread(1)).await.unwrap();
        assert_eq!(state.paused_until(), None);
    }
}

/// The call is due, and in the same commit its echo comes, from another node or late.
#[tokio::test]
async fn a_call_whose_echo_comes_with_its_turn_is_not_made() {
    let Fixture { journal, .. } = &Fixture::sqlite();
    let sent = send(1, "hello");
    let echo = NewEvent {
        confirms: Some(sent.reference.clone()),
        ..echo(1, "hello")
    };
    answered(journal, 1, "a", vec![sent]).await;
    let call = start_one(journal, NOW).await.unwrap();
    let due_at = NOW + Duration::from_secs(10);
    let lost = finished(call.id, 1, CallResult::Uncertain(due_at));
    journal.finish_calls(lost).await.unwrap();
    let due = Due {
        now: due_at,
        ..due(1)
    };
    let (started, appended) = in_one_commit(
        journal,
        journal.start_calls(due),
        journal.append(vec![echo], 0),
    )
    .await;
    assert!(started.unwrap().items.is_empty());
    assert_eq!(appended.unwrap().appended, [AppendStatus::Stored]);
    assert_eq!(journal.backlog().await.unwrap().calls, 0);
}
