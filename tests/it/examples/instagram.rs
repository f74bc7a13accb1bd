use handover::testing::Scenario;

use super::transcript;

#[path = "../../../examples/instagram.rs"]
#[allow(dead_code, reason = "the scenario runs the bot")]
mod example;

pub(crate) async fn played() -> String {
    let scenario = Scenario::with(example::bot()).await;
    let ana = scenario.person_on("17841405793187218", "Ana");
    ana.replies_to_story("https://stories.example/cake", "Is that cake vegan?")
        .await;
    ana.sees_in_a_text("your answer to our story").await;
    ana.sends("story_mention", "https://stories.example/friends")
        .await;
    ana.sees_in_a_text("showing us to your friends").await;
    ana.says("agent").await;
    ana.sees_in_a_text("a colleague is taking over").await;

    scenario.inbox().sees(&ana).await;
    scenario.inbox().replies(&ana, "Hi Ana, it is.").await;
    scenario.inbox().done(&ana).await;
    ana.sees("I am back. Anything else?").await;
    transcript::played(&["bot"], &[&ana])
}
