//! A bot as part of an application: its router, and the handle that stops it.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use handover::journal::{Journal, OpenError};
use handover::prelude::*;
use handover::{BotHandle, BotState};
use handover_testkit::http;
use serde_json::json;
use tokio::sync::Semaphore;

use crate::support::bot::{config, serve};
use crate::support::directory::Directory;
use crate::support::example::Example;
use crate::support::platform::{
    ACCESS_TOKEN, APP, PAGE, Platform, SECRET, VERIFY_TOKEN, item, message,
};
use crate::support::wait::until;
use handover_testkit::graph::{Call, GraphStub};

/// Lets handlers end, one for each permit.
#[derive(Clone, BotState)]
struct Desk {
    model: Arc<Semaphore>,
    begun: Arc<AtomicBool>,
}

/// Answers when its model does.
#[on_message(text = "think")]
async fn think(model: State<Arc<Semaphore>>, begun: State<Arc<AtomicBool>>) -> &'static str {
    begun.store(true, Ordering::Relaxed);
    model.acquire().await.unwrap().forget();
    "I have thought."
}

#[on_message(text = "agent")]
#[handoff(to = "page_inbox")]
async fn agent() -> &'static str {
    "One moment, please."
}

#[on_message]
async fn echo(text: Text) -> String {
    text.0
}

struct Embedded {
    handle: BotHandle,
    address: String,
    operations: String,
    platform: Platform,
    graph: GraphStub,
    state: Desk,
    directory: Directory,
}

impl Embedded {
    async fn start() -> Self {
        Self::with(|bot| bot).await
    }

    async fn with(change: impl FnOnce(Bot) -> Bot) -> Self {
        let graph = GraphStub::start().await;
        let directory = Directory::new();
        let journal = Journal::open(directory.path().join("bot.db")).unwrap();
        let state = Desk {
            model: Arc::new(Semaphore::new(0)),
            begun: Arc::default(),
        };
        let bot = Bot::with_state(state.clone(), routes![think, agent, echo]);
        let bot = change(bot.config(config(&graph)).journal(journal));
        let (router, handle) = bot.into_parts().unwrap();
        // As in a website, under a path.
        let app = axum::Router::new().nest("/messenger", router);
        let address = format!("http://{}/messenger", serve(app).await);
        let operations = format!("http://{}", serve(handle.operations()).await);
        Self {
            operations,
            handle,
            platform: Platform::new(format!("{address}/webhook")),
            address,
            graph,
            state,
            directory,
        }
    }

    async fn readyz(&self) -> u16 {
        let answer = http::get(format!("{}/readyz", self.operations)).await;
        answer.unwrap().status().as_u16()
    }

    async fn posts(&self, text: &str) -> u16 {
        let item = message("another person", text);
        let body =
            json!({ "object": "page", "entry": [{ "id": PAGE, "time": 1, "messaging": [item] }] });
        self.platform.post_bytes(body.to_string()).await
    }

    /// Begins to stop it, and waits until it accepts nothing any more.
    async fn begin_to_stop(&self) -> tokio::task::JoinHandle<()> {
        let handle = self.handle.clone();
        let stopping = tokio::spawn(async move { handle.stop().await });
        until("it is not ready", async || match self.readyz().await {
            503 => Ok(()),
            other => Err(other.to_string()),
        })
        .await;
        stopping
    }
}

#[tokio::test]
async fn stopping_ends_what_has_begun_and_accepts_nothing_more() {
    let bot = Embedded::start().await;
    assert_eq!(bot.readyz().await, 200);
    bot.platform.says("think").await;
    until("the handler runs", async || {
        let begun = bot.state.begun.load(Ordering::Relaxed);
        begun.then_some(()).ok_or("not yet".into())
    })
    .await;
    let stopping = bot.begin_to_stop().await;
    assert_eq!(bot.posts("hello").await, 503);
    assert!(!stopping.is_finished(), "the handler is still running");
    bot.state.model.add_permits(1);
    stopping.await.unwrap();
    let left = Journal::open(bot.directory.path().join("bot.db")).unwrap();
    let backlog = left.backlog().await.unwrap();
    assert_eq!(backlog.events, 0, "the handler has ended");
    assert_eq!(bot.posts("hello").await, 503, "and so it stays");
    assert_eq!(bot.readyz().await, 503);
}

#[tokio::test]
async fn a_handoff_that_has_begun_is_sent_to_its_end() {
    let bot = Embedded::start().await;
    bot.graph.hold();
    bot.platform.says("agent").await;
    bot.graph.wait_for_calls(1).await;
    let stopping = bot.begin_to_stop().await;
    bot.graph.let_go();
    stopping.await.unwrap();
    let calls = bot.graph.calls();
    let names: Vec<_> = calls.iter().map(Call::name).collect();
    assert_eq!(names, ["messages", "pass_thread_control"]);
}

