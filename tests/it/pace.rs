//! What happens when a person writes several messages quickly.

use std::time::Duration;

use crate::support::gate::{Gate, Gated};
use crate::support::platform::{PERSON, message};
use crate::support::watched::Watched;
use handover::Pace;
use handover::prelude::*;

/// Answers "wait" only once the gate opens.
#[on_message]
async fn echo(text: Text, gate: State<Gate>) -> String {
    if &*text == "wait" {
        gate.passed().await;
    }
    text.0
}

#[on_message(text = "agent")]
#[handoff(to = "page_inbox")]
async fn to_agent() {}

/// A bot of this pace that is busy with "wait" while the others are written.
async fn written(pace: Pace, texts: &[&str]) -> Watched {
    let gate = Gate::default();
    let bot = Bot::with_state(Gated { gate: gate.clone() }, routes![to_agent, echo]).pace(pace);
    let watched = Watched::start_with(bot).await;
    watched.bot.platform.says("wait").await;
    gate.reached().await;
    let texts = texts.iter().map(|text| message(PERSON, text));
    watched.bot.platform.deliver(texts).await;
    gate.open_for(1);
    watched.settled().await;
    watched
}

#[tokio::test]
async fn in_a_queue_each_is_answered() {
    let watched = written(Pace::Queue, &["1", "2", "3"]).await;
    assert_eq!(watched.called(), ["wait", "1", "2", "3"]);
}

#[tokio::test]
async fn a_burst_is_answered_together() {
    let watched = written(Pace::Burst, &["1", "2", "3"]).await;
    assert_eq!(watched.called(), ["wait", "1\n2\n3"]);
}

#[tokio::test]
async fn a_burst_ends_where_another_handler_begins() {
    let watched = written(Pace::Burst, &["1", "2", "agent", "3"]).await;
    assert_eq!(watched.called(), ["wait", "1\n2", "pass_thread_control"]);
}

#[tokio::test]
async fn only_the_latest_is_answered() {
    let watched = written(Pace::Latest, &["1", "2", "3"]).await;
    assert_eq!(watched.called(), ["wait", "3"]);
}

#[tokio::test]
async fn a_person_is_left_to_finish() {
    let quiet = Duration::from_millis(1500);
    let bot = Bot::new(routes![together]).pace(Pace::Debounce(quiet));
    let watched = Watched::start_with(bot).await;
    let written = tokio::time::Instant::now();
    for text in ["I", "have", "a question"] {
        watched.bot.platform.says(text).await;
        tokio::time::sleep(quiet / 30).await;
    }
    watched.bot.graph.wait_for_calls(1).await;
    assert!(written.elapsed() >= quiet, "not before it is quiet");
    watched.settled().await;
    assert_eq!(watched.called(), ["3: I have a question"]);
}

#[on_message]
async fn together(burst: Burst) -> String {
    let texts: Vec<_> = burst.iter().filter_map(|one| one.text.clone()).collect();
    format!("{}: {}", texts.len(), texts.join(" "))
}

#[tokio::test]
async fn a_handler_can_have_its_own_pace() {
    #[on_message(regex = "^[0-9]+$", pace = "debounce(1s)")]
    async fn numbers(text: Text) -> String {
        text.replace('\n', "+")
    }

    #[on_message]
    async fn words(text: Text) -> String {
        text.0
    }

    let watched = Watched::start(routes![numbers, words]).await;
    let texts = ["a", "b", "1", "2", "3", "c"];
    let texts = texts.map(|text| message(PERSON, text));
    watched.bot.platform.deliver(texts).await;
    watched.settled().await;
    assert_eq!(watched.called(), ["a", "b", "1+2+3", "c"]);
}

#[tokio::test]
async fn a_burst_that_fails_is_tried_again_as_a_whole() {
    #[on_message(pace = "burst")]
    async fn moody(burst: Burst, mut tries: Session<u32>) -> Result<String, &'static str> {
        *tries += 1;
        let _ = burst;
        Err("not today")
    }

    let watched = Watched::start(routes![moody]).await;
    watched
        .bot
        .platform
        .deliver(["1", "2"].map(|text| message(PERSON, text)))
        .await;
    watched.settled().await;
    assert_eq!(watched.dead_letters().await.len(), 2, "none is lost");
}
