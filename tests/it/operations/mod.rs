//! What operators see of a bot: health, metrics and logs; and that the dashboard, the alerts
//! and their documentation speak of metrics that there are.

mod documents;
mod port;
mod readiness;

use std::time::Duration;

use handover_testkit::http;

use crate::support::bot::{RunningBot, serve};
use crate::support::directory::Directory;
use crate::support::example::binary;
use crate::support::platform::{ACCESS_TOKEN, APP, PAGE, PERSON, SECRET, VERIFY_TOKEN, message};
use crate::support::program::Program;
use crate::support::prometheus::Scrape;
use crate::support::simulated::{self, CAFE, Simulated, token_of};
use crate::support::wait::until;
use crate::support::watched::Watched;
use handover::journal::Journal;
use handover::prelude::*;
use handover::testing::Clock;
use handover::{Account, Config, Error, Notifier, Store};
use handover_testkit::graph::GraphStub;
use serde_json::{Value, json};

#[on_message(text = "agent")]
#[handoff(to = "page_inbox", reclaim_after = "30m")]
async fn to_agent() -> &'static str {
    "One moment."
}

/// To an app that the Page does not know.
#[on_message(text = "specialist")]
#[handoff(to = 777777777777)]
async fn to_nobody() -> &'static str {
    "Let me ask."
}

#[on_message(text = "break")]
async fn broken() -> Result<&'static str, &'static str> {
    Err("it is broken")
}

#[on_timer(name = "reclaim")]
async fn nobody_came() -> &'static str {
    "Nobody is free."
}

#[on_message]
async fn echo(text: Text) -> String {
    format!("heard {text}")
}

fn bot() -> Bot {
    // Nobody is there; its notices wait.
    let notifier = Notifier::webhook("http://127.0.0.1:9/", "a secret");
    Bot::new(routes![to_agent, to_nobody, broken, nobody_came, echo])
        .notify(notifier)
        .retries(0)
}

/// A bot beside the simulator to which everything has happened that is counted.
async fn eventful() -> (Simulated, Scrape) {
    let clock = Clock::default();
    let config = simulated::config().account(Account::new(CAFE, token_of(CAFE)));
    let bot = Simulated::start(bot().clock(clock.clone()), config).await;
    let ana = bot.person(CAFE);
    ana.says("hello").await.unwrap();
    bot.reads(&ana, "heard hello").await;
    ana.says("break").await.unwrap();
    bot.dead_letters(1).await;
    ana.says("specialist").await.unwrap();
    bot.reads(
        &ana,
        "I could not reach a colleague just now, so I am staying with you.",
    )
    .await;
    ana.says("agent").await.unwrap();
    let operations = bot.operations.clone();
    let handed_off = [
        (
            "handover_handoffs_total{target=\"page_inbox\",result=\"passed\"}",
            1.0,
        ),
        ("handover_threads{owner=\"inbox\"}", 1.0),
        ("handover_threads{owner=\"bot\"}", 0.0),
    ];
    Scrape::shows(&operations, &handed_off).await;
    clock.advance(Duration::from_secs(31 * 60));
    bot.reads(&ana, "Nobody is free.").await;
    let idle = [
        ("handover_inbox_events", 0.0),
        ("handover_outbox_calls", 0.0),
        ("handover_threads{owner=\"bot\"}", 1.0),
        // One asks for the thread, the other runs the handler when it has come.
        ("handover_events_handled_total{kind=\"timer\"}", 2.0),
    ];
    let scrape = Scrape::shows(&operations, &idle).await;
    (bot, scrape)
}

#[tokio::test]
async fn what_happens_is_counted() {
    let (_bot, scrape) = eventful().await;
    let expected = [
        ("handover_events_received_total{kind=\"message\"}", 4.0),
        ("handover_events_duplicate_total{kind=\"message\"}", 0.0),
        ("handover_events_handled_total{kind=\"message\"}", 3.0),
        ("handover_events_failed_total{kind=\"message\"}", 1.0),
        ("handover_events_retried_total{kind=\"message\"}", 0.0),
        (
            "handover_events_handled_total{kind=\"handoff_failed\"}",
            1.0,
        ),
        (
            "handover_handler_duration_seconds_count{handler=\"echo\"}",
            1.0,
        ),
        (
            "handover_handler_duration_seconds_count{handler=\"broken\"}",
            1.0,
        ),
        (
            "handover_handler_duration_seconds_count{handler=\"nobody_came\"}",
            1.0,
        ),
        ("handover_handler_failures_total{handler=\"broken\"}", 1.0),
        ("handover_handler_failures_total{handler=\"echo\"}", 0.0),
        (
            "handover_handoffs_total{target=\"page_inbox\",result=\"passed\"}",
            1.0,
        ),
        (
            "handover_handoffs_total{target=\"page_inbox\",result=\"failed\"}",
            0.0,
        ),
        (
            "handover_handoffs_total{target=\"app\",result=\"failed\"}",
            1.0,
        ),
        ("handover_reclaims_total{timer=\"reclaim\"}", 1.0),
        ("handover_reclaims_total{timer=\"unclaimed\"}", 0.0),
        (
            "handover_outbox_attempts_total{call=\"take_thread_control\",result=\"sent\"}",
            1.0,
        ),
        (
            "handover_outbox_attempts_total{call=\"pass_thread_control\",result=\"dead\"}",
            1.0,
        ),
        (
            "handover_graph_requests_total{endpoint=\"messages\",outcome=\"ok\"}",
            5.0,
        ),
        (
            "handover_graph_requests_total{endpoint=\"pass_thread_control\",outcome=\"ok\"}",
            1.0,
        ),
        (
            "handover_graph_requests_total{endpoint=\"pass_thread_control\",outcome=\"refused\"}",
            1.0,
        ),
        (
            "handover_graph_request_duration_seconds_count{endpoint=\"messages\"}",
            5.0,
        ),
        ("handover_dead_letters", 2.0),
        (
            "handover_notices_total{notifier=\"webhook\",result=\"delivered\"}",
            0.0,
        ),
        ("handover_notices_waiting", 2.0),
        ("handover_accounts_paused{reason=\"token\"}", 0.0),
    ];
    for (series, value) in expected {
        assert_eq!(scrape.value(series), Some(value), "{series}");
    }
    let accepted = scrape.value("handover_webhook_requests_total{code=\"200\"}");
    let measured = scrape.value("handover_webhook_acknowledgement_seconds_count");
    assert!(accepted >= Some(4.0), "{accepted:?}");
    assert_eq!(measured, accepted);
}

