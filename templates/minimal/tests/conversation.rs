//! A conversation with the bot, against the simulator of the platform.

use handover::testing::Scenario;

#[tokio::test]
async fn the_bot_repeats_what_it_hears() {
    let scenario = Scenario::with({{crate_name}}::bot()).await;
    let ana = scenario.person("Ana");

    ana.says("good morning").await;
    ana.sees("You said: good morning").await;
    ana.sees_nothing_more().await;
}
