//! Handlers that fail are called again.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use crate::support::platform::message;
use crate::support::watched::Watched;
use handover::BotState;
use handover::journal::DeadLetterContent;
use handover::prelude::*;

#[derive(BotState)]
struct Tries {
    count: Arc<AtomicU32>,
}

/// Fails at first.
#[on_message(text = "order")]
async fn order(tries: State<Arc<AtomicU32>>) -> Result<&'static str, &'static str> {
    match tries.fetch_add(1, Ordering::Relaxed) {
        0 => Err("the shop does not answer"),
        _ => Ok("Ordered."),
    }
}

#[on_message]
async fn echo(text: Text) -> String {
    text.0
}

#[on_error]
async fn sorry(failure: Failure) -> String {
    format!("A moment: {failure}.")
}

fn bot(routes: Routes<Tries>) -> Bot {
    let count = Arc::new(AtomicU32::new(0));
    Bot::with_state(Tries { count }, routes)
}

#[tokio::test]
async fn what_failed_is_tried_again_and_the_thread_waits_for_it() {
    let watched = Watched::start_with(bot(routes![order, echo, sorry])).await;
    watched.bot.platform.says("order").await;
    watched.bot.platform.says("next").await;
    watched
        .bot
        .platform
        .deliver([message("other", "hello")])
        .await;
    watched.settled().await;
    let mut called = watched.called();
    let others = called.iter().position(|text| text == "hello").unwrap();
    assert!(others < 3, "others do not wait: {called:?}");
    called.remove(others);
    let sorry = "A moment: the shop does not answer.";
    assert_eq!(called, [sorry, "Ordered.", "next"]);
    assert!(watched.dead_letters().await.is_empty());
}

#[tokio::test]
async fn after_the_last_try_it_is_a_dead_letter() {
    #[on_message(text = "order")]
    async fn never(tries: State<Arc<AtomicU32>>) -> Result<(), &'static str> {
        tries.fetch_add(1, Ordering::Relaxed);
        Err("closed for good")
    }

    let count = Arc::new(AtomicU32::new(0));
    let state = Tries {
        count: count.clone(),
    };
    let bot = Bot::with_state(state, routes![never, echo, sorry]).retries(1);
    let watched = Watched::start_with(bot).await;
    watched.bot.platform.says("order").await;
    watched.bot.platform.says("next").await;
    watched.settled().await;
    assert_eq!(count.load(Ordering::Relaxed), 2);
    assert_eq!(watched.called(), ["A moment: closed for good.", "next"]);
    let dead = watched.dead_letters().await;
    assert_eq!(dead.len(), 1);
    assert_eq!(dead[0].cause, "closed for good");
    assert!(matches!(&dead[0].content, DeadLetterContent::Event(_)));
}

#[tokio::test]
async fn what_was_handed_to_a_person_is_not_tried_again() {
    #[on_error]
    #[handoff(to = "page_inbox")]
    async fn fetch_somebody() -> &'static str {
        "I am fetching a colleague."
    }

    let watched = Watched::start_with(bot(routes![order, fetch_somebody])).await;
    watched.bot.platform.says("order").await;
    watched.settled().await;
    assert_eq!(
        watched.called(),
        ["I am fetching a colleague.", "pass_thread_control"]
    );
    assert_eq!(watched.dead_letters().await.len(), 1);
}

#[tokio::test]
async fn a_handler_that_takes_too_long_has_failed() {
    #[on_message]
    async fn slow() -> &'static str {
        std::future::pending::<()>().await;
        "never"
    }

    let bot = Bot::new(routes![slow])
        .handler_timeout(Duration::from_millis(50))
        .retries(0);
    let watched = Watched::start_with(bot).await;
    watched.bot.platform.says("hello").await;
    watched.settled().await;
    let dead = watched.dead_letters().await;
    assert!(
        dead[0].cause.contains("longer than 50ms"),
        "{}",
        dead[0].cause
    );
}

#[tokio::test]
async fn a_session_that_is_too_large_is_refused_and_the_old_one_kept() {
    #[on_message(text = "fill")]
    async fn fill(mut notes: Session<String>) {
        *notes = "x".repeat(2 * 1024 * 1024);
    }

    #[on_message]
    async fn note(mut notes: Session<String>, text: Text) -> String {
        notes.push_str(&text);
        notes.clone()
    }

    let watched = Watched::start(routes![fill, note]).await;
    for text in ["a", "fill", "b"] {
        watched.bot.platform.says(text).await;
    }
    watched.settled().await;
    assert_eq!(watched.called(), ["a", "ab"]);
    let dead = watched.dead_letters().await;
    assert!(
        dead[0].cause.contains("at most 1048576"),
        "{}",
        dead[0].cause
    );
}

#[tokio::test]
async fn a_session_that_no_longer_fits_is_kept_and_reported() {
    /// What one version of a bot has written, and the next one cannot read.
    #[derive(Clone, Default, serde::Deserialize, serde::Serialize)]
    #[serde(from = "String", into = "u32")]
    struct Count(u32);

    impl From<String> for Count {
        fn from(_: String) -> Self {
            Self(0)
        }
    }

    impl From<Count> for u32 {
        fn from(Count(count): Count) -> Self {
            count
        }
    }

    #[on_message(text = "count")]
    async fn count(mut count: Session<Count>) {
        count.0 += 1;
    }

    #[on_message]
    async fn name(count: Session<Count>) -> String {
        count.0.to_string()
    }

    let watched = Watched::start(routes![count, name]).await;
    for text in ["count", "who?"] {
        watched.bot.platform.says(text).await;
    }
    watched.settled().await;
    assert_eq!(watched.thread().await.session, Some(serde_json::json!(1)));
    let dead = watched.dead_letters().await;
    assert_eq!(dead.len(), 1, "the event is not lost");
    assert!(dead[0].cause.contains("session"), "{}", dead[0].cause);
}
