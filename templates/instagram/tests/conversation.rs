//! A conversation with the bot on Instagram, against the simulator of the platform.

use handover::testing::{DurationExt, Scenario};

/// The Instagram account of every scenario.
const ACCOUNT: &str = "17841405793187218";

#[tokio::test]
async fn a_person_takes_over_and_gives_back() {
    let scenario = Scenario::with({{crate_name}}::bot()).await;
    let ana = scenario.person_on(ACCOUNT, "Ana");
    ana.says("hello").await;
    ana.sees("Hi! How can I help?").await;

    ana.says("Can I talk to an agent?").await;
    ana.sees("One moment, a colleague is taking over.").await;
    scenario.inbox().sees(&ana).await;
    scenario.inbox().replies(&ana, "Hi Ana, Ben here.").await;
    ana.sees("Hi Ana, Ben here.").await;

    scenario.inbox().done(&ana).await;
    ana.sees("I am back. Anything else?").await;
    scenario.bot_owns(&ana).await;
}

#[tokio::test]
async fn the_thread_comes_back_when_nobody_returns_it() {
    let scenario = Scenario::with({{crate_name}}::bot()).await;
    let ana = scenario.person_on(ACCOUNT, "Ana");
    ana.says("agent").await;
    scenario.inbox().sees(&ana).await;

    scenario.pass_time(3.hours()).await;
    ana.sees_in_a_text("Sorry that it took so long").await;
    scenario.bot_owns(&ana).await;
}
