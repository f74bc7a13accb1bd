//! The order of calls.

use std::time::Duration;

use handover_protocol::{AppId, Timestamp};

use super::fixture::{
    Fixture, NOW, answered, claim_one, due, echo, finished, in_one_commit, name_of, pass, release,
    says, send, start_one, take, thread,
};
use crate::journal::{
    CallResult, Journal, NewEvent, OutboxCall, PauseChange, QueuedCall, Settlement, ThreadChange,
};
use crate::thread::{KnownOwner, Owner};

const MINUTE: Duration = Duration::from_secs(60);

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
        control_goes(journal).await;
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
            confirmed_at: NOW,
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

/// Hands out the next call of person 1, and sets it aside for a minute, for the bot may not speak.
async fn set_aside(journal: &Journal, now: Timestamp) -> OutboxCall {
    control_goes(journal).await;
    let call = start_one(journal, now).await.unwrap();
    let blocked = CallResult::Blocked(now + MINUTE);
    let blocked = finished(call.id, 1, blocked);
    journal.finish_calls(blocked).await.unwrap();
    call
}

/// The bot may not speak in the thread of person 1.
async fn control_goes(journal: &Journal) {
    let change = ThreadChange::of_pause(PauseChange::Begins {
        until: Timestamp::MAX,
        echo: None,
        spares: None,
    });
    journal.change_thread(thread(1), change).await.unwrap();
}

/// The bot may speak again in the thread of person 1.
async fn control_comes(journal: &Journal) {
    let change = ThreadChange::of_pause(PauseChange::Ends);
    journal.change_thread(thread(1), change).await.unwrap();
}

/// Makes every call of person 1 that is due, and returns what they say, or their names.
pub(super) async fn made(journal: &Journal, now: Timestamp) -> Vec<String> {
    let mut made = Vec::new();
    while let Some(call) = start_one(journal, now).await {
        made.push(name_of(&call));
        let sent = finished(call.id, 1, CallResult::Sent);
        journal.finish_calls(sent).await.unwrap();
    }
    made
}

fn owned_by(owner: Owner, at: Timestamp, as_of: u64) -> ThreadChange {
    ThreadChange {
        ownership: Some(KnownOwner::seen(owner, at, as_of)),
        ..ThreadChange::default()
    }
}

fn held(text: &str) -> QueuedCall {
    let mut call = send(1, text);
    call.terms.holds = true;
    call
}

#[tokio::test]
async fn what_brings_control_back_does_not_wait_behind_what_waits_for_it() {
    for restarts in [false, true] {
        for mut fixture in Fixture::both() {
            let journal = &fixture.journal;
            answered(journal, 1, "a", vec![held("first"), held("second")]).await;
            set_aside(journal, NOW).await;
            answered(journal, 1, "b", vec![take(1)]).await;
            if restarts {
                fixture.reopen().await;
                if fixture.outlives_the_process() {
                    // It is not known any more that they wait, until the first is tried once more.
                    assert_eq!(name_of(&set_aside(&fixture.journal, NOW).await), "first");
                }
            }
            let journal = &fixture.journal;
            assert_eq!(made(journal, NOW).await, ["take_thread_control"]);
            control_comes(journal).await;
            assert_eq!(made(journal, NOW).await, ["first", "second"]);
        }
    }
}

#[tokio::test]
async fn what_waits_for_control_delays_nothing_and_stays_in_order() {
    for Fixture { journal, .. } in &Fixture::both() {
        answered(journal, 1, "a", vec![held("first")]).await;
        set_aside(journal, NOW).await;
        answered(journal, 1, "b", vec![send(1, "permitted"), held("second")]).await;
        answered(journal, 1, "c", vec![pass(1)]).await;
        let call = start_one(journal, NOW).await.unwrap();
        assert_eq!(name_of(&call), "permitted");
        let sent = finished(call.id, 1, CallResult::Sent);
        journal.finish_calls(sent).await.unwrap();
        // The second is not tried: what holds the first back holds it back as well.
        assert_eq!(made(journal, NOW).await, ["pass_thread_control"]);
        assert_eq!(journal.backlog().await.unwrap().calls, 2);
        answered(journal, 1, "d", vec![send(1, "last")]).await;
        control_comes(journal).await;
        assert_eq!(made(journal, NOW).await, ["first", "second", "last"]);
        assert_eq!(journal.backlog().await.unwrap().calls, 0);
    }
}