#[tokio::test]
async fn stopping_takes_no_longer_than_the_grace_period() {
    let bot = Embedded::with(|bot| bot.grace(Duration::from_millis(300))).await;
    bot.platform.says("think").await;
    let began = Instant::now();
    // Several who wait, of which one goes away, wait for the same end.
    let first = tokio::time::timeout(Duration::from_millis(50), bot.handle.stop());
    assert!(first.await.is_err());
    tokio::join!(bot.handle.stop(), bot.handle.stop());
    bot.handle.stop().await;
    let took = began.elapsed();
    assert!(took < Duration::from_secs(10), "{took:?}");
    // What the handler did not answer is for the next start.
    let left = Journal::open(bot.directory.path().join("bot.db")).unwrap();
    assert_eq!(left.backlog().await.unwrap().events, 1);
}

#[tokio::test]
async fn a_stopped_bot_goes_on_where_it_was() {
    let bot = Embedded::with(|bot| bot.grace(Duration::from_millis(100))).await;
    bot.platform.says("think").await;
    bot.handle.stop().await;
    let journal = Journal::open(bot.directory.path().join("bot.db")).unwrap();
    let state = Desk {
        model: Arc::new(Semaphore::new(1)),
        begun: Arc::default(),
    };
    let next = Bot::with_state(state, routes![think])
        .config(config(&bot.graph))
        .journal(journal);
    let (_router, next) = next.into_parts().unwrap();
    let calls = bot.graph.wait_for_calls(1).await;
    assert_eq!(calls[0].text(), Some("I have thought."));
    next.stop().await;
}

#[tokio::test]
async fn a_store_in_memory_is_worked_off_first() {
    let graph = GraphStub::start().await;
    let (router, bot) = Bot::new(routes![agent, echo])
        .config(config(&graph))
        .into_parts()
        .unwrap();
    let platform = Platform::new(format!("http://{}/webhook", serve(router).await));
    graph.hold();
    for text in ["one", "two", "three"] {
        platform.says(text).await;
    }
    graph.wait_for_calls(1).await;
    let stopping = tokio::spawn(async move { bot.stop().await });
    graph.let_go();
    stopping.await.unwrap();
    assert_eq!(graph.texts(), ["one", "two", "three"]);
}

#[tokio::test]
async fn the_bot_works_as_long_as_its_router_or_a_handle_exists() {
    let graph = GraphStub::start().await;
    let directory = Directory::new();
    let bot = |name: &str| {
        let journal = Journal::open(directory.path().join(name)).unwrap();
        let bot = Bot::new(routes![echo]).config(config(&graph));
        bot.journal(journal).into_parts().unwrap()
    };
    let (router, handle) = bot("one.db");
    drop(handle);
    let address = serve(router).await;
    let platform = Platform::new(format!("http://{address}/webhook"));
    platform.says("the router is enough").await;
    graph.wait_for_calls(1).await;

    let (router, handle) = bot("two.db");
    drop(router);
    let path = directory.path().join("two.db");
    let in_use = Journal::open(&path).unwrap_err();
    assert!(matches!(in_use, OpenError::InUse { .. }), "it works");
    drop(handle);
    until("its work ends", async || {
        let opened = Journal::open(&path);
        opened.map(drop).map_err(|error| error.to_string())
    })
    .await;
}

#[tokio::test]
async fn operators_have_a_separate_router() {
    let bot = Embedded::start().await;
    let operations = format!("http://{}", serve(bot.handle.operations()).await);
    let metrics = http::get(format!("{operations}/metrics")).await.unwrap();
    assert_eq!(metrics.status(), 200);
    // The public address says that it is there, and nothing else.
    for path in ["metrics", "readyz", "openapi.json", "replay", "threads", ""] {
        let public = http::get(format!("{}/{path}", bot.address)).await.unwrap();
        assert_eq!(public.status(), 404, "{path}");
        assert_eq!(public.text().await.unwrap(), "", "{path}");
    }
    let alive = http::get(format!("{}/livez", bot.address)).await.unwrap();
    assert_eq!(alive.text().await.unwrap(), "alive\n");
    bot.handle.stop().await;
    let ready = http::get(format!("{operations}/readyz")).await.unwrap();
    assert_eq!(ready.status(), 503);
    let text = ready.text().await.unwrap();
    assert!(text.contains("the bot is stopping"), "{text}");
}

/// The whole program, as systemd and Docker end it.
#[tokio::test(flavor = "multi_thread")]
async fn an_application_logs_and_stops_in_order_at_sigterm() {
    let graph = GraphStub::start().await;
    let environment = [
        ("MESSENGER_PAGE_ID", PAGE.to_owned()),
        ("MESSENGER_ACCESS_TOKEN", ACCESS_TOKEN.to_owned()),
        ("MESSENGER_APP_ID", APP.to_string()),
        ("MESSENGER_APP_SECRET", SECRET.to_owned()),
        ("MESSENGER_VERIFY_TOKEN", VERIFY_TOKEN.to_owned()),
        ("GRAPH_API_URL", graph.url()),
        ("PORT", "0".to_owned()),
    ];
    let mut program = Example::start("embed_in_axum", &environment);
    let platform = Platform::new(program.webhook());
    graph.hold();
    platform
        .deliver([item("message", json!({ "mid": "of_soup", "text": "soup" }))])
        .await;
    graph.wait_for_calls(1).await;
    program.ask_to_stop();
    program.logs("stopping");
    graph.let_go();
    program.logs("sent");
    assert!(program.ended().success());
    assert_eq!(graph.texts(), ["Today there is lentil soup."]);
}
