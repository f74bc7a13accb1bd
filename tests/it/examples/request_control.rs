use std::time::Duration;

use handover::testing::{DurationExt, Scenario};

use super::transcript;

#[path = "../../../examples/request_control.rs"]
#[allow(dead_code, reason = "the scenario runs the bot")]
mod example;

/// From now until it is this hour (UTC).
fn until(scenario: &Scenario, hour: i64) -> Duration {
    let day = 24 * 60 * 60 * 1000;
    let left = (hour * 60 * 60 * 1000 - scenario.simulator().now().as_millis()).rem_euclid(day);
    Duration::from_millis(left.unsigned_abs())
}

pub(crate) async fn played() -> String {
    let scenario = Scenario::with(example::bot()).await;
    let ana = scenario.person("Ana");
    let inbox = scenario.inbox();
    scenario.pass_time(until(&scenario, 23)).await;
    ana.says("I lost my umbrella.").await;
    ana.sees_in_a_text("Noted!").await;
    inbox.requests(&ana).await;
    ana.sees_in_a_text("answers in the morning").await;
    scenario.bot_owns(&ana).await;

    scenario.pass_time(11.hours()).await;
    inbox.requests(&ana).await;
    ana.sees_in_a_text("My colleague takes over").await;
    inbox.sees(&ana).await;
    inbox.replies(&ana, "Hi Ana, is it the green one?").await;
    transcript::played(&["bot"], &[&ana])
}
