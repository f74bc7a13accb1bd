use handover::testing::Scenario;

use super::transcript;

#[path = "../../../examples/live_chat.rs"]
#[allow(dead_code, reason = "the scenario runs the bot")]
mod example;

pub(crate) async fn played() -> String {
    let scenario = Scenario::with(example::bot()).await;
    let ana = scenario.person("Ana");
    ana.taps_get_started().await;
    ana.sees_in_a_text("Ask me anything").await;
    ana.says("I need a human please").await;
    ana.sees_in_a_text("a colleague is taking over").await;

    let inbox = scenario.inbox();
    inbox.sees(&ana).await;
    ana.says("Is anybody there?").await;
    ana.sees_nothing_more().await;
    inbox.replies(&ana, "Hi Ana, Ben here.").await;
    inbox.done(&ana).await;
    ana.sees_in_a_text("is that settled?").await;

    for question in ["What is life?", "Why?"] {
        ana.says(question).await;
        ana.sees_in_a_text(question).await;
    }
    ana.says("But why?").await;
    ana.sees_in_a_text("fetching a colleague").await;
    inbox.sees(&ana).await;
    transcript::played(&["bot"], &[&ana])
}
