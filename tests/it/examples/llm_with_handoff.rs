use handover::testing::Scenario;

use super::transcript;

#[path = "../../../examples/llm_with_handoff.rs"]
#[allow(dead_code, reason = "the scenario runs the bot")]
mod example;

pub(crate) async fn played() -> String {
    let scenario = Scenario::with(example::bot()).await;
    let ana = scenario.person("Ana");
    let inbox = scenario.inbox();
    ana.says("Do you have oat milk?").await;
    ana.sees("Yes, we have oat milk.").await;
    ana.says("The cake I bought was stale. Do I get a refund?")
        .await;
    ana.sees_in_a_text("I would rather not guess").await;

    inbox.sees(&ana).await;
    inbox
        .replies(&ana, "I am sorry! Come by for a new one.")
        .await;
    ana.says("Until when?").await;
    inbox.replies(&ana, "Until Sunday.").await;
    scenario.settles().await;
    inbox.done(&ana).await;
    ana.sees_in_a_text("I am back").await;
    ana.says("So what about the refund?").await;
    ana.sees_in_a_text("My colleague told you").await;
    transcript::played(&["bot"], &[&ana])
}
