//! Threads that come back: what the bot learns, and what it does where they do not.

use std::time::Duration;

use crate::support::platform::{PAGE_INBOX, PERSON, fresh, item, message};
use crate::support::watched::Watched;
use handover::HistoryLimits;
use handover::journal::Speaker;
use handover::prelude::*;
use serde_json::{Value, json};

#[on_message(text = "agent")]
#[handoff(to = "page_inbox")]
async fn to_agent() {}

/// Says everything it knows.
#[on_pass_thread_control]
async fn back(handback: Handback) -> String {
    let lines = handback.history.iter().map(|turn| match turn.speaker {
        Speaker::Person => format!("they: {turn}"),
        _ => format!("we: {turn}"),
    });
    let from = handback.from.map(|app| app.to_string());
    format!(
        "{} | {} | {}",
        from.unwrap_or_default(),
        handback.metadata.unwrap_or_default(),
        lines.collect::<Vec<_>>().join(", "),
    )
}

/// What a person at the inbox said, as the bot sees it on standby.
fn agent_says(text: &str) -> Value {
    let content = json!({ "mid": format!("m_{}", fresh()), "is_echo": true, "app_id": PAGE_INBOX, "text": text });
    let mut echo = item("message", content);
    let (sender, recipient) = (echo["sender"].take(), echo["recipient"].take());
    (echo["sender"], echo["recipient"]) = (recipient, sender);
    echo
}

async fn a_talk_with_a_colleague(watched: &Watched) {
    let platform = &watched.bot.platform;
    platform.says("agent").await;
    watched.bot.graph.wait_for_calls(1).await;
    watched.settled().await;
    platform
        .deliver_on_standby([message(PERSON, "my order is late")])
        .await;
    platform
        .deliver_on_standby([agent_says("I sent it again")])
        .await;
    let picture = json!({ "mid": format!("m_{}", fresh()), "attachments": [{ "type": "image", "payload": { "url": "https://x.example/1.jpg" } }] });
    platform
        .deliver_on_standby([item("message", picture)])
        .await;
    watched.settled().await;
}

#[tokio::test]
async fn the_bot_learns_what_was_said_meanwhile() {
    let watched = Watched::start(routes![to_agent, back]).await;
    a_talk_with_a_colleague(&watched).await;
    let platform = &watched.bot.platform;
    platform.passes_back(Some("solved")).await;
    watched.settled().await;
    let said = format!(
        "{PAGE_INBOX} | solved | they: my order is late, we: I sent it again, they: [image]"
    );
    assert_eq!(watched.called(), ["pass_thread_control", &said]);

    a_talk_with_a_colleague(&watched).await;
    platform.passes_back(None).await;
    watched.settled().await;
    let again = watched.called().pop().unwrap();
    assert_eq!(
        again.matches("my order").count(),
        1,
        "not the first talk: {again}"
    );
}

/// Such a request reaches the bot also while a colleague has the thread, and does not show who has it.
#[tokio::test]
async fn nothing_is_missing_if_another_app_has_requested_the_thread() {
    let watched = Watched::start(routes![to_agent, back]).await;
    a_talk_with_a_colleague(&watched).await;
    let platform = &watched.bot.platform;
    let request = json!({ "requested_owner_app_id": 777, "metadata": "mine" });
    platform
        .deliver([item("request_thread_control", request)])
        .await;
    watched.settled().await;
    let overheard = [
        agent_says("It comes tomorrow"),
        message(PERSON, "thank you"),
    ];
    platform.deliver_on_standby(overheard).await;
    watched.settled().await;
    platform.passes_back(None).await;
    watched.settled().await;
    let said = format!(
        "{PAGE_INBOX} |  | they: my order is late, we: I sent it again, they: [image], we: It comes tomorrow, they: thank you"
    );
    assert_eq!(watched.called(), ["pass_thread_control", &said]);
}

