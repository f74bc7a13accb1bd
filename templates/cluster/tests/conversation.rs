//! Conversations with the bot, against the simulator of the platform.

use handover::testing::Scenario;

#[tokio::test]
async fn messages_are_counted() {
    let scenario = Scenario::with({{crate_name}}::bot()).await;
    let ana = scenario.person("Ana");
    ana.says("one").await;
    ana.sees("1. You said: one").await;
    ana.says("two").await;
    ana.sees("2. You said: two").await;
}

#[tokio::test]
async fn a_person_takes_over_and_gives_back() {
    let scenario = Scenario::with({{crate_name}}::bot()).await;
    let ana = scenario.person("Ana");
    ana.says("I need a human please").await;
    ana.sees("One moment, a colleague is taking over.").await;
    scenario.inbox().sees(&ana).await;
    scenario.inbox().done(&ana).await;
    ana.sees("I am back. Anything else?").await;
    scenario.bot_owns(&ana).await;
}
