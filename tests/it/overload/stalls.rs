//! Parts of the bot, or what it needs, that stand still.

use std::sync::Arc;
use std::time::Duration;

use handover::Store;
use handover::prelude::*;
use handover_testkit::graph::GraphStub;
use handover_testkit::http;
use tokio::time::Instant;

use super::{post, posts};
use crate::support::bot::{RunningBot, config};
use crate::support::directory::Directory;
use crate::support::platform::message;
use crate::support::wait::until;

#[on_message]
async fn repeat(text: Text) -> String {
    text.0
}

/// Calls count as well as events: a bot whose answers do not get out takes no more in.
#[tokio::test]
async fn while_the_graph_api_does_not_answer_no_more_is_taken_in_than_may_wait() {
    let graph = GraphStub::start().await;
    graph.hold();
    let bot = Bot::new(routes![repeat]).config(config(&graph).waiting_limit(50));
    let bot = RunningBot::serve(bot, graph).await;
    let mut acknowledged = Vec::new();
    let mut refused = 0;
    for person in 0..400 {
        match posts(&bot, person).await {
            (200, None) => acknowledged.push(format!("of {person}")),
            (503, Some(after)) if after == "1" => refused += 1,
            other => panic!("{other:?}"),
        }
    }
    assert!(refused > 200, "{refused} of 400 were refused");
    bot.graph.let_go();
    bot.graph.wait_for_calls(acknowledged.len()).await;
    let mut texts = bot.graph.texts();
    texts.sort();
    acknowledged.sort();
    assert_eq!(texts, acknowledged);
    until("there is room again", async || {
        let (status, _) = posts(&bot, 400).await;
        (status == 200).then_some(()).ok_or(status.to_string())
    })
    .await;
}

/// Never returns.
#[on_message(text = "wait")]
async fn never() -> &'static str {
    std::future::pending().await
}

/// As many as may run at once never return, and more wait.
#[tokio::test]
async fn handlers_that_never_return_are_given_up_and_the_others_run() {
    let graph = GraphStub::start().await;
    let bot = Bot::new(routes![never, repeat])
        .threads_at_once(4)
        .handler_timeout(Duration::from_millis(200))
        .retries(0)
        .config(config(&graph));
    let bot = RunningBot::serve(bot, graph).await;
    let waiting = (0..20).map(|person| message(&(100 + person).to_string(), "wait"));
    bot.platform.deliver(waiting).await;
    let began = Instant::now();
    bot.platform.says("hello").await;
    bot.graph.wait_for_calls(1).await;
    assert_eq!(bot.graph.texts(), ["hello"]);
    // Five times four of them, each for 200 ms.
    let took = began.elapsed();
    assert!(took < Duration::from_secs(5), "{took:?}");
}

/// Another connection holds the file for 10 s, as a stalled disk would: nothing can be written.
#[tokio::test(flavor = "multi_thread")]
async fn while_the_disk_stalls_nothing_is_acknowledged_and_afterwards_nothing_is_missing() {
    const STALL: Duration = Duration::from_secs(10);
    let graph = GraphStub::start().await;
    let directory = Directory::new();
    let path = directory.path().join("handover.db");
    let config = config(&graph).store(Store::Sqlite(path.clone()));
    let bot = RunningBot::serve(Bot::new(routes![repeat]).config(config), graph).await;
    bot.platform.deliver([message("99", "before")]).await;
    bot.graph.wait_for_calls(1).await;

    let other = rusqlite::Connection::open(&path).unwrap();
    other.busy_timeout(Duration::from_secs(5)).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let began = Instant::now();
    let webhook: Arc<str> = bot.webhook.as_str().into();
    let mut people = Vec::new();
    for person in 0..20_u64 {
        let webhook = webhook.clone();
        // The platform gives up after 5 s and sends the same again.
        people.push(tokio::spawn(async move {
            tokio::time::sleep(Duration::from_millis(200 * person)).await;
            let item = message(&(1000 + person).to_string(), &format!("of {person}"));
            let client = http::Client::new();
            let mut early = 0;
            loop {
                let sent = post(&client, &webhook, std::slice::from_ref(&item));
                let answer = tokio::time::timeout(Duration::from_secs(5), sent).await;
                match answer {
                    Ok((200, _)) if began.elapsed() < STALL => early += 1,
                    Ok((200, _)) => return early,
                    Ok((503, Some(_))) | Err(_) => {}
                    Ok(other) => panic!("{other:?}"),
                }
                tokio::time::sleep(Duration::from_millis(500)).await;
            }
        }));
    }
    tokio::time::sleep_until(began + STALL).await;
    other.execute_batch("ROLLBACK").unwrap();
    for person in people {
        assert_eq!(person.await.unwrap(), 0, "acknowledged, and not stored");
    }
    bot.graph.wait_for_calls(21).await;
    // Nothing is sent twice, also not a little later.
    bot.platform.deliver([message("99", "after")]).await;
    bot.graph.wait_for_calls(22).await;
    let mut texts = bot.graph.texts();
    texts.sort();
    let mut expected: Vec<_> = (0..20).map(|person| format!("of {person}")).collect();
    expected.extend(["before".to_owned(), "after".to_owned()]);
    expected.sort();
    assert_eq!(texts, expected);
}
