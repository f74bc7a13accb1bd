//! Several triggers on one function: one action by text, button and quick reply.

use handover::TargetApp;
use handover::prelude::*;
use handover::protocol::Received;
use handover::testing::{Dispatcher, event};
use handover_testkit::http;

use crate::support::bot::RunningBot;
use crate::support::platform::{PERSON, item};
use serde_json::json;

/// Shows the menu.
#[on_message(text = "menu")]
#[on_postback(payload = "MENU")]
#[on_message(quick_reply = "MENU")]
async fn menu(sender: Sender) -> String {
    format!("The menu for {}.", *sender)
}

#[on_message(words = "agent")]
#[on_postback(payload = "AGENT")]
#[handoff(to = "page_inbox", reclaim_after = "30m")]
async fn agent() -> &'static str {
    "One moment, please."
}

#[on_postback(payload = "ITEM:{id}")]
#[on_message(regex = r"^item (?<id>\d+)")]
#[on_optin(payload = "ITEM:{id}")]
async fn item_of(sender: Sender) -> String {
    format!("An item for {}.", *sender)
}

#[fallback]
async fn lost() -> &'static str {
    "?"
}

fn bot() -> Bot {
    Bot::new(routes![menu, agent, item_of, lost])
}

#[tokio::test]
async fn each_trigger_calls_the_function() {
    let mut bot = Dispatcher::new(bot()).unwrap();
    let events: [(Received, &str); 6] = [
        (event::message("Menu").from("42").into(), "The menu for 42."),
        (
            event::postback("MENU").from("42").into(),
            "The menu for 42.",
        ),
        (
            event::quick_reply("Our menu", "MENU").from("42").into(),
            "The menu for 42.",
        ),
        (
            event::message("item 7").from("42").into(),
            "An item for 42.",
        ),
        (
            event::postback("ITEM:7").from("42").into(),
            "An item for 42.",
        ),
        (event::message("anything").into(), "?"),
    ];
    for (event, text) in events {
        assert_eq!(bot.dispatch(event).await.texts(), [text]);
    }
}

#[tokio::test]
async fn a_handoff_goes_with_all_of_them() {
    let mut bot = Dispatcher::new(bot()).unwrap();
    let events: [Received; 2] = [
        event::message("an agent, please").into(),
        event::postback("AGENT").into(),
    ];
    for event in events {
        let answer = bot.dispatch(event).await;
        assert_eq!(answer.texts(), ["One moment, please."]);
        assert_eq!(answer.handoff(), Some(TargetApp::Inbox));
    }
}

#[tokio::test]
async fn a_whole_bot_with_metrics_knows_it_as_one_handler() {
    let bot = RunningBot::start_with(bot()).await;
    bot.platform.says("menu").await;
    bot.platform
        .deliver([item(
            "postback",
            json!({ "title": "Menu", "payload": "MENU" }),
        )])
        .await;
    bot.graph.wait_for_calls(2).await;
    let text = format!("The menu for {PERSON}.");
    assert_eq!(bot.graph.texts(), [text.clone(), text]);
    let metrics = http::get(format!("{}/metrics", bot.operations)).await;
    let metrics = metrics.unwrap().text().await.unwrap();
    let of_menu = "handover_handler_duration_seconds_count{handler=\"menu\"} 2";
    assert!(metrics.contains(of_menu), "{metrics}");
}

#[test]
fn each_trigger_is_described_in_the_order_written() {
    let described = bot().describe().to_string();
    let at = |what: &str| {
        described
            .find(what)
            .unwrap_or_else(|| panic!("no {what} in\n{described}"))
    };
    let in_order = [
        r#"on_message(text = "menu")"#,
        r#"on_postback(payload = "MENU")"#,
        r#"on_message(quick_reply = "MENU")"#,
        r#"on_message(words = "agent")"#,
        r#"on_postback(payload = "AGENT")"#,
    ];
    assert!(in_order.is_sorted_by_key(|one| at(one)), "{described}");
    assert_eq!(described.matches("the inbox").count(), 2, "{described}");
    assert_eq!(
        described.matches("Shows the menu.").count(),
        3,
        "{described}"
    );
}

#[test]
fn the_function_stays_callable() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    let answer = runtime.block_on(agent());
    let _: handover::outcome::WithHandoff<_, _> = answer;
}

#[on_postback(payload = "AGENT")]
async fn later() {}

/// Each trigger is judged by itself.
#[test]
fn what_one_of_its_triggers_covers_can_never_run() {
    let routes = routes![agent].routes(routes![later]);
    let error = Dispatcher::new(Bot::new(routes)).unwrap_err().to_string();
    assert!(
        error.contains("`later`") && error.contains("`agent`"),
        "{error}"
    );
}
