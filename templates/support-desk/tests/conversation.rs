//! Conversations with the bot, against the simulator of the platform.

use handover::stage::{Span, Stage};

use {{crate_name}}::{OfficeHours, bot};

const ALWAYS: OfficeHours = OfficeHours(0..24);
const NEVER: OfficeHours = OfficeHours(0..0);

#[tokio::test]
async fn a_case_from_topic_to_rating() {
    let stage = Stage::with(bot(ALWAYS)).await;
    let ana = stage.person("Ana");
    ana.taps_get_started().await;
    ana.sees("Hi! What is it about?").await;
    ana.taps_quick_reply("Refund").await;
    ana.sees_in_a_text("paid within a week").await;

    ana.says("an agent, please").await;
    ana.sees("One moment, a colleague is taking over.").await;
    stage.inbox().sees(&ana).await;
    stage.inbox().replies(&ana, "It is on its way.").await;
    ana.sees("It is on its way.").await;
    stage.inbox().done(&ana).await;

    ana.sees("Did that help?").await;
    ana.taps_quick_reply("Yes").await;
    ana.sees("Glad to hear it!").await;
}

#[tokio::test]
async fn at_night_nobody_is_fetched() {
    let stage = Stage::with(bot(NEVER)).await;
    let ana = stage.person("Ana");
    ana.says("agent").await;
    ana.sees_in_a_text("Leave us a message").await;
    stage.bot_owns(&ana).await;
}

#[tokio::test]
async fn nobody_answers() {
    let stage = Stage::with(bot(ALWAYS)).await;
    let ana = stage.person("Ana");
    ana.says("agent").await;
    stage.inbox().sees(&ana).await;

    stage.pass_time(11.minutes()).await;
    ana.sees_in_a_text("are all busy").await;
    stage.bot_owns(&ana).await;
}
