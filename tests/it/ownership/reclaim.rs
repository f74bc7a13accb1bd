//! Timers that take a thread back end with the absence that they were set for.

use super::*;

#[on_message(text = "agent")]
#[handoff(to = "page_inbox", reclaim_after = "30m")]
async fn to_agent() {}

#[on_timer(name = "reclaim")]
async fn reclaimed() -> &'static str {
    "Sorry for the wait."
}

/// This app takes the thread from the bot.
fn taken_by(on: On, app: u64) -> Value {
    let owners = json!({ "previous_owner_app_id": APP, "new_owner_app_id": app });
    let mut take = item("take_thread_control", owners);
    take["recipient"]["id"] = on.account().into();
    take
}

/// The person wants the bot, and later an agent takes the thread.
#[tokio::test]
async fn a_thread_that_a_handler_took_back_is_not_taken_from_the_next_agent() {
    #[on_standby(kind = "message")]
    async fn wants_the_bot(text: Text) -> Option<Take> {
        (&*text == "bot please").then(|| Take::saying("Here I am."))
    }

    for store in STORES {
        let on = On::Messenger;
        let routes = routes![to_agent, wants_the_bot, reclaimed, echo];
        let scene = Scene::start(store, Bot::new(routes)).await;
        scene.says(on, "agent").await;
        let wish = [on.message("bot please")];
        scene.bot.platform.deliver_on_standby(wish).await;
        scene.settled().await;
        scene.says(on, "thanks").await;
        scene.minutes(29);
        scene.deliver(on, [taken_by(on, PAGE_INBOX)]).await;
        scene.settled().await;
        scene.minutes(2);
        let answer = [on.inbox_says("This is Ana")];
        scene.bot.platform.deliver_on_standby(answer).await;
        scene.settled().await;
        let called = [
            "pass_thread_control",
            "take_thread_control",
            "Here I am.",
            "thanks",
        ];
        assert_eq!(scene.called(), called, "{store:?}");
    }
}