#[tokio::test]
async fn what_waits_for_control_is_looked_at_again() {
    for Fixture { journal, .. } in &Fixture::both() {
        answered(journal, 1, "a", vec![held("first"), held("second")]).await;
        set_aside(journal, NOW).await;
        let asked = journal.start_calls(due(9)).await.unwrap();
        assert!(asked.items.is_empty());
        assert_eq!(asked.next_at, Some(NOW + MINUTE));
        // The second need not be tried: what holds the first back holds it back as well.
        assert_eq!(name_of(&set_aside(journal, NOW + MINUTE).await), "first");
        assert!(start_one(journal, NOW + MINUTE).await.is_none());
        let later = NOW + MINUTE * 2;
        assert_eq!(made(journal, later).await, ["first", "second"]);
    }
}

/// It was found blocked, and the bot may speak by the time that this is stored.
#[tokio::test]
async fn what_control_comes_for_meanwhile_is_not_overtaken() {
    for Fixture { journal, .. } in &Fixture::both() {
        control_goes(journal).await;
        answered(journal, 1, "a", vec![held("first"), held("second")]).await;
        let call = start_one(journal, NOW).await.unwrap();
        control_comes(journal).await;
        let blocked = finished(call.id, 1, CallResult::Blocked(NOW + MINUTE));
        journal.finish_calls(blocked).await.unwrap();
        assert_eq!(made(journal, NOW).await, ["first", "second"]);
    }
}

/// It is handed out, and control comes before it is found blocked.
#[tokio::test]
async fn what_comes_back_goes_before_what_was_only_handed_out() {
    for Fixture { journal, .. } in &Fixture::both() {
        answered(journal, 1, "a", vec![held("first")]).await;
        set_aside(journal, NOW).await;
        answered(journal, 1, "b", vec![send(1, "second"), send(1, "third")]).await;
        let call = start_one(journal, NOW).await.unwrap();
        assert_eq!(name_of(&call), "second");
        control_comes(journal).await;
        let blocked = finished(call.id, 1, CallResult::Blocked(NOW + MINUTE));
        journal.finish_calls(blocked).await.unwrap();
        let all = ["first", "second", "third"];
        assert_eq!(made(journal, NOW).await, all);
    }
}

/// Control comes in the same commit.
#[tokio::test]
async fn what_comes_back_while_another_is_handed_out_goes_before_it() {
    let Fixture { journal, .. } = &Fixture::sqlite();
    answered(journal, 1, "a", vec![held("held")]).await;
    set_aside(journal, NOW).await;
    answered(journal, 1, "b", vec![send(1, "new")]).await;
    let (started, ()) =
        in_one_commit(journal, journal.start_calls(due(1)), control_comes(journal)).await;
    assert_eq!(name_of(&started.unwrap().items[0]), "held");
}

/// After a restart, only the oldest is tried. A crash, or control, may come at any moment.
#[tokio::test]
async fn what_waits_behind_what_waits_for_control_is_not_handed_out() {
    for mut fixture in Fixture::both() {
        answered(
            &fixture.journal,
            1,
            "a",
            vec![held("first"), held("second")],
        )
        .await;
        fixture.reopen().await;
        set_aside(&fixture.journal, NOW).await;
        assert!(start_one(&fixture.journal, NOW).await.is_none());
        fixture.reopen().await;
        let journal = &fixture.journal;
        if fixture.outlives_the_process() {
            set_aside(journal, NOW).await;
        }
        answered(journal, 1, "b", vec![held("third")]).await;
        assert!(start_one(journal, NOW).await.is_none());
        control_comes(journal).await;
        assert_eq!(made(journal, NOW).await, ["first", "second", "third"]);
    }
}

