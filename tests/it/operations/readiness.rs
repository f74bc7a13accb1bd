//! `/readyz`: what it reports to operators.

use super::*;

async fn ready(at: &str) -> (u16, Value) {
    let answer = http::get(format!("{at}/readyz")).await.unwrap();
    (answer.status().as_u16(), answer.json().await.unwrap())
}

#[tokio::test]
async fn a_long_backlog_is_reported_to_operators_only() {
    let graph = GraphStub::start().await;
    let config = crate::support::bot::config(&graph);
    let config = config.backlog_limit(2).waiting_limit(4);
    let (public, bot) = bot().config(config).into_parts().unwrap();
    let public = format!("http://{}", serve(public).await);
    let operations = format!("http://{}", serve(bot.operations()).await);
    assert_eq!(ready(&operations).await.0, 200);
    graph.hold();
    let platform = crate::support::platform::Platform::new(format!("{public}/webhook"));
    for person in ["a", "b", "c"] {
        platform.deliver([message(person, "hello")]).await;
    }
    let problem = until("it is reported", async || {
        let (status, body) = ready(&operations).await;
        assert_eq!(status, 200, "webhooks are accepted: {body}");
        let problem = body["problems"][0].as_str().map(str::to_owned);
        problem.ok_or(body.to_string())
    })
    .await;
    assert!(problem.contains("HANDOVER_BACKLOG_LIMIT is 2"), "{problem}");
    platform.deliver([message("d", "hello")]).await;
    let problem = until("it is not ready", async || {
        let (status, body) = ready(&operations).await;
        let problem = body["problems"][0].as_str().map(str::to_owned);
        problem.filter(|_| status == 503).ok_or(body.to_string())
    })
    .await;
    assert!(problem.contains("HANDOVER_WAITING_LIMIT is 4"), "{problem}");
    graph.let_go();
    until("it is ready again", async || {
        let (status, body) = ready(&operations).await;
        (status == 200).then_some(()).ok_or(body.to_string())
    })
    .await;
    for path in ["readyz", "metrics"] {
        let answer = http::get(format!("{public}/{path}")).await.unwrap();
        assert_eq!(answer.status(), 404, "not for everybody");
    }
    let alive = http::get(format!("{operations}/livez")).await.unwrap();
    assert_eq!(alive.status(), 200);
}

/// Webhooks of all accounts are still stored.
#[tokio::test]
async fn a_paused_account_with_a_long_backlog_leaves_the_bot_ready() {
    let graph = GraphStub::start().await;
    let config = crate::support::bot::config(&graph).backlog_limit(2);
    let bot = RunningBot::serve(bot().config(config), graph).await;
    // As many as may be under way before the first refusal is known.
    for _ in 0..3 {
        let expired =
            json!({ "message": "Session has expired", "type": "OAuthException", "code": 190 });
        bot.graph.next_answer(400, json!({ "error": expired }));
    }
    for person in ["a", "b", "c"] {
        bot.platform.deliver([message(person, "hello")]).await;
    }
    until("both problems are reported", async || {
        let (status, body) = ready(&bot.operations).await;
        assert_eq!(status, 200, "{body}");
        let problems = body["problems"].to_string();
        let is_paused = problems.contains("until it has another access token");
        let is_long = problems.contains("3 events and calls wait, and HANDOVER_BACKLOG_LIMIT is 2");
        (is_paused && is_long).then_some(()).ok_or(problems)
    })
    .await;
    bot.platform.says("stored as well").await;
}

#[tokio::test]
async fn the_contents_of_an_sqlite_file_are_reported() {
    let directory = Directory::new();
    let graph = GraphStub::start().await;
    let path = directory.path().join("handover.db");
    let config = crate::support::bot::config(&graph).store(Store::Sqlite(path));
    let (public, bot) = bot().config(config).into_parts().unwrap();
    let webhook = format!("http://{}/webhook", serve(public).await);
    let operations = format!("http://{}", serve(bot.operations()).await);
    assert_eq!(ready(&operations).await.0, 200);
    let platform = crate::support::platform::Platform::new(webhook);
    platform.says("hello").await;
    platform.deliver([message("another", "agent")]).await;
    graph.wait_for_calls(3).await;
    graph.hold();
    platform.deliver([message("a third", "hello")]).await;
    let expected = [
        ("handover_threads{owner=\"bot\"}", 2.0),
        ("handover_threads{owner=\"inbox\"}", 1.0),
        ("handover_outbox_calls", 1.0),
        ("handover_inbox_events", 0.0),
        ("handover_inbox_oldest_event_age_seconds", 0.0),
    ];
    let scrape = Scrape::shows(&operations, &expected).await;
    let commits = scrape.value("handover_journal_commit_duration_seconds_count");
    assert!(commits > Some(3.0), "{commits:?}");
    until("it has waited", async || {
        let scrape = Scrape::of(&operations).await;
        let age = scrape.value("handover_outbox_oldest_call_age_seconds");
        (age > Some(0.0)).then_some(()).ok_or(format!("{age:?}"))
    })
    .await;
    graph.let_go();
}

#[tokio::test]
async fn a_journal_that_cannot_be_written_is_reported() {
    let directory = Directory::new();
    let graph = GraphStub::start().await;
    let journal = Journal::open(directory.path().join("handover.db")).unwrap();
    let bot = bot()
        .config(crate::support::bot::config(&graph))
        .journal(journal.clone());
    let (_public, bot) = bot.into_parts().unwrap();
    let operations = format!("http://{}", serve(bot.operations()).await);
    assert_eq!(ready(&operations).await.0, 200);
    journal.close().await.unwrap();
    until("it is reported", async || {
        let (status, body) = ready(&operations).await;
        (status == 503).then_some(()).ok_or(body.to_string())
    })
    .await;
    let scrape = Scrape::of(&operations).await;
    assert_eq!(scrape.value("handover_outbox_calls"), None, "nobody knows");
    assert!(
        scrape
            .value("handover_build_info{version=\"0.1.0\"}")
            .is_some()
    );
}
