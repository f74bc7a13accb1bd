//! A conversation with the bot, against the simulator of the platform.

use handover::stage::Stage;

#[tokio::test]
async fn the_bot_repeats_what_it_hears() {
    let stage = Stage::with({{crate_name}}::bot()).await;
    let ana = stage.person("Ana");

    ana.says("good morning").await;
    ana.sees("You said: good morning").await;
    ana.sees_nothing_more().await;
}
