//! Events that the platform delivers late: the webhook had failed, and it repeats them, for as long as 36 hours.

use std::time::SystemTime;

use handover::Owner;
use handover::protocol::Timestamp;

use super::*;

const MINUTE: Duration = Duration::from_secs(60);
const HOUR: Duration = Duration::from_secs(60 * 60);

#[on_message(text = "agent")]
#[handoff(to = "page_inbox")]
async fn to_agent() {}

/// The event, as one that happened so long ago.
fn happened(mut item: Value, ago: Duration) -> Value {
    let now = SystemTime::UNIX_EPOCH.elapsed().unwrap();
    let at = now.checked_sub(ago).unwrap().as_millis();
    item["timestamp"] = u64::try_from(at).unwrap().into();
    item
}

/// An agent takes the thread.
fn takes(on: On) -> Value {
    let mut take = item(
        "take_thread_control",
        json!({ "previous_owner_app_id": APP, "new_owner_app_id": PAGE_INBOX }),
    );
    take["recipient"]["id"] = on.account().into();
    take
}

impl Scene {
    /// The events arrive, each once all that follows from the one before is done.
    async fn hears(&self, on: On, items: impl IntoIterator<Item = Value>) {
        for item in items {
            self.deliver(on, [item]).await;
            self.settled().await;
        }
    }
}

#[tokio::test]
async fn a_take_that_arrives_late_does_not_undo_that_the_thread_came_back() {
    for (store, on) in STORES.into_iter().flat_map(|s| On::BOTH.map(|on| (s, on))) {
        let scene = Scene::start(store, Bot::new(routes![echo])).await;
        scene.has_begun(on).await;
        let back = happened(on.passes_back(), MINUTE);
        let late = happened(takes(on), 2 * MINUTE);
        scene.hears(on, [back, late]).await;
        let owner = scene.thread(on).await.ownership().owner;
        assert_eq!(owner, Owner::Bot, "{store:?} {on:?}");
        scene.says(on, "and now?").await;
        assert_eq!(scene.called()[2..], ["and now?"], "{store:?} {on:?}");
        assert_eq!(scene.bot.graph.owner_questions(), 0, "nobody had to ask");
    }
}

#[tokio::test]
async fn a_pass_that_arrives_late_does_not_undo_a_later_handoff() {
    for store in STORES {
        let on = On::Messenger;
        let scene = Scene::start(store, Bot::new(routes![to_agent, echo])).await;
        scene
            .hears(on, [happened(on.passes_back(), 10 * MINUTE)])
            .await;
        scene.says(on, "agent").await;
        scene.hears(on, [happened(on.passes_back(), HOUR)]).await;
        let owner = scene.thread(on).await.ownership().owner;
        assert_eq!(owner, Owner::Other(Some(PAGE_INBOX.into())), "{store:?}");
        assert_eq!(scene.called(), ["pass_thread_control"], "{store:?}");
    }
}

#[tokio::test]
async fn an_agents_last_words_that_come_after_the_thread_begin_no_pause() {
    for (store, on) in STORES.into_iter().flat_map(|s| On::BOTH.map(|on| (s, on))) {
        let scene = Scene::start(store, Bot::new(routes![echo])).await;
        scene.has_begun(on).await;
        let back = happened(on.passes_back(), Duration::from_secs(10));
        let bye = happened(on.inbox_says("Bye!"), Duration::from_secs(11));
        scene.hears(on, [back, bye]).await;
        scene.says(on, "and now?").await;
        assert_eq!(scene.called()[2..], ["and now?"], "{store:?} {on:?}");
    }
}

/// The pause counts from when the human wrote.
#[tokio::test]
async fn what_a_human_wrote_hours_ago_begins_no_pause() {
    for (store, on) in STORES.into_iter().flat_map(|s| On::BOTH.map(|on| (s, on))) {
        let scene = Scene::start(store, Bot::new(routes![echo])).await;
        scene.has_begun(on).await;
        let late = happened(on.inbox_says("This is Ana"), 2 * HOUR);
        scene.hears(on, [late]).await;
        scene.says(on, "and now?").await;
        assert_eq!(scene.called()[2..], ["and now?"], "{store:?} {on:?}");
    }
}

#[tokio::test]
async fn the_window_counts_from_when_the_person_wrote() {
    for (store, on) in STORES.into_iter().flat_map(|s| On::BOTH.map(|on| (s, on))) {
        let scene = Scene::start(store, Bot::new(routes![echo])).await;
        let too_late = happened(on.message("yesterday"), 25 * HOUR);
        scene.hears(on, [too_late]).await;
        assert!(scene.called().is_empty(), "{store:?} {on:?}");
        let cause = scene.dead().await.remove(0).cause;
        assert!(
            cause.contains("outside the 24-hour messaging window"),
            "{cause}"
        );

        let late = happened(on.message("tonight"), 20 * HOUR);
        let wrote_at = late["timestamp"].as_i64();
        scene.hears(on, [late]).await;
        assert_eq!(scene.called(), ["tonight"], "{store:?} {on:?}");
        let known = scene.thread(on).await.person_wrote_at;
        assert_eq!(
            known.map(Timestamp::as_millis),
            wrote_at,
            "{store:?} {on:?}"
        );
    }
}

/// Both arrive within five seconds, which is how fast an instant reply is.
#[tokio::test]
async fn a_human_is_not_taken_for_the_instant_reply_because_both_arrive_late() {
    for (store, on) in STORES.into_iter().flat_map(|s| On::BOTH.map(|on| (s, on))) {
        let scene = Scene::start(store, Bot::new(routes![echo])).await;
        let message = happened(on.message("hello"), HOUR);
        let answer = happened(on.inbox_says("This is Ana"), 10 * MINUTE);
        scene.hears(on, [message, answer]).await;
        scene.says(on, "hi Ana").await;
        assert_eq!(scene.called(), ["hello"], "{store:?} {on:?}");
    }
}
