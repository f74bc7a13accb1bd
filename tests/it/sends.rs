//! What leaves the bot, and what becomes of it if the platform refuses it.

use std::time::Duration;

use handover::graph::Advice;
use handover::journal::DeadLetterContent;
use handover::prelude::*;
use handover::protocol::{MessageTag, UtilityTemplate};
use serde_json::{Value, json};

use crate::support::platform::{PAGE_INBOX, PERSON, message};
use crate::support::watched::Watched;

const DAY_AND_HOUR: Duration = Duration::from_secs(25 * 60 * 60);

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
        // Its own metadata leaves no room for the reference by which the echo would be recognized.
        #[on_message]
        async fn noted(text: Text) -> Message {
            text.0.with_metadata("a note")
        }

        let watched = Watched::start(routes![noted]).await;
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

fn unavailable() -> Value {
    json!({ "error": { "message": "person unavailable", "code": 551, "error_subcode": 1_545_041 } })
}

mod ended_outcomes {
    use super::*;

    #[on_message(text = "long")]
    async fn long() -> (Vec<&'static str>, Timer) {
        (vec!["one", "two", "three"], Timer::cancel("none"))
    }

    #[tokio::test]
    async fn the_rest_of_an_outcome_ends_with_what_is_refused_for_good() {
        let watched = Watched::start(routes![long, echo]).await;
        watched.bot.graph.hold();
        watched.bot.graph.next_answer(400, unavailable());
        watched.bot.platform.says("long").await;
        watched.bot.platform.says("later").await;
        watched.bot.graph.wait_for_calls(1).await;
        watched.bot.graph.let_go();
        watched.settled().await;
        assert_eq!(watched.called(), ["one", "later"]);
        let dead = watched.dead_letters().await;
        assert_eq!(dead.len(), 3);
        for letter in &dead {
            assert!(
                letter.cause.contains("person unavailable"),
                "{}",
                letter.cause
            );
        }
        assert!(dead[1].cause.contains("not sent"), "{}", dead[1].cause);
    }

    #[tokio::test]
    async fn what_was_sent_before_stays_and_a_handoff_is_made() {
        #[on_message]
        #[handoff(to = "page_inbox", say = "A colleague is coming.")]
        async fn agent() -> Vec<&'static str> {
            vec!["one", "two", "three"]
        }

        let watched = Watched::start(routes![agent]).await;
        watched
            .bot
            .graph
            .next_answer(200, json!({ "recipient_id": PERSON, "message_id": "m" }));
        watched.bot.graph.next_answer(400, unavailable());
        watched.bot.platform.says("agent").await;
        watched.settled().await;
        assert_eq!(watched.called(), ["one", "two", "pass_thread_control"]);
        assert_eq!(watched.dead_letters().await.len(), 3);
    }

    #[tokio::test]
    async fn what_may_have_arrived_ends_nothing() {
        #[on_message]
        async fn noted() -> Vec<Message> {
            let texts = ["one", "two", "three"];
            Vec::from(texts.map(|text| text.with_metadata("a note")))
        }

        let watched = Watched::start(routes![noted]).await;
        let lost = json!({ "error": { "message": "?", "code": 1, "error_subcode": 1_357_046 } });
        watched.bot.graph.next_answer(400, lost);
        watched.bot.platform.says("long").await;
        // Its echo is waited for, by its text.
        crate::support::wait::until("it is given up", async || {
            let dead = watched.dead_letters().await.len();
            (dead == 1).then_some(()).ok_or(format!("{dead}"))
        })
        .await;
        watched.settled().await;
        assert_eq!(watched.called(), ["one", "two", "three"]);
    }

    #[tokio::test]
    async fn a_file_keeps_it_too() {
        use crate::support::bot::RunningBot;
        use handover::journal::Journal;

        let directory = crate::support::directory::Directory::new();
        let path = directory.path().join("handover.db");
        let journal = Journal::open(&path).unwrap();
        let bot = Bot::new(routes![long, echo]).journal(journal.clone());
        let bot = RunningBot::start_with(bot).await;
        bot.graph.next_answer(400, unavailable());
        bot.platform.says("long").await;
        bot.platform.says("later").await;
        bot.graph.wait_for_calls(2).await;
        crate::support::wait::until("all is sent or given up", async || {
            let backlog = journal.backlog().await.unwrap();
            (backlog.calls == 0)
                .then_some(())
                .ok_or(format!("{backlog:?}"))
        })
        .await;
        assert_eq!(bot.graph.texts(), ["one", "later"]);
        assert_eq!(journal.dead_letters().await.unwrap().len(), 3);
    }
}

