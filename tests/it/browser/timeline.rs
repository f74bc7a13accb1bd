//! The timeline: finding a row, looking into it, and doing it again.

use fantoccini::key::Key;
use serde_json::json;

use crate::support::browser::play;
use crate::support::desk::Desk;
use crate::support::played_bot::PlayedBot;

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
        let desk = Desk::open(client, &bot.page()).await;
        desk.click("filter-handover").await;
        desk.has_only_rows("handovers", |row| row.title == "pass_thread_control")
            .await;
        desk.click("filter-call").await;
        desk.fill("filter-search", "Two mel").await;
        desk.shows("timeline-count", "1 of ").await;
        desk.click("timeline-item").await;
        desk.shows("detail-title", "messages").await;
        desk.shows("detail-request", "Two melanges").await;
        desk.shows("detail-response", "message_id").await;

        desk.click("detail-curl").await;
        desk.shows("detail-curl-text", "curl ").await;
        desk.shows("detail-curl-text", "$ACCESS_TOKEN").await;

        let before = ana.messages().len();
        desk.click("detail-again").await;
        desk.shows("timeline-count", "2 of ").await;
        desk.shows("detail-response", "message_id").await;
        assert_eq!(ana.messages().len(), before + 1, "it is said twice");

        desk.click("save-test").await;
        desk.shows("scenario", "#[tokio::test]").await;
        desk.press(&Key::Escape.to_string()).await;

        desk.fill("filter-search", "nowhere to be found").await;
        desk.click("filter-clear").await;
        desk.has_row("the refused handover", |row| {
            row.title == "pass_thread_control" && row.state == "failed"
        })
        .await;
        desk.choose("filter-state", "failed").await;
        desk.has_only_rows("what failed", |row| row.state == "failed")
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
        let desk = Desk::open(client, &bot.page()).await;
        desk.click("filter-call").await;
        desk.has_only_rows("calls", |row| row.title == "messages")
            .await;
        desk.click("timeline-item").await;
        desk.shows("detail-request", "three").await;
        for (key, text) in [("]", "two"), ("]", "one"), ("[", "two")] {
            desk.press(key).await;
            desk.shows("detail-request", text).await;
            desk.gives(SELECTED, 1).await;
        }
        desk.click("detail-close").await;
        desk.gives(SELECTED, 0).await;
        desk.gives(HIGHLIGHTED, 0).await;
    })
    .await;
}
