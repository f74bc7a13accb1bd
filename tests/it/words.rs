//! `#[on_message(words = …)]`: a word anywhere in what the person wrote.

use handover::prelude::*;
use handover::testing::{dispatch, event};
use serde_json::json;

use crate::support::bot::RunningBot;
use crate::support::platform::{item, message};
use handover_testkit::graph::Call;

#[on_message(words = ["agent", "human", "help me"])]
#[handoff(to = "page_inbox")]
async fn to_agent() -> &'static str {
    "One moment, please."
}

#[on_message(words = ["straße", "σύμβουλος", "موظف", "人工", "คน", "don't"])]
async fn elsewhere() -> &'static str {
    "In any script."
}

#[on_message(words = "order", regex = r"(?<number>\d+)")]
async fn order(captures: Captures) -> String {
    format!("Order {}", captures.name("number").unwrap_or_default())
}

#[on_message]
async fn echo(text: Text) -> String {
    format!("You said: {text}")
}

async fn handler_of(text: &str) -> String {
    let routes = routes![to_agent, elsewhere, order, echo];
    let answer = dispatch(routes, event::message(text)).await.unwrap();
    answer.handler().unwrap().to_owned()
}

#[tokio::test]
async fn a_word_is_found_in_a_sentence() {
    for text in [
        "I need a human please",
        "HUMAN!!!",
        "agent",
        "can you help\n me, please?",
        "(Agent)",
        "Talk to an agent.",
        "a human's friend is a human",
    ] {
        assert_eq!(handler_of(text).await, "to_agent", "{text}");
    }
    for text in [
        "humanity",
        "agents",
        "superhuman",
        "help us, not me",
        "help? me!",
        "hu man",
    ] {
        assert_eq!(handler_of(text).await, "echo", "{text}");
    }
}

#[tokio::test]
async fn case_and_encoding_do_not_matter_in_any_script() {
    for text in [
        "Schönhauser STRASSE 7",
        "Ο ΣΎΜΒΟΥΛΟΣ;",
        "ο συ\u{301}μβουλος μου",
        "أريد موظف",
        "我要人工服务",
        "ขอคุยกับคนจริง",
        "I don’t know",
        "I DON'T",
    ] {
        assert_eq!(handler_of(text).await, "elsewhere", "{text}");
    }
    for text in ["stra ße", "موظفون", "don", "dont"] {
        assert_eq!(handler_of(text).await, "echo", "{text}");
    }
}

#[tokio::test]
async fn all_keys_of_a_handler_have_to_fit() {
    assert_eq!(handler_of("my Order 42?").await, "order");
    assert_eq!(handler_of("my reorder 42").await, "echo");
    assert_eq!(handler_of("my order").await, "echo");
}

#[tokio::test]
async fn a_whole_bot_understands_the_first_line_that_people_type() {
    let bot = RunningBot::start(routes![to_agent, echo]).await;
    bot.platform
        .deliver([
            // What has no text, and what is not a person's, has no words either.
            item(
                "message",
                json!({ "mid": "without_text", "attachments": [] }),
            ),
            message("another", "humans"),
        ])
        .await;
    bot.platform.says("I need a human please").await;
    let calls = bot.graph.wait_for_calls(3).await;
    let mut names: Vec<_> = calls.iter().map(Call::name).collect();
    names.sort_unstable();
    assert_eq!(names, ["messages", "messages", "pass_thread_control"]);
    assert!(bot.graph.texts().contains(&"You said: humans".to_owned()));
}

#[tokio::test]
async fn it_is_described_as_it_is_written() {
    let described = Bot::new(routes![to_agent]).describe().to_string();
    let written = r#"on_message(words = "agent" | "human" | "help me")"#;
    assert!(described.contains(written), "{described}");
}

#[on_message(words = "human being")]
async fn later() {}

/// Lists put together at run time are judged as one list is by the compiler.
#[tokio::test]
async fn what_can_never_run_is_found_when_the_bot_starts() {
    let routes = routes![to_agent].routes(routes![later]);
    let error = dispatch(routes, event::message("hi")).await.unwrap_err();
    let text = error.to_string();
    assert!(
        text.contains("`later`") && text.contains("can never run"),
        "{text}"
    );
    let other_way_round = routes![later].routes(routes![to_agent]);
    let answer = dispatch(other_way_round, event::message("human")).await;
    assert_eq!(answer.unwrap().handler(), Some("to_agent"));
}
