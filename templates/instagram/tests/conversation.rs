//! A conversation with the bot on Instagram, against the simulator of the platform.

use handover::stage::{Span, Stage};

/// The Instagram account of every stage.
const ACCOUNT: &str = "17841405793187218";

#[tokio::test]
async fn a_person_takes_over_and_gives_back() {
    let stage = Stage::with({{crate_name}}::bot()).await;
    let ana = stage.person_on(ACCOUNT, "Ana");
    ana.says("hello").await;
    ana.sees("Hi! How can I help?").await;

    ana.says("Can I talk to an agent?").await;
    ana.sees("One moment, a colleague is taking over.").await;
    stage.inbox().sees(&ana).await;
    stage.inbox().replies(&ana, "Hi Ana, Ben here.").await;
    ana.sees("Hi Ana, Ben here.").await;

    stage.inbox().done(&ana).await;
    ana.sees("I am back. Anything else?").await;
    stage.bot_owns(&ana).await;
}

#[tokio::test]
async fn the_thread_comes_back_when_nobody_returns_it() {
    let stage = Stage::with({{crate_name}}::bot()).await;
    let ana = stage.person_on(ACCOUNT, "Ana");
    ana.says("agent").await;
    stage.inbox().sees(&ana).await;

    stage.pass_time(3.hours()).await;
    ana.sees_in_a_text("Sorry that it took so long").await;
    stage.bot_owns(&ana).await;
}
