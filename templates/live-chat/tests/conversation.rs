//! Conversations with the bot, against the simulator of the platform.

use handover::testing::{DurationExt, Scenario};

#[tokio::test]
async fn a_person_takes_over_and_gives_back() {
    let scenario = Scenario::with({{crate_name}}::bot()).await;
    let ana = scenario.person("Ana");
    ana.taps_get_started().await;
    ana.sees_in_a_text("Ask me anything").await;

    ana.says("I need a human please").await;
    ana.sees("One moment, a colleague is taking over.").await;
    scenario.inbox().sees(&ana).await;
    ana.says("anybody there?").await;
    ana.sees_nothing_more().await;

    scenario.inbox().replies(&ana, "Hi Ana, Ben here.").await;
    ana.sees("Hi Ana, Ben here.").await;
    scenario.inbox().done(&ana).await;
    ana.sees("I am back. Anything else?").await;
    scenario.bot_owns(&ana).await;
}

#[tokio::test]
async fn nobody_comes() {
    let scenario = Scenario::with({{crate_name}}::bot()).await;
    let ana = scenario.person("Ana");
    ana.says("agent").await;
    scenario.inbox().sees(&ana).await;

    scenario.pass_time(31.minutes()).await;
    ana.sees_in_a_text("so I stay with you").await;
    scenario.bot_owns(&ana).await;
}

#[tokio::test]
async fn who_is_not_understood_gets_a_person() {
    let scenario = Scenario::with({{crate_name}}::bot()).await;
    let ana = scenario.person("Ana");
    for attempt in ["qwer", "asdf"] {
        ana.says(attempt).await;
        ana.sees(&format!("You said: {attempt}")).await;
    }
    ana.says("yxcv").await;
    ana.sees_in_a_text("fetching a colleague").await;
    scenario.inbox().sees(&ana).await;
}
