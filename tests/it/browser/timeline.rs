//! The timeline: finding a row, looking into it, and doing it again.

use fantoccini::key::Key;
use serde_json::json;

use crate::support::browser::play;
use crate::support::played_bot::PlayedBot;
use crate::support::simulator_page::SimulatorPage;

#[tokio::test]
async fn a_call_is_found_looked_into_and_sent_again() {
    let bot = PlayedBot::start().await;
    let ana = bot.sim.person("Ana");
    ana.says("Hello").await.unwrap();
    for text in ["One melange", "Two melanges", "Three melanges"] {
        assert_eq!(bot.sends(&ana, json!({ "text": text })).await, Some(200));
    }
    bot.calls(
        "pass_thread_control",
        json!({"recipient": {"id": ana.id()}, "target_app_id": "1"}),
    )
    .await;
    play("timeline", async |client| {
        let page = SimulatorPage::open(client, &bot.page()).await;
        page.click("filter-handover").await;
        page.has_only_rows("handovers", |row| row.title == "pass_thread_control")
            .await;
        page.click("filter-call").await;
        page.fill("filter-search", "Two mel").await;
        page.shows("timeline-count", "1 of ").await;
        page.click("timeline-item").await;
        page.shows("detail-title", "messages").await;
        page.shows("detail-request", "Two melanges").await;
        page.shows("detail-response", "message_id").await;

        page.click("detail-curl").await;
        page.shows("detail-curl-text", "curl ").await;
        page.shows("detail-curl-text", "$ACCESS_TOKEN").await;

        let before = ana.messages().len();
        page.click("detail-again").await;
        page.shows("timeline-count", "2 of ").await;
        page.shows("detail-response", "message_id").await;
        assert_eq!(ana.messages().len(), before + 1, "it is said twice");

        page.click("save-test").await;
        page.shows("scenario", "#[tokio::test]").await;
        page.press(&Key::Escape.to_string()).await;

        page.fill("filter-search", "nowhere to be found").await;
        page.click("filter-clear").await;
        page.has_row("the refused handover", |row| {
            row.title == "pass_thread_control" && row.state == "failed"
        })
        .await;
        page.choose("filter-state", "failed").await;
        page.has_only_rows("what failed", |row| row.state == "failed")
            .await;
    })
    .await;
}

const SELECTED: &str =
    "return document.querySelectorAll('#timeline-list [aria-selected=true]').length";

/// How many rows have another ground than the others.
const HIGHLIGHTED: &str = "return [...document.querySelectorAll('[data-testid=timeline-item]')]
    .filter(row => !row.matches(':hover') && getComputedStyle(row).backgroundColor !== 'rgba(0, 0, 0, 0)').length";

#[tokio::test]
async fn one_row_is_selected_at_most() {
    let bot = PlayedBot::start().await;
    let ana = bot.sim.person("Ana");
    ana.says("Hello").await.unwrap();
    for text in ["one", "two", "three"] {
        assert_eq!(bot.sends(&ana, json!({ "text": text })).await, Some(200));
    }
    play("selected", async |client| {
        let page = SimulatorPage::open(client, &bot.page()).await;
        page.click("filter-call").await;
        page.has_only_rows("calls", |row| row.title == "messages")
            .await;
        page.click("timeline-item").await;
        page.shows("detail-request", "three").await;
        for (key, text) in [("]", "two"), ("]", "one"), ("[", "two")] {
            page.press(key).await;
            page.shows("detail-request", text).await;
            page.gives(SELECTED, 1).await;
        }
        page.click("detail-close").await;
        page.gives(SELECTED, 0).await;
        page.gives(HIGHLIGHTED, 0).await;
    })
    .await;
}