mod failed_sends {
    use super::*;

    #[on_send_failed]
    async fn not_sent(failed: FailedSend) -> String {
        let text = failed.message.text.unwrap_or_default();
        assert_eq!(failed.message.metadata, None);
        format!("{text:?} failed: {:?}, {:?}", failed.code, failed.advice)
    }

    #[tokio::test]
    async fn a_handler_hears_of_it_once_for_an_outcome() {
        #[on_message(text = "long")]
        async fn long() -> Vec<&'static str> {
            vec!["one", "two"]
        }

        let watched = Watched::start(routes![long, echo, not_sent]).await;
        watched.bot.graph.next_answer(400, unavailable());
        watched.bot.platform.says("long").await;
        watched.settled().await;
        let said = format!("\"one\" failed: Some(551), {:?}", Advice::GiveUp);
        assert_eq!(watched.called(), ["one", said.as_str()]);
    }

    #[tokio::test]
    async fn it_never_loops() {
        #[on_send_failed]
        #[handoff(to = "page_inbox")]
        async fn again() -> (&'static str, Timer) {
            ("again", Timer::after("soon", Duration::ZERO))
        }
        #[on_handoff_failed]
        async fn stays() -> &'static str {
            "I stay"
        }
        #[on_timer(name = "soon")]
        async fn soon() -> &'static str {
            "and again"
        }

        let watched = Watched::start(routes![echo, again, stays, soon]).await;
        for _ in 0..20 {
            watched.bot.graph.next_answer(400, unavailable());
        }
        watched.bot.platform.says("hello").await;
        watched.dead_letter_count_becomes(5).await;
        watched.settled().await;
        let mut called = watched.called();
        called[3..].sort();
        assert_eq!(
            called,
            [
                "hello",
                "again",
                "pass_thread_control",
                "I stay",
                "and again"
            ]
        );
    }

    #[tokio::test]
    async fn what_the_guard_refuses_is_a_failure_too() {
        #[on_send_failed]
        async fn pass(failed: FailedSend) -> Option<Timer> {
            (failed.code.is_none() && failed.reason.contains("24-hour"))
                .then(|| Timer::cancel("reminder"))
        }
        #[on_timer(name = "late")]
        async fn late() -> &'static str {
            "too late"
        }

        let hello = message(PERSON, "hello");
        let routes = routes![echo, late, pass];
        let watched = Watched::start_after(DAY_AND_HOUR, hello, routes).await;
        watched.dead_letter_count_becomes(1).await;
        watched.settled().await;
        assert_eq!(watched.dead_letters().await.len(), 1);
    }
}

mod outside_the_window {
    use super::*;

    #[on_message(text = "all")]
    async fn all() -> (
        &'static str,
        Message,
        Message,
        Message,
        Message,
        &'static str,
    ) {
        (
            "first",
            Message::utility(UtilityTemplate::new("order_shipped", "en_US").body(["12345"])),
            Message::text("How was it?").tag(MessageTag::CustomerFeedback),
            Message::text("News!").to_token("TOKEN"),
            Message::text("It is back!").to_one_time_token("ONCE"),
            "last",
        )
    }

