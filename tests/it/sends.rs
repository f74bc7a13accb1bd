//! What leaves the bot, and what becomes of it if the platform refuses it.

use handover::prelude::*;
use serde_json::{Value, json};

use crate::support::watched::Watched;

#[on_message]
async fn echo(text: Text) -> String {
    text.0
}

mod passing_errors {
    use super::*;

    fn error(error: &Value) -> Value {
        json!({ "error": error })
    }

    #[tokio::test]
    async fn a_refusal_that_will_pass_is_tried_again() {
        for (status, refusal) in [
            (
                400,
                json!({ "message": "temporary", "code": 1200, "error_subcode": 2_018_024 }),
            ),
            (400, json!({ "message": "temporary", "code": 1200 })),
            (
                400,
                json!({ "message": "internal", "code": -1, "error_subcode": 2_018_012 }),
            ),
            (400, json!({ "message": "internal", "code": -1 })),
            (400, json!({ "message": "unavailable", "code": 2 })),
            (
                400,
                json!({ "message": "?", "code": 77_777, "is_transient": true }),
            ),
            (
                400,
                json!({ "message": "?", "code": 100, "is_transient": true }),
            ),
            (
                403,
                json!({ "message": "?", "code": 200, "error_subcode": 5, "is_transient": true }),
            ),
            (
                400,
                json!({ "message": "?", "code": 190, "is_transient": true }),
            ),
            (
                400,
                json!({ "message": "?", "code": 10, "error_subcode": 2_018_278, "is_transient": true }),
            ),
            (503, json!({ "message": "?", "code": 77_777 })),
        ] {
            let watched = Watched::start(routes![echo]).await;
            watched.bot.graph.next_answer(status, error(&refusal));
            watched.bot.platform.says("one").await;
            watched.bot.platform.says("two").await;
            watched.settled().await;
            assert_eq!(watched.called(), ["one", "one", "two"], "{refusal}");
            assert!(watched.dead_letters().await.is_empty(), "{refusal}");
        }
    }

    #[tokio::test]
    async fn what_may_have_arrived_is_not_sent_twice_although_it_is_called_passing() {
        let watched = Watched::start(routes![echo]).await;
        let refusal =
            json!({ "message": "?", "code": 1, "error_subcode": 1_357_046, "is_transient": true });
        watched.bot.graph.next_answer(400, error(&refusal));
        watched.bot.platform.says("one").await;
        watched.bot.graph.wait_for_calls(1).await;
        watched.bot.platform.says("two").await;
        watched.dead_letter_count_becomes(1).await;
        watched.settled().await;
        assert_eq!(watched.called(), ["one", "two"]);
    }
}