#[tokio::test]
async fn what_is_refused_repeated_and_held_back_is_counted() {
    let watched = Watched::start_with(bot()).await;
    let RunningBot {
        platform,
        graph,
        operations,
        ..
    } = &watched.bot;
    let hello = message(PERSON, "hello");
    platform.deliver([hello.clone(), hello.clone()]).await;
    platform.deliver([hello]).await;
    assert_eq!(platform.post_signed(b"{}".into(), None).await, 403);
    graph.wait_for_calls(1).await;
    watched.settled().await;
    let refused = json!({ "error": { "message": "no", "type": "OAuthException", "code": 190, "fbtrace_id": "A" } });
    graph.next_answer(400, refused);
    platform.says("and now?").await;
    let expected = [
        ("handover_events_received_total{kind=\"message\"}", 4.0),
        ("handover_events_duplicate_total{kind=\"message\"}", 2.0),
        ("handover_events_handled_total{kind=\"message\"}", 2.0),
        ("handover_webhook_requests_total{code=\"403\"}", 1.0),
        ("handover_webhook_requests_total{code=\"200\"}", 3.0),
        ("handover_accounts_paused{reason=\"token\"}", 1.0),
        ("handover_outbox_calls", 1.0),
        (
            "handover_outbox_attempts_total{call=\"messages\",result=\"put_off\"}",
            1.0,
        ),
        (
            "handover_graph_requests_total{endpoint=\"messages\",outcome=\"token_refused\"}",
            1.0,
        ),
    ];
    Scrape::shows(operations, &expected).await;
    until("it has waited", async || {
        let scrape = Scrape::of(operations).await;
        let age = scrape.value("handover_outbox_oldest_call_age_seconds");
        (age > Some(0.0)).then_some(()).ok_or(format!("{age:?}"))
    })
    .await;
}

#[tokio::test]
async fn a_handler_of_errors_that_fails_is_counted_however_it_fails() {
    #[on_error]
    async fn sorry(why: Failure) -> Result<&'static str, &'static str> {
        match &*why.0 {
            "panic" => panic!("no apology"),
            "wait" => std::future::pending().await,
            "fail" => Err("no apology"),
            _ => Ok("Sorry."),
        }
    }

    #[on_message]
    async fn hopeless(text: Text) -> Result<&'static str, String> {
        Err(text.0)
    }

    let bot = Bot::new(routes![hopeless, sorry]).handler_timeout(Duration::from_millis(200));
    let watched = Watched::start_with(bot.retries(0)).await;
    for text in ["panic", "wait", "fail", "something else"] {
        watched.bot.platform.says(text).await;
    }
    watched.settled().await;
    assert_eq!(watched.called(), ["Sorry."]);
    let counted = [
        ("handover_handler_failures_total{handler=\"sorry\"}", 3.0),
        (
            "handover_handler_duration_seconds_count{handler=\"sorry\"}",
            4.0,
        ),
        ("handover_handler_failures_total{handler=\"hopeless\"}", 4.0),
    ];
    Scrape::shows(&watched.bot.operations, &counted).await;
    assert_eq!(watched.dead_letters().await.len(), 4);
}

#[tokio::test]
async fn no_label_names_a_person_an_account_or_an_app() {
    let watched = Watched::start_with(bot()).await;
    // A kind that is an id, and so must not become a label.
    let mut strange = message(PERSON, "hello");
    strange.as_object_mut().unwrap().remove("message");
    strange[PERSON] = json!({ "of": PAGE });
    watched.bot.platform.deliver([strange]).await;
    watched.bot.platform.says("hello").await;
    watched.bot.graph.wait_for_calls(1).await;
    let counted = [("handover_events_handled_total{kind=\"other\"}", 1.0)];
    let here = Scrape::shows(&watched.bot.operations, &counted).await;
    let (_bot, there) = eventful().await;
    for sample in here.samples().chain(there.samples()) {
        for (label, value) in &sample.labels {
            let digits = value.split(|of: char| !of.is_ascii_digit()).map(str::len);
            assert!(digits.max() < Some(5), "{}: {label}={value}", sample.name);
        }
    }
}
