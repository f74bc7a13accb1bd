//! Which handler takes an event, what it is given, and what its answer leads to.

#![allow(
    clippy::expect_used,
    clippy::needless_pass_by_value,
    clippy::panic,
    clippy::unwrap_used,
    reason = "what goes wrong here fails a test"
)]

mod handovers;
mod messages;
mod outcomes;

use std::sync::Arc;

use crate::support::bot::RunningBot;
use crate::support::platform::{APP, PAGE, PAGE_INBOX, PERSON, item};
use handover::prelude::*;
use handover::protocol::{OutgoingAttachment, SenderAction};
use handover::{Provides, Routes, Target, TargetApp};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// Delivers the items and gives what the bot sends: texts, or the body of any other call.
async fn answers(
    routes: Routes,
    items: impl IntoIterator<Item = Value>,
    count: usize,
) -> Vec<Value> {
    let bot = RunningBot::start(routes).await;
    bot.platform.deliver(items).await;
    let calls = bot.graph.wait_for_calls(count).await;
    calls
        .into_iter()
        .map(|call| call.text().map_or(call.body.clone(), Value::from))
        .collect()
}

fn says(text: &str) -> Value {
    crate::support::platform::message(PERSON, text)
}

fn taps(payload: &str) -> Value {
    item(
        "postback",
        json!({ "title": "A button", "payload": payload }),
    )
}

mod postbacks {
    use super::*;

    #[on_postback(payload = ["START", "GET_STARTED"])]
    async fn start() -> &'static str {
        "started"
    }

    #[on_postback]
    async fn amount(cents: Payload<u32>) -> String {
        format!("{} cents", *cents)
    }

    #[on_postback]
    async fn any(payload: Option<Payload>) -> String {
        payload.map_or_else(
            || "no payload".into(),
            |payload| format!("payload {payload}"),
        )
    }

    #[tokio::test]
    async fn payloads_are_matched_exactly_and_parsed() {
        let bare = item("postback", json!({ "title": "Bare" }));
        let items = [
            taps("GET_STARTED"),
            taps("get_started"),
            taps("250"),
            taps("2.5"),
            bare,
        ];
        assert_eq!(
            answers(routes![start, amount, any], items, 5).await,
            [
                "started",
                "payload get_started",
                "250 cents",
                "payload 2.5",
                "no payload"
            ]
        );
    }
}

/// State that the tests can look into.
#[derive(Clone, Default)]
struct Log(Arc<std::sync::Mutex<Vec<String>>>);

impl Log {
    fn note(&self, what: String) {
        self.0.lock().unwrap().push(what);
    }

    fn noted(&self) -> Vec<String> {
        self.0.lock().unwrap().clone()
    }
}

impl Provides<Log> for Log {
    fn provide(&self) -> &Log {
        self
    }
}

mod regexes {
    use super::*;

    #[on_message(regex = "[z-a]")]
    async fn broken() {}

    #[tokio::test]
    async fn one_that_is_none_stops_the_bot_from_starting() {
        let graph = handover_testkit::graph::GraphStub::start().await;
        let bot = Bot::new(routes![broken]).config(crate::support::bot::config(&graph));
        let error = bot.into_parts().unwrap_err().to_string();
        assert!(
            error.contains("`broken`") && error.contains("invalid character class range"),
            "{error}"
        );
    }
}

mod settings {
    use super::*;

    #[tokio::test]
    async fn a_wrong_one_is_named_by_its_variable() {
        let graph = handover_testkit::graph::GraphStub::start().await;
        let config = crate::support::bot::config(&graph).graph_version("26");
        let bot = Bot::new(Routes::default()).config(config);
        let error = bot.into_parts().unwrap_err();
        let explained = error.to_string();
        assert!(explained.starts_with("GRAPH_API_VERSION: "), "{error}");
        assert!(
            explained.contains("version has to look like v26.0"),
            "{error}"
        );
        assert_eq!(
            format!("{error:?}"),
            error.to_string(),
            "what `main` prints"
        );
    }
}

mod state {
    use super::*;

    #[derive(BotState)]
    struct Shop {
        name: String,
        prices: Arc<Vec<u32>>,
    }

    #[on_message]
    async fn price(name: State<String>, prices: State<Arc<Vec<u32>>>) -> String {
        format!("{} from {} cents at {}", prices.len(), prices[0], *name)
    }

    #[tokio::test]
    async fn each_handler_gets_the_parts_it_asks_for() {
        let shop = Shop {
            name: "Kaffeehaus".into(),
            prices: Arc::new(vec![250, 300]),
        };
        let bot = RunningBot::start_with(Bot::with_state(shop, routes![price])).await;
        bot.platform.says("how much?").await;
        bot.graph.wait_for_calls(1).await;
        assert_eq!(bot.graph.texts(), ["2 from 250 cents at Kaffeehaus"]);
    }
}

mod sessions {
    use super::*;

    #[derive(Default, Serialize, Deserialize)]
    struct Count(u32);

    #[on_message(text = "fail")]
    async fn fail(mut count: Session<Count>) -> Result<(), &'static str> {
        count.0 += 100;
        Err("so the session stays as it was")
    }

    #[on_message]
    async fn wants_a_picture(mut count: Session<Count>, _pictures: Attachments) {
        count.0 += 1000;
    }

    #[fallback]
    async fn counted(mut count: Session<Count>) -> String {
        count.0 += 1;
        count.0.to_string()
    }

    #[tokio::test]
    async fn each_thread_has_its_own_and_only_answers_change_it() {
        let bot = RunningBot::start(routes![counted, wants_a_picture, fail]).await;
        for text in ["a", "fail", "b"] {
            bot.platform.says(text).await;
        }
        bot.platform
            .deliver([crate::support::platform::message("another person", "c")])
            .await;
        let calls = bot.graph.wait_for_calls(3).await;
        let of = |person: &str| -> Vec<_> {
            let theirs = calls
                .iter()
                .filter(|call| call.body["recipient"]["id"] == *person);
            theirs.filter_map(|call| call.text()).collect()
        };
        assert_eq!(of(PERSON), ["1", "2"]);
        assert_eq!(of("another person"), ["1"]);
    }
}

mod fallbacks {
    use super::*;

    #[fallback]
    async fn lost() -> &'static str {
        "lost"
    }

    #[on_message(text = "known")]
    async fn known() -> &'static str {
        "known"
    }

    #[tokio::test]
    async fn they_take_messages_and_postbacks_that_nobody_else_takes_and_nothing_else() {
        let items = [
            item("read", json!({ "watermark": 1 })),
            item("delivery", json!({ "mids": ["m"], "watermark": 1 })),
            item(
                "reaction",
                json!({ "reaction": "love", "action": "react", "mid": "m" }),
            ),
            item(
                "message",
                json!({ "mid": "m_echo", "is_echo": true, "app_id": 4711, "text": "known" }),
            ),
            item("optin", json!({ "ref": "R" })),
            says("known"),
            says("unknown"),
            taps("UNKNOWN"),
        ];
        assert_eq!(
            answers(routes![lost, known], items, 3).await,
            ["known", "lost", "lost"]
        );
    }
}
