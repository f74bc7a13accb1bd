//! Conversations with the bot, against the simulator of the platform.

use handover::testing::{DurationExt, Scenario};

use {{crate_name}}::{OfficeHours, bot};

const ALWAYS: OfficeHours = OfficeHours(0..24);
const NEVER: OfficeHours = OfficeHours(0..0);

#[tokio::test]
async fn a_case_from_topic_to_rating() {
    let scenario = Scenario::with(bot(ALWAYS)).await;
    let ana = scenario.person("Ana");
    ana.taps_get_started().await;
    ana.sees("Hi! What is it about?").await;
    ana.taps_quick_reply("Refund").await;
    ana.sees_in_a_text("paid within a week").await;

    ana.says("an agent, please").await;
    ana.sees("One moment, a colleague is taking over.").await;
    scenario.inbox().sees(&ana).await;
    scenario.inbox().replies(&ana, "It is on its way.").await;
    ana.sees("It is on its way.").await;
    scenario.inbox().done(&ana).await;

    ana.sees("Did that help?").await;
    ana.taps_quick_reply("Yes").await;
    ana.sees("Glad to hear it!").await;
}

#[tokio::test]
async fn at_night_nobody_is_fetched() {
    let scenario = Scenario::with(bot(NEVER)).await;
    let ana = scenario.person("Ana");
    ana.says("agent").await;
    ana.sees_in_a_text("Leave us a message").await;
    scenario.bot_owns(&ana).await;
}

#[tokio::test]
async fn nobody_answers() {
    let scenario = Scenario::with(bot(ALWAYS)).await;
    let ana = scenario.person("Ana");
    ana.says("agent").await;
    scenario.inbox().sees(&ana).await;

    scenario.pass_time(11.minutes()).await;
    ana.sees_in_a_text("are all busy").await;
    scenario.bot_owns(&ana).await;
}
