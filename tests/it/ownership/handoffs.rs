//! Agents who are quicker than the handoff to them.

use handover_testkit::http;

use super::*;
use crate::support::gate::{Gate, Gated};

#[on_message(text = "agent")]
#[handoff(to = "page_inbox")]
async fn to_agent(gate: State<Gate>) {
    gate.passed().await;
}

#[on_message(text = "agent, please")]
#[handoff(to = "page_inbox", say = "One moment.")]
async fn to_agent_in_words(gate: State<Gate>) {
    gate.passed().await;
}

#[on_message(text = "agent, for a while")]
#[handoff(to = "page_inbox", say = "One moment.", reclaim_after = "30m")]
async fn to_agent_for_a_while(gate: State<Gate>) {
    gate.passed().await;
}

#[on_timer(name = "reclaim")]
async fn reclaimed() -> &'static str {
    "Sorry for the wait."
}

#[on_handoff_failed]
async fn failed() -> &'static str {
    "I could not reach anybody."
}

/// The person asks for an agent, and while the handler is at work, this app takes the thread.
async fn quicker(store: Store, blocked: Blocked, text: &str, owner: u64) -> Scene {
    quicker_after(store, blocked, text, owner, []).await
}

/// The same, after these events.
async fn quicker_after<const N: usize>(
    store: Store,
    blocked: Blocked,
    text: &str,
    owner: u64,
    before: [Value; N],
) -> Scene {
    let gate = Gate::default();
    let state = Gated { gate: gate.clone() };
    let routes = routes![
        to_agent,
        to_agent_in_words,
        to_agent_for_a_while,
        reclaimed,
        failed,
        echo
    ];
    let bot = Bot::with_state(state, routes).blocked(blocked);
    let scene = Scene::start(store, bot).await;
    let on = On::Messenger;
    scene.has_begun(on).await;
    scene.deliver(on, [on.message(text)]).await;
    gate.reached().await;
    for event in before {
        scene.deliver(on, [event]).await;
    }
    let take = json!({ "previous_owner_app_id": APP, "new_owner_app_id": owner });
    scene.deliver(on, [item("take_thread_control", take)]).await;
    gate.open_for(1);
    scene
}

/// The bot has not handed it over.
async fn the_agent_took_it(scene: &Scene) {
    let overview = http::get(format!("{}/overview", scene.bot.operations)).await;
    let overview: Value = overview.unwrap().json().await.unwrap();
    let handovers = &overview["handovers"];
    assert_eq!(handovers["by_the_bot"], 0, "{handovers:#}");
    assert_eq!(handovers["taken"], 1, "{handovers:#}");
}

#[tokio::test]
async fn an_agent_who_is_quicker_has_the_thread_as_wanted() {
    for store in STORES {
        let scene = quicker(store, Blocked::DeadLetter, "agent", PAGE_INBOX).await;
        scene.settled().await;
        assert_eq!(scene.called().len(), 2, "nothing is left to do");
        assert!(scene.dead().await.is_empty(), "{:?}", scene.dead().await);
        let owner = scene.thread(On::Messenger).await.ownership().owner;
        assert_eq!(owner, handover::Owner::Other(Some(PAGE_INBOX.into())));
        the_agent_took_it(&scene).await;
    }
}

/// It is handled after the handoff, and before what tells of the agent.
#[tokio::test]
async fn what_the_person_writes_before_a_quicker_agent_comes_is_the_agents() {
    for store in STORES {
        let before = [On::Messenger.message("hello?")];
        let blocked = Blocked::DeadLetter;
        let scene = quicker_after(store, blocked, "agent", PAGE_INBOX, before).await;
        scene.settled().await;
        assert_eq!(scene.called().len(), 2, "{:?}", scene.called());
        assert!(scene.dead().await.is_empty(), "{:?}", scene.dead().await);
        the_agent_took_it(&scene).await;
    }
}

#[tokio::test]
async fn an_app_that_is_quicker_than_another_is_not_the_target() {
    for store in STORES {
        let scene = quicker(store, Blocked::DeadLetter, "agent", DESK).await;
        scene.settled().await;
        let dead = scene.dead().await;
        assert!(dead[0].cause.contains("777 owns the thread"), "{dead:?}");
    }
}

/// What the agent writes is handled, although the answer waits for the end of that.
#[tokio::test]
async fn an_answer_that_waits_for_a_quicker_agent_does_not_stop_the_thread() {
    for store in STORES {
        let scene = quicker(store, Blocked::Wait, "agent, please", PAGE_INBOX).await;
        let on = On::Messenger;
        scene.deliver(on, [on.inbox_says("Ana here")]).await;
        waits(&scene, 1).await;
        let owner = scene.thread(on).await.ownership().owner;
        assert_eq!(owner, handover::Owner::Other(Some(PAGE_INBOX.into())));
        assert_eq!(scene.called().len(), 2, "{:?}", scene.called());
        the_agent_took_it(&scene).await;
    }
}

/// Waits until the events are handled, and so many calls of the answer wait.
async fn waits(scene: &Scene, calls: usize) {
    until("the events are handled, and the answer waits", async || {
        let backlog = scene.journal.backlog().await.unwrap();
        (backlog.events == 0 && backlog.calls == calls)
            .then_some(())
            .ok_or_else(|| format!("{backlog:?}"))
    })
    .await;
}