#[tokio::test]
async fn what_was_said_need_not_be_kept() {
    let bot = Bot::new(routes![to_agent, back]).history(HistoryLimits::none());
    let watched = Watched::start_with(bot).await;
    a_talk_with_a_colleague(&watched).await;
    assert!(watched.thread().await.history().next().is_none());
    watched.bot.platform.passes_back(None).await;
    watched.settled().await;
    assert_eq!(watched.called()[1], format!("{PAGE_INBOX} |  | "));
}

#[tokio::test]
async fn a_thread_that_was_never_away_has_no_handback() {
    #[on_pass_thread_control]
    async fn new_one(handback: Option<Handback>) -> String {
        format!("{}", handback.is_some())
    }

    let watched = Watched::start(routes![new_one]).await;
    watched.bot.platform.passes_back(None).await;
    watched.settled().await;
    assert_eq!(watched.called(), ["false"]);
}

mod unclaimed {
    use super::*;

    #[on_message(text = "agent")]
    #[handoff(to = "page_inbox", unclaimed_after = "1s")]
    async fn to_anybody() {}

    #[on_timer(name = "unclaimed")]
    async fn nobody(handback: Handback) -> String {
        format!("Nobody is there ({} lines).", handback.history.len())
    }

    #[on_message(text = "wait")]
    async fn wait(timers: Timers) {
        timers.set("never", Duration::from_millis(10));
        timers.set("later", Duration::from_millis(1600));
        timers.cancel("never");
    }

    #[on_timer]
    async fn any(event: Event) -> String {
        let handover::protocol::EventBody::Unknown { value, .. } = &event.event.body else {
            return String::new();
        };
        value["name"].to_string()
    }

    #[tokio::test]
    async fn a_thread_that_nobody_answers_is_taken_back() {
        let watched = Watched::start(routes![to_anybody, nobody]).await;
        let bot = &watched.bot;
        bot.platform.says("agent").await;
        bot.graph.wait_for_calls(1).await;
        bot.platform
            .deliver_on_standby([message(PERSON, "is anybody there?")])
            .await;
        bot.graph.wait_for_calls(3).await;
        assert_eq!(
            watched.called(),
            [
                "pass_thread_control",
                "take_thread_control",
                "Nobody is there (1 lines)."
            ]
        );
    }

    #[tokio::test]
    async fn one_that_a_colleague_answers_is_left_to_them() {
        let watched = Watched::start(routes![to_anybody, nobody, wait, any]).await;
        let bot = &watched.bot;
        for text in ["wait", "agent"] {
            bot.platform.says(text).await;
        }
        bot.graph.wait_for_calls(1).await;
        bot.platform
            .deliver_on_standby([agent_says("Here I am")])
            .await;
        // The timer of "wait" runs out after the one of the handoff would have; what it says is not
        // sent, for the thread is the colleague's.
        watched.dead_letter_count_becomes(1).await;
        assert_eq!(watched.called(), ["pass_thread_control"]);
    }
}

#[tokio::test]
async fn a_thread_that_cannot_be_taken_is_asked_for() {
    #[on_message(text = "agent")]
    #[handoff(to = "page_inbox", reclaim_after = "1s")]
    async fn for_a_second() {}

    let watched = Watched::start(routes![for_a_second, back]).await;
    let bot = &watched.bot;
    bot.graph.next_answer(200, json!({ "success": true }));
    let no_routing =
        "(#27) Take thread control is not supported when Conversation Routing is not enabled.";
    bot.graph.next_answer(
        400,
        json!({ "error": { "message": no_routing, "code": 27, "error_subcode": 2_534_118, "fbtrace_id": "A" } }),
    );
    bot.platform.says("agent").await;
    bot.graph.wait_for_calls(3).await;
    watched.settled().await;
    bot.platform.passes_back(None).await;
    watched.settled().await;
    let called = watched.called();
    assert_eq!(
        called[..3],
        [
            "pass_thread_control",
            "take_thread_control",
            "request_thread_control"
        ]
    );
    assert!(called[3].starts_with(&PAGE_INBOX.to_string()), "{called:?}");
}
