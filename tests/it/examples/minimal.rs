use handover::stage::Stage;

use super::transcript;

#[path = "../../../examples/minimal.rs"]
#[allow(dead_code, reason = "the stage runs the bot")]
mod example;

pub(crate) async fn played() -> String {
    let stage = Stage::with(example::bot()).await;
    let ana = stage.person("Ana");
    ana.says("Good morning!").await;
    ana.sees("You said: Good morning!").await;
    transcript::played(&["bot"], &[&ana])
}