/// The pause is over, and no event said so.
#[tokio::test]
async fn what_is_new_does_not_overtake_what_may_be_said_again() {
    for Fixture { journal, .. } in &Fixture::both() {
        answered(journal, 1, "a", vec![held("first")]).await;
        set_aside(journal, NOW).await;
        let over = ThreadChange::of_pause(PauseChange::Begins {
            until: NOW,
            echo: None,
            spares: None,
        });
        journal.change_thread(thread(1), over).await.unwrap();
        answered(journal, 1, "b", vec![send(1, "second")]).await;
        assert_eq!(made(journal, NOW).await, ["first", "second"]);
    }
}

#[tokio::test]
async fn an_answer_waits_as_a_whole() {
    for Fixture { journal, .. } in &Fixture::both() {
        let answer = vec![
            part_of(7, held("farewell")),
            part_of(7, send(1, "and more")),
            part_of(7, pass(1)),
        ];
        answered(journal, 1, "a", answer).await;
        assert_eq!(name_of(&set_aside(journal, NOW).await), "farewell");
        // Nor does the handoff in it keep events back.
        answered(journal, 1, "b", vec![part_of(8, send(1, "other"))]).await;
        assert_eq!(made(journal, NOW).await, ["other"]);
        control_comes(journal).await;
        let all = ["farewell", "and more", "pass_thread_control"];
        assert_eq!(made(journal, NOW).await, all);
    }
}

/// A call as a part of this answer.
fn part_of(outcome: u64, mut call: QueuedCall) -> QueuedCall {
    call.outcome = outcome;
    call
}

/// The handoff waits as long as the message before it, so no event need wait for the handoff.
#[tokio::test]
async fn a_handoff_that_waits_for_control_keeps_no_event_back() {
    for Fixture { journal, .. } in &Fixture::both() {
        answered(journal, 1, "a", vec![held("first")]).await;
        set_aside(journal, NOW).await;
        answered(
            journal,
            1,
            "b",
            vec![part_of(7, held("farewell")), part_of(7, pass(1))],
        )
        .await;
        journal.append(vec![says(1, "c")], 0).await.unwrap();
        assert!(journal.claim(NOW, 9).await.unwrap().items.is_empty());
        let asked = journal.start_calls(due(9)).await.unwrap();
        assert!(asked.items.is_empty());
        assert!(asked.ready.events, "somebody is told of it");
        assert_eq!(journal.claim(NOW, 9).await.unwrap().items.len(), 1);
    }
}

/// Events that wait may change what holds it back, and its echo may come at any time.
#[tokio::test]
async fn what_may_have_gone_through_waits_for_control_as_the_rest_of_its_answer() {
    for Fixture { journal, .. } in &Fixture::both() {
        let answer = vec![
            part_of(7, held("farewell")),
            part_of(7, held("and more")),
            part_of(7, pass(1)),
        ];
        answered(journal, 1, "a", answer).await;
        let call = start_one(journal, NOW).await.unwrap();
        let lost = finished(call.id, 1, CallResult::Uncertain(NOW));
        journal.finish_calls(lost).await.unwrap();
        journal.append(vec![says(1, "b")], 0).await.unwrap();
        assert!(journal.claim(NOW, 9).await.unwrap().items.is_empty());
        let call = set_aside(journal, NOW).await;
        assert!(call.uncertain);
        assert_eq!(journal.claim(NOW, 9).await.unwrap().items.len(), 1);
        let echo = NewEvent {
            confirms: Some(call.reference),
            ..echo(1, "farewell")
        };
        journal.append(vec![echo], 0).await.unwrap();
        assert_eq!(journal.backlog().await.unwrap().calls, 2);
        control_comes(journal).await;
        let all = ["and more", "pass_thread_control"];
        assert_eq!(made(journal, NOW).await, all);
    }
}

