use handover::testing::Scenario;

use super::transcript;

#[path = "../../../examples/fallback_after_two.rs"]
#[allow(dead_code, reason = "the scenario runs the bot")]
mod example;

pub(crate) async fn played() -> String {
    let scenario = Scenario::with(example::bot()).await;
    let ana = scenario.person("Ana");
    ana.says("When are you open?").await;
    ana.sees("Every day from 7 to 19.").await;
    ana.says("Do you sell hats?").await;
    ana.sees_in_a_text("I did not get that").await;
    ana.says("HATS").await;
    ana.sees_in_a_text("I still do not get it").await;

    scenario.inbox().sees(&ana).await;
    scenario.inbox().replies(&ana, "Hi Ana, only cake so far!").await;
    scenario.inbox().done(&ana).await;
    ana.says("Where are you?").await;
    ana.sees("At Market Square 3.").await;
    transcript::played(&["bot"], &[&ana])
}

#[tokio::test]
async fn an_understood_message_restarts_the_count() {
    let scenario = Scenario::with(example::bot()).await;
    let ana = scenario.person("Ana");
    for _ in 0..2 {
        ana.says("Do you sell hats?").await;
        ana.sees_in_a_text("I did not get that").await;
        ana.says("Where are you?").await;
        ana.sees("At Market Square 3.").await;
    }
    scenario.bot_owns(&ana).await;
}
