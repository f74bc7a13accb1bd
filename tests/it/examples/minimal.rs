use handover::testing::Scenario;

use super::transcript;

#[path = "../../../examples/minimal.rs"]
#[allow(dead_code, reason = "the scenario runs the bot")]
mod example;

pub(crate) async fn played() -> String {
    let scenario = Scenario::with(example::bot()).await;
    let ana = scenario.person("Ana");
    ana.says("Good morning!").await;
    ana.sees("You said: Good morning!").await;
    transcript::played(&["bot"], &[&ana])
}