    #[tokio::test]
    async fn utility_tags_and_tokens_leave_in_order() {
        let watched = Watched::start(routes![all]).await;
        watched.bot.platform.says("all").await;
        watched.settled().await;
        let calls = watched.bot.graph.calls();
        let bodies: Vec<_> = calls.iter().map(|call| &call.body).collect();
        assert_eq!(bodies.len(), 6);
        assert_eq!(bodies[0]["message"]["text"], "first");
        assert_eq!(bodies[1]["messaging_type"], "UTILITY");
        assert_eq!(bodies[1]["template"]["name"], "order_shipped");
        assert!(bodies[1].get("message").is_none());
        assert_eq!(bodies[1]["recipient"], json!({ "id": PERSON }));
        assert_eq!(bodies[2]["messaging_type"], "MESSAGE_TAG");
        assert_eq!(bodies[2]["tag"], "CUSTOMER_FEEDBACK");
        assert_eq!(
            bodies[3]["recipient"],
            json!({ "notification_messages_token": "TOKEN" })
        );
        assert_eq!(
            bodies[4]["recipient"],
            json!({ "one_time_notif_token": "ONCE" })
        );
        assert_eq!(bodies[5]["message"]["text"], "last");
        assert!(watched.dead_letters().await.is_empty());
    }

    #[tokio::test]
    async fn the_guard_knows_their_windows() {
        let written = || message(PERSON, "all");
        let watched = Watched::start_after(DAY_AND_HOUR, written(), routes![all]).await;
        watched.dead_letter_count_becomes(1).await;
        watched.settled().await;
        // The first is refused, so the rest of its outcome ends with it.
        assert_eq!(watched.called(), [""; 0]);

        #[on_message]
        async fn news() -> Vec<Message> {
            vec![
                Message::utility(UtilityTemplate::new("order_shipped", "en_US")),
                Message::text("How was it?").tag(MessageTag::CustomerFeedback),
                Message::text("News!").to_token("TOKEN"),
                Message::text("It is back!").to_one_time_token("ONCE"),
            ]
        }
        let watched = Watched::start_after(DAY_AND_HOUR, written(), routes![news]).await;
        watched.settled().await;
        assert_eq!(watched.bot.graph.calls().len(), 4);
        assert!(watched.dead_letters().await.is_empty());
    }

    #[tokio::test]
    async fn they_wait_for_nobody_who_has_the_thread() {
        #[on_timer(name = "later")]
        async fn later() -> Message {
            Message::utility(UtilityTemplate::new("order_shipped", "en_US"))
        }
        #[on_message]
        #[handoff(to = "page_inbox")]
        async fn agent() -> Timer {
            Timer::after("later", Duration::ZERO)
        }

        let watched = Watched::start(routes![agent, later]).await;
        watched.bot.graph.owned_by(PAGE_INBOX);
        watched.bot.platform.says("agent").await;
        watched.dead_letter_count_becomes(1).await;
        watched.settled().await;
        assert_eq!(watched.called(), ["pass_thread_control"]);
        let dead = watched.dead_letters().await;
        assert!(matches!(dead[0].content, DeadLetterContent::Call(_)));
        assert!(
            dead[0].cause.contains("owns the thread"),
            "{}",
            dead[0].cause
        );
    }
}

mod scenarios {
    use handover::testing::Scenario;

    use super::*;

    #[on_message]
    async fn broken() -> Result<(), &'static str> {
        Err("the shop does not answer")
    }

    #[tokio::test]
    #[should_panic(expected = "the shop does not answer")]
    async fn a_dead_letter_that_nobody_expects_fails_a_scenario_at_its_end() {
        let scenario = Scenario::with(Bot::new(routes![broken]).retries(0)).await;
        scenario.person("Ana").says("hello").await;
        scenario.settles().await;
    }

    #[tokio::test]
    async fn one_that_is_expected_does_not() {
        let scenario = Scenario::with(Bot::new(routes![broken]).retries(0)).await;
        let ana = scenario.person("Ana");
        ana.says("hello").await;
        assert_eq!(scenario.dead_letters().await.len(), 1);
        assert!(scenario.dead_letters().await.is_empty());
        ana.says("hello?").await;
        assert_eq!(scenario.dead_letters().await.len(), 1);
    }
}
