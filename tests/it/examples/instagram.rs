use handover::stage::Stage;

use super::transcript;

#[path = "../../../examples/instagram.rs"]
#[allow(dead_code, reason = "the stage runs the bot")]
mod example;

pub(crate) async fn played() -> String {
    let stage = Stage::with(example::bot()).await;
    let ana = stage.person_on("17841405793187218", "Ana");
    ana.replies_to_story("https://stories.example/cake", "Is that cake vegan?")
        .await;
    ana.sees_in_a_text("your answer to our story").await;
    ana.sends("story_mention", "https://stories.example/friends")
        .await;
    ana.sees_in_a_text("showing us to your friends").await;
    ana.says("agent").await;
    ana.sees_in_a_text("a colleague is taking over").await;

    stage.inbox().sees(&ana).await;
    stage.inbox().replies(&ana, "Hi Ana, it is.").await;
    stage.inbox().done(&ana).await;
    ana.sees("I am back. Anything else?").await;
    transcript::played(&["bot"], &[&ana])
}
