use handover::stage::Stage;

use super::transcript;

#[path = "../../../examples/fallback_after_two.rs"]
#[allow(dead_code, reason = "the stage runs the bot")]
mod example;

pub(crate) async fn played() -> String {
    let stage = Stage::with(example::bot()).await;
    let ana = stage.person("Ana");
    ana.says("When are you open?").await;
    ana.sees("Every day from 7 to 19.").await;
    ana.says("Do you sell hats?").await;
    ana.sees_in_a_text("I did not get that").await;
    ana.says("HATS").await;
    ana.sees_in_a_text("I still do not get it").await;

    stage.inbox().sees(&ana).await;
    stage.inbox().replies(&ana, "Hi Ana, only cake so far!").await;
    stage.inbox().done(&ana).await;
    ana.says("Where are you?").await;
    ana.sees("At Market Square 3.").await;
    transcript::played(&["bot"], &[&ana])
}

#[tokio::test]
async fn what_is_understood_in_between_starts_the_count_anew() {
    let stage = Stage::with(example::bot()).await;
    let ana = stage.person("Ana");
    for _ in 0..2 {
        ana.says("Do you sell hats?").await;
        ana.sees_in_a_text("I did not get that").await;
        ana.says("Where are you?").await;
        ana.sees("At Market Square 3.").await;
    }
    stage.bot_owns(&ana).await;
}
