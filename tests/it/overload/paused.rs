//! An account to which nothing can be sent, beside others.

use std::sync::atomic::{AtomicUsize, Ordering};

use super::*;
use crate::support::prometheus::Scrape;

/// How often a handler was told of a message that was given up.
static TOLD: AtomicUsize = AtomicUsize::new(0);

/// What it answered would be surplus as well, and so on until nothing is left.
#[on_send_failed]
async fn told() {
    TOLD.fetch_add(1, Ordering::Relaxed);
}

/// What waits for another access token keeps no webhook out, and takes no more room than everything else may.
#[tokio::test]
async fn what_waits_for_another_token_does_not_keep_webhooks_out() {
    const LIMIT: usize = 20;
    let graph = GraphStub::start().await;
    let expired =
        json!({ "message": "Session has expired", "type": "OAuthException", "code": 190 });
    graph.next_answer(400, json!({ "error": expired }));
    let gate = Gate::default();
    gate.open_for(10 * LIMIT);
    let config = config(&graph).waiting_limit(LIMIT);
    let bot = Bot::with_state(Gated { gate }, routes![waits, told]).config(config);
    let bot = RunningBot::serve(bot, graph).await;
    let get = async |path: &str| {
        http::get(format!("{}{path}", bot.operations))
            .await
            .unwrap()
    };
    assert_eq!(posts(&bot, 0).await, (200, None));
    until("nothing is sent", async || {
        let ready: Value = get("/readyz").await.json().await.unwrap();
        let problems = ready["problems"].to_string();
        let is_paused = problems.contains("until it has another access token");
        is_paused.then_some(()).ok_or(problems)
    })
    .await;
    // As many may wait as the limit says. Of more, the oldest are given up.
    let mut people = 1;
    while Scrape::of(&bot.operations)
        .await
        .value("handover_dead_letters")
        < Some(1.0)
    {
        // The first may come before the journal knows that nothing is sent.
        let (status, _) = posts(&bot, people).await;
        people += usize::from(status == 200);
        assert!(people < 5 * LIMIT, "nothing is given up");
    }
    for person in people..people + LIMIT {
        assert_eq!(posts(&bot, person).await, (200, None), "{person}");
    }
    assert_eq!(get("/readyz").await.status().as_u16(), 200);
    let letters: Value = get("/dead_letters").await.json().await.unwrap();
    let causes = letters["causes"].as_array().unwrap();
    assert_eq!(causes.len(), 1, "{letters:#}");
    let cause = causes[0]["cause"].as_str().unwrap();
    assert!(cause.contains("access token of the account"), "{cause}");
    let letters = causes[0]["letters"].as_array().unwrap();
    assert_eq!(letters.last().unwrap()["person"], "1000", "the oldest");
    assert_eq!(bot.graph.texts(), ["of 0"], "refused, and nothing else");
    assert_eq!(TOLD.load(Ordering::Relaxed), 0);
}
