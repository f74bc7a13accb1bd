//! "Save as test": a thread that was played on the simulator's page is a scenario test.

use handover::prelude::*;
use handover::testing::{DurationExt, Origin, Scenario};
use handover_testkit::http;

#[on_postback(payload = "GET_STARTED")]
async fn welcome() -> Message {
    Message::text("Say \"agent\", or choose:").quick_reply("Menu", "MENU")
}

#[on_message(quick_reply = "MENU")]
async fn menu() -> &'static str {
    "There is coffee."
}

#[on_message(text = "agent")]
#[handoff(to = "page_inbox")]
async fn to_agent() -> &'static str {
    "One moment."
}

#[on_pass_thread_control(from = "page_inbox")]
async fn back_again() -> &'static str {
    "I am back."
}

#[fallback]
async fn echo() -> &'static str {
    "Thank you."
}

fn bot() -> Bot {
    Bot::new(routes![welcome, menu, to_agent, back_again, echo])
}

/// `saved/scenario.rs` is what is written for this thread; it is played by the test below, too.
#[tokio::test]
async fn a_thread_is_written_down_as_a_test() {
    let scenario = Scenario::with(bot()).await;
    let ana = scenario.person("Ana");
    ana.taps_get_started().await;
    ana.sees("Say \"agent\", or choose:").await;
    ana.taps_quick_reply("Menu").await;
    ana.sees("There is coffee.").await;
    ana.sends("image", "https://example.com/cup.jpg").await;
    ana.sees("Thank you.").await;
    ana.says("agent").await;
    scenario.inbox().sees(&ana).await;
    scenario.inbox().replies(&ana, "Ben here.").await;
    scenario.inbox().done(&ana).await;
    ana.sees("I am back.").await;
    scenario.inbox().takes(&ana).await;
    scenario.inbox().done(&ana).await;
    ana.sees("I am back.").await;
    scenario.pass_time(25.hours()).await;
    ana.says("thanks").await;
    ana.sees("Thank you.").await;
    scenario.settles().await;
    scenario.inbox().says(&ana, "Ben again.").await;
    scenario
        .inbox()
        .says_as(&ana, "On my phone.", Origin::NativeApp)
        .await;

    let sim = scenario.simulator();
    let id = ana.at_the_platform().id();
    let url = format!("{}control/threads/{id}/scenario", sim.page_url());
    let written = http::get(url).await.unwrap().text().await.unwrap();
    assert_eq!(written, include_str!("saved/scenario.rs"), "\n{written}");
}

mod written {
    use super::bot;

    include!("saved/scenario.rs");
}