/// The inbox has the thread, whether or not the bot was restarted since.
#[tokio::test]
async fn a_handoff_that_waits_is_done_once_its_target_has_the_thread() {
    for restarts in [false, true] {
        for mut fixture in Fixture::both() {
            let answer = vec![part_of(7, held("farewell")), part_of(7, pass(1))];
            answered(&fixture.journal, 1, "a", answer).await;
            let inbox = Owner::Other(Some(AppId::PAGE_INBOX));
            let taken = owned_by(inbox, NOW, 10);
            fixture
                .journal
                .change_thread(thread(1), taken)
                .await
                .unwrap();
            if restarts {
                fixture.reopen().await;
            }
            let journal = &fixture.journal;
            let call = start_one(journal, NOW).await.unwrap();
            let blocked = finished(call.id, 1, CallResult::Blocked(NOW + MINUTE));
            journal.finish_calls(blocked).await.unwrap();
            assert_eq!(journal.backlog().await.unwrap().calls, 1);
            let given_back = owned_by(Owner::Bot, NOW, 11);
            journal.change_thread(thread(1), given_back).await.unwrap();
            assert_eq!(made(journal, NOW).await, ["farewell"]);
            assert_eq!(journal.backlog().await.unwrap().calls, 0);
        }
    }
}

/// Another app had the thread, and passes it on.
#[tokio::test]
async fn a_handoff_that_waits_alone_is_done_once_its_target_gets_the_thread() {
    for restarts in [false, true] {
        for mut fixture in Fixture::both() {
            answered(&fixture.journal, 1, "a", vec![pass(1)]).await;
            let desk = Owner::Other(Some(AppId::from_static("777")));
            let taken = owned_by(desk, NOW, 10);
            let journal = &fixture.journal;
            journal.change_thread(thread(1), taken).await.unwrap();
            if restarts {
                fixture.reopen().await;
            }
            let journal = &fixture.journal;
            let call = start_one(journal, NOW).await.unwrap();
            let blocked = finished(call.id, 1, CallResult::Blocked(NOW + MINUTE));
            journal.finish_calls(blocked).await.unwrap();
            assert_eq!(journal.backlog().await.unwrap().calls, 1);
            let inbox = Owner::Other(Some(AppId::PAGE_INBOX));
            let passed_on = owned_by(inbox, journal.now(), 11);
            journal.change_thread(thread(1), passed_on).await.unwrap();
            assert_eq!(journal.backlog().await.unwrap().calls, 0);
            let given_back = owned_by(Owner::Bot, NOW, 12);
            journal.change_thread(thread(1), given_back).await.unwrap();
            assert_eq!(made(journal, NOW).await, Vec::<String>::new());
        }
    }
}

#[tokio::test]
async fn what_comes_back_does_not_overtake_what_has_begun() {
    for Fixture { journal, .. } in &Fixture::both() {
        answered(journal, 1, "a", vec![held("held")]).await;
        set_aside(journal, NOW).await;
        answered(journal, 1, "b", vec![send(1, "begun")]).await;
        let begun = start_one(journal, NOW).await.unwrap();
        control_comes(journal).await;
        let again = finished(begun.id, 1, CallResult::RetryAt(NOW + MINUTE));
        journal.finish_calls(again).await.unwrap();
        assert!(start_one(journal, NOW).await.is_none());
        assert_eq!(made(journal, NOW + MINUTE).await, ["begun", "held"]);
    }
}