/// It is what the handoff was for.
#[tokio::test]
async fn a_thread_does_not_go_back_to_an_agent_who_was_quicker_and_is_done() {
    for store in STORES {
        let scene = quicker(store, Blocked::Wait, "agent, please", PAGE_INBOX).await;
        let on = On::Messenger;
        waits(&scene, 1).await;
        scene.deliver(on, [on.passes_back()]).await;
        scene.settled().await;
        assert_eq!(scene.called()[2..], ["One moment."], "{store:?}");
        let owner = scene.thread(on).await.ownership().owner;
        assert_eq!(owner, handover::Owner::Bot, "{store:?}");
        assert!(scene.dead().await.is_empty(), "{:?}", scene.dead().await);
    }
}

/// The colleagues of the inbox have not seen the person yet.
#[tokio::test]
async fn a_handoff_waits_while_another_app_than_its_target_has_the_thread() {
    for store in STORES {
        let scene = quicker(store, Blocked::Wait, "agent, please", DESK).await;
        let on = On::Messenger;
        waits(&scene, 2).await;
        let pass = json!({ "previous_owner_app_id": DESK, "new_owner_app_id": APP });
        scene.deliver(on, [item("pass_thread_control", pass)]).await;
        scene.settled().await;
        let called = ["One moment.", "pass_thread_control"];
        assert_eq!(scene.called()[2..], called, "{store:?}");
        assert!(scene.dead().await.is_empty(), "{:?}", scene.dead().await);
    }
}

/// The time of the agent begins when the agent has the thread.
#[tokio::test]
async fn a_handoff_that_waits_takes_nothing_from_the_app_that_has_the_thread() {
    for store in STORES {
        let text = "agent, for a while";
        let scene = quicker(store, Blocked::Wait, text, DESK).await;
        let on = On::Messenger;
        waits(&scene, 2).await;
        scene.minutes(31);
        scene.deliver(on, [on.app_says(DESK, "Bo here")]).await;
        waits(&scene, 2).await;
        assert_eq!(scene.called().len(), 2, "{:?}", scene.called());
        let pass = json!({ "previous_owner_app_id": DESK, "new_owner_app_id": APP });
        scene.deliver(on, [item("pass_thread_control", pass)]).await;
        scene.settled().await;
        let called = ["One moment.", "pass_thread_control"];
        assert_eq!(scene.called()[2..], called, "{store:?}");
        scene.minutes(31);
        let called = [
            "hello",
            "again",
            "One moment.",
            "pass_thread_control",
            "take_thread_control",
            "Sorry for the wait.",
        ];
        scene.calls_become(&called).await;
    }
}

/// The desk passes it on.
#[tokio::test]
async fn a_handoff_that_waits_is_done_when_its_target_gets_the_thread() {
    for store in STORES {
        let scene = quicker(store, Blocked::Wait, "agent, please", DESK).await;
        let on = On::Messenger;
        waits(&scene, 2).await;
        let passed_on = json!({ "previous_owner_app_id": DESK, "new_owner_app_id": PAGE_INBOX });
        scene
            .deliver(on, [item("take_thread_control", passed_on)])
            .await;
        waits(&scene, 1).await;
        scene.deliver(on, [on.passes_back()]).await;
        scene.settled().await;
        assert_eq!(scene.called()[2..], ["One moment."], "{store:?}");
    }
}

#[on_message(text = "bye")]
#[handoff(to = "page_inbox", say = "One moment.")]
async fn bye() {}

/// The answer of a message is lost, and an agent takes the thread before its echo comes.
#[tokio::test]
async fn a_message_that_may_have_arrived_does_not_stop_a_thread_that_an_agent_has() {
    for store in STORES {
        let bot = Bot::new(routes![bye, echo]).blocked(Blocked::Wait);
        let scene = Scene::start(store, bot).await;
        let on = On::Messenger;
        scene.has_begun(on).await;
        let graph = &scene.bot.graph;
        graph.next_answer(502, json!("no Graph answer"));
        scene.deliver(on, [on.message("bye")]).await;
        graph.wait_for_calls(3).await;
        let take = json!({ "previous_owner_app_id": APP, "new_owner_app_id": PAGE_INBOX });
        scene.deliver(on, [item("take_thread_control", take)]).await;
        until("the message waits, and nothing else", async || {
            // Its echo is waited for first.
            scene.clock.advance(Duration::from_secs(11));
            let backlog = scene.journal.backlog().await.unwrap();
            (backlog.events == 0 && backlog.calls == 1)
                .then_some(())
                .ok_or_else(|| format!("{backlog:?}"))
        })
        .await;
        let reference = scene.bot.graph.references().remove(2);
        let mid = format!("m_{}", fresh());
        let said =
            json!({ "mid": mid, "app_id": APP, "metadata": reference, "text": "One moment." });
        scene.deliver(on, [on.echo(said)]).await;
        scene.settled().await;
        scene.deliver(on, [on.passes_back()]).await;
        scene.says(on, "back again").await;
        let called = ["One moment.", "back again"];
        assert_eq!(scene.called()[2..], called, "{store:?}");
        assert!(scene.dead().await.is_empty(), "{:?}", scene.dead().await);
    }
}
