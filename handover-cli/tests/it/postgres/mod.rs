//! The commands for a bot whose journal is in PostgreSQL, from a machine that reaches no node.

mod commands;
mod failures;
mod inspect;

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use handover::BotState;
use handover::prelude::*;
use handover_testkit::graph::GraphStub;
use handover_testkit::http;
use handover_testkit::postgres::Postgres;
use serde_json::Value;
use tokio::net::TcpListener;

use crate::support::{
    Answer, Folder, PAGE, ServedBot, config, follow, handover, says, serve, shipped, until,
};

/// How many people write: they are on many lanes.
const PEOPLE: usize = 12;

#[on_message(text = "ask")]
async fn answers() -> (&'static str, Timer) {
    let reminder = Timer::after("reminder", Duration::from_secs(3600));
    ("An answer", reminder)
}

/// Fails until the database is there.
#[on_message(text = "fail")]
async fn fails(works: State<Works>) -> Result<&'static str, &'static str> {
    match works.from_now.load(Ordering::Relaxed) {
        0 => Err("no database"),
        _ => Ok("Now it works"),
    }
}

#[on_message(text = "read")]
async fn reads() {}

#[on_message(text = "wait")]
async fn never_ends() {
    std::future::pending::<()>().await;
}

#[derive(Clone, Default, BotState)]
struct Works {
    from_now: std::sync::Arc<AtomicU64>,
}

/// A journal, and what the nodes on it share.
struct Cluster {
    graph: GraphStub,
    folder: Folder,
    store: String,
    works: Works,
}

impl Cluster {
    async fn new(parameters: &str) -> Self {
        Self {
            graph: GraphStub::start().await,
            folder: Folder::new("postgres"),
            store: format!("{}{parameters}", Postgres::shared().fresh_address()),
            works: Works::default(),
        }
    }

    /// Starts a node that no command reaches.
    async fn node(&self) -> ServedBot {
        let config = config(&self.graph.url(), self.store.parse().unwrap());
        let routes = routes![answers, fails, reads, never_ends, shipped];
        let bot = Bot::with_state(self.works.clone(), routes)
            .config(config)
            .retries(0)
            .grace(Duration::ZERO);
        ServedBot::start(bot).await
    }

    async fn run(&self, arguments: &[&str]) -> Answer {
        let answer = handover(arguments)
            .within(self.folder.path())
            .env("HANDOVER_STORE", &self.store)
            .env("MESSENGER_PAGE_ID", PAGE)
            .env("HANDOVER_OPERATIONS", "127.0.0.1:9")
            .run()
            .await;
        let said = format!("{}{}", answer.stdout, answer.stderr);
        assert!(!said.contains("handover:secret"), "{said}");
        answer
    }

    async fn rows(&self, arguments: &[&str]) -> Vec<Value> {
        let mut all = vec!["inspect", "--json"];
        all.extend(arguments);
        let answer = self.run(&all).await;
        answer.good();
        answer.json()
    }

    async fn has(&self, view: &str, count: usize) {
        until(async || self.rows(&[view]).await.len() == count).await;
    }

    /// What was sent to a person.
    fn sent_to(&self, person: &str) -> Vec<String> {
        let calls = self.graph.calls();
        let to_them = calls
            .iter()
            .filter(|call| call.body["recipient"]["id"] == person);
        let texts = to_them.filter_map(|call| Some(call.text()?.to_owned()));
        texts.collect()
    }
}

impl ServedBot {
    /// The status of `/readyz` and what it says.
    async fn readiness(&self) -> (u16, String) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let router = self.handle.operations();
        let serving = tokio::spawn(async move { axum::serve(listener, router).await });
        let answer = http::get(format!("http://{address}/readyz")).await.unwrap();
        let status = answer.status().as_u16();
        let said = answer.text().await.unwrap();
        serving.abort();
        (status, said)
    }

    /// Waits until it says that it is not ready, and why: what it has found is valid for a moment.
    async fn is_not_ready(&self, why: &str) -> String {
        let mut last = String::new();
        until(async || {
            let (status, said) = self.readiness().await;
            last = said;
            status == 503 && last.contains(why)
        })
        .await;
        last
    }
}

fn people() -> Vec<String> {
    (0..PEOPLE).map(|number| format!("9000{number}")).collect()
}
