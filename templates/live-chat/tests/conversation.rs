//! Conversations with the bot, against the simulator of the platform.

use handover::stage::{Span, Stage};

#[tokio::test]
async fn a_person_takes_over_and_gives_back() {
    let stage = Stage::with({{crate_name}}::bot()).await;
    let ana = stage.person("Ana");
    ana.taps_get_started().await;
    ana.sees_in_a_text("Ask me anything").await;

    ana.says("I need a human please").await;
    ana.sees("One moment, a colleague is taking over.").await;
    stage.inbox().sees(&ana).await;
    ana.says("anybody there?").await;
    ana.sees_nothing_more().await;

    stage.inbox().replies(&ana, "Hi Ana, Ben here.").await;
    ana.sees("Hi Ana, Ben here.").await;
    stage.inbox().done(&ana).await;
    ana.sees("I am back. Anything else?").await;
    stage.bot_owns(&ana).await;
}

#[tokio::test]
async fn nobody_comes() {
    let stage = Stage::with({{crate_name}}::bot()).await;
    let ana = stage.person("Ana");
    ana.says("agent").await;
    stage.inbox().sees(&ana).await;

    stage.pass_time(31.minutes()).await;
    ana.sees_in_a_text("so I stay with you").await;
    stage.bot_owns(&ana).await;
}

#[tokio::test]
async fn who_is_not_understood_gets_a_person() {
    let stage = Stage::with({{crate_name}}::bot()).await;
    let ana = stage.person("Ana");
    for attempt in ["qwer", "asdf"] {
        ana.says(attempt).await;
        ana.sees(&format!("You said: {attempt}")).await;
    }
    ana.says("yxcv").await;
    ana.sees_in_a_text("fetching a colleague").await;
    stage.inbox().sees(&ana).await;
}