/// Its echo is looked for at the head of the thread.
#[tokio::test]
async fn what_was_begun_comes_first_after_a_restart() {
    let mut fixture = Fixture::sqlite();
    answered(&fixture.journal, 1, "a", vec![held("held")]).await;
    set_aside(&fixture.journal, NOW).await;
    answered(&fixture.journal, 1, "b", vec![send(1, "begun")]).await;
    start_one(&fixture.journal, NOW).await.unwrap();
    fixture.reopen().await;
    assert!(start_one(&fixture.journal, NOW).await.is_none());
    let call = start_one(&fixture.journal, Timestamp::MAX).await.unwrap();
    assert_eq!((name_of(&call).as_str(), call.uncertain), ("begun", true));
}

#[tokio::test]
async fn what_may_have_gone_through_stays_in_order_after_a_restart() {
    let mut fixture = Fixture::sqlite();
    answered(&fixture.journal, 1, "a", vec![held("first")]).await;
    let call = start_one(&fixture.journal, NOW).await.unwrap();
    let lost = finished(call.id, 1, CallResult::Uncertain(NOW));
    fixture.journal.finish_calls(lost).await.unwrap();
    set_aside(&fixture.journal, NOW).await;
    answered(&fixture.journal, 1, "b", vec![send(1, "second")]).await;
    start_one(&fixture.journal, NOW).await.unwrap();
    fixture.reopen().await;
    let journal = &fixture.journal;
    assert!(start_one(journal, NOW).await.is_none());
    assert_eq!(made(journal, Timestamp::MAX).await, ["first", "second"]);
}

#[tokio::test]
async fn what_waits_for_control_is_forgotten_with_its_thread() {
    for Fixture { journal, .. } in &Fixture::both() {
        answered(journal, 1, "a", vec![held("held")]).await;
        set_aside(journal, NOW).await;
        assert_eq!(journal.forget(thread(1)).await.unwrap().calls, 1);
        control_comes(journal).await;
        assert_eq!(made(journal, NOW + MINUTE).await, Vec::<String>::new());
        assert_eq!(journal.backlog().await.unwrap().calls, 0);
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
async fn a_call_whose_time_has_come_is_handed_out_before_new_ones() {
    for Fixture { journal, .. } in &Fixture::both() {
        answered(journal, 1, "a", vec![send(1, "put off")]).await;
        let call = start_one(journal, NOW).await.unwrap();
        let turn = NOW + Duration::from_millis(1000);
        let put_off = finished(call.id, 1, CallResult::PutOff(turn));
        journal.finish_calls(put_off).await.unwrap();
        for person in [2, 3, 4] {
            answered(journal, person, "b", vec![send(person, "new")]).await;
        }
        let mut order = Vec::new();
        for now in [NOW, turn, turn, turn] {
            order.push(start_one(journal, now).await.unwrap().thread);
        }
        assert_eq!(order, [2, 1, 3, 4].map(thread));
    }
}

#[tokio::test]
async fn what_could_not_be_stored_is_not_handed_out() {
    for fixture in Fixture::both() {
        if !fixture.outlives_the_process() {
            continue;
        }
        let journal = &fixture.journal;
        journal.append(vec![says(1, "a")], 0).await.unwrap();
        let claim = claim_one(journal).await;
        let settlement = Settlement {
            calls: vec![send(1, "b")],
            hands_out: true,
            ..Settlement::of(claim.thread, vec![claim.events[0].sequence])
        };
        fixture.refuse_calls(true);
        let settled = journal.settle(vec![settlement.clone()], Vec::new()).await;
        assert!(settled.is_err(), "{settled:?}");
        assert!(start_one(journal, NOW).await.is_none());
        fixture.refuse_calls(false);
        // As the dispatcher does, which then handles the event again.
        journal.settle(Vec::new(), release(1)).await.unwrap();
        let again = claim_one(journal).await;
        assert_eq!(again.events[0].sequence, settlement.sequences[0]);
        let settled = journal.settle(vec![settlement], release(1)).await.unwrap();
        assert_eq!(settled.calls.len(), 1);
        assert!(!settled.calls[0].uncertain);
    }
}
