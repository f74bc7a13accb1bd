//! Agents who are quicker than the handoff to them.

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

#[on_handoff_failed]
async fn failed() -> &'static str {
    "I could not reach anybody."
}

/// The person asks for an agent, and while the handler is at work, this app takes the thread.
async fn quicker(store: Store, blocked: Blocked, text: &str, owner: u64) -> Scene {
    let gate = Gate::default();
    let state = Gated { gate: gate.clone() };
    let routes = routes![to_agent, to_agent_in_words, failed, echo];
    let bot = Bot::with_state(state, routes).blocked(blocked);
    let scene = Scene::start(store, bot).await;
    let on = On::Messenger;
    scene.has_begun(on).await;
    scene.deliver(on, [on.message(text)]).await;
    gate.reached().await;
    let take = json!({ "previous_owner_app_id": APP, "new_owner_app_id": owner });
    scene.deliver(on, [item("take_thread_control", take)]).await;
    gate.open_for(1);
    scene
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
        until("the events are handled, and the answer waits", async || {
            let backlog = scene.journal.backlog().await.unwrap();
            (backlog.events == 0 && backlog.calls == 2)
                .then_some(())
                .ok_or_else(|| format!("{backlog:?}"))
        })
        .await;
        let owner = scene.thread(on).await.ownership().owner;
        assert_eq!(owner, handover::Owner::Other(Some(PAGE_INBOX.into())));
        assert_eq!(scene.called().len(), 2, "{:?}", scene.called());
    }
}
