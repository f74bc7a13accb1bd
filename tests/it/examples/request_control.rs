use std::time::Duration;

use handover::stage::{Span, Stage};

use super::transcript;

#[path = "../../../examples/request_control.rs"]
#[allow(dead_code, reason = "the stage runs the bot")]
mod example;

/// From now until it is this hour (UTC).
fn until(stage: &Stage, hour: i64) -> Duration {
    let day = 24 * 60 * 60 * 1000;
    let left = (hour * 60 * 60 * 1000 - stage.simulator().now().as_millis()).rem_euclid(day);
    Duration::from_millis(left.unsigned_abs())
}

pub(crate) async fn played() -> String {
    let stage = Stage::with(example::bot()).await;
    let ana = stage.person("Ana");
    let inbox = stage.inbox();
    stage.pass_time(until(&stage, 23)).await;
    ana.says("I lost my umbrella.").await;
    ana.sees_in_a_text("Noted!").await;
    inbox.requests(&ana).await;
    ana.sees_in_a_text("answers in the morning").await;
    stage.bot_owns(&ana).await;

    stage.pass_time(11.hours()).await;
    inbox.requests(&ana).await;
    ana.sees_in_a_text("My colleague takes over").await;
    inbox.sees(&ana).await;
    inbox.replies(&ana, "Hi Ana, is it the green one?").await;
    transcript::played(&["bot"], &[&ana])
}
