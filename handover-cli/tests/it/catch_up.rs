//! `handover catch-up`, against the simulator and a webhook that records what it is sent.

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::post;
use handover::protocol::{EventBody, Received, read};
use handover_sim::{SimulatedApp, Simulator};
use serde_json::{Value, json};

use crate::support::{Answer, handover, serve};

const APP: &str = "1517776481860111";
const PAGE: &str = "1744550565845823";
const TOKEN: &str = "a token nobody may see";

type Bodies = Arc<Mutex<Vec<Bytes>>>;

async fn record(State(bodies): State<Bodies>, body: Bytes) {
    bodies.lock().unwrap().push(body);
}

struct World {
    simulator: Simulator,
    webhook: String,
    bodies: Bodies,
}

impl World {
    /// The app has no webhook: nothing that happens is delivered.
    async fn start() -> Self {
        let app = SimulatedApp::new(APP, "Bot").token(TOKEN).secret("secret");
        let simulator = Simulator::builder().app(app).start().await.unwrap();
        let bodies = Bodies::default();
        let router = Router::new().route("/webhook", post(record));
        let address = serve(router.with_state(bodies.clone())).await;
        let webhook = format!("http://{address}/webhook");
        Self {
            simulator,
            webhook,
            bodies,
        }
    }

    async fn catch_up(&self, arguments: &[&str]) -> Answer {
        let mut all = vec!["catch-up", "--since", "1h"];
        all.extend(arguments);
        self.run(&all).await
    }

    async fn run(&self, words: &[&str]) -> Answer {
        handover(&[words, &["--url", &self.webhook]].concat())
            .env("MESSENGER_PAGE_ID", PAGE)
            .env("MESSENGER_ACCESS_TOKEN", TOKEN)
            .env("MESSENGER_APP_SECRET", "secret, another")
            .env("GRAPH_API_URL", self.simulator.graph_url())
            .run()
            .await
    }

    fn delivered(&self) -> Vec<Received> {
        let bodies = self.bodies.lock().unwrap();
        let all = bodies.iter().flat_map(|body| read(body).unwrap().received);
        all.collect()
    }
}

/// The command as the guide has it.
pub(crate) async fn run(words: &[&str]) -> Answer {
    World::start().await.run(words).await
}

fn texts(received: &[Received]) -> Vec<String> {
    let text = |one: &Received| match &one.event.body {
        EventBody::Message(message) => message.text.clone(),
        _ => None,
    };
    received.iter().filter_map(text).collect()
}

#[tokio::test]
async fn what_was_missed_is_delivered_in_order() {
    let world = World::start().await;
    let ana = world.simulator.person("Ana");
    ana.says("one").await.unwrap();
    ana.says("two").await.unwrap();
    world.simulator.person("Ben").says("three").await.unwrap();

    let shown = world.catch_up(&["--dry-run"]).await;
    assert!(shown.good().contains("\"two\""), "{}", shown.stdout);
    assert!(world.delivered().is_empty());

    let answer = world.catch_up(&["--json"]).await;
    answer.good();
    let summary = &answer.json()[0];
    assert_eq!(
        (&summary["messages"], &summary["conversations"]),
        (&Value::from(3), &Value::from(2))
    );
    let delivered = world.delivered();
    let mut found = texts(&delivered);
    let of_ana: Vec<_> = found
        .iter()
        .filter(|text| *text != "three")
        .cloned()
        .collect();
    assert_eq!(of_ana, ["one", "two"]);
    found.sort();
    assert_eq!(found, ["one", "three", "two"]);
    assert!(delivered.iter().all(|one| one.account == PAGE));
    assert!(!answer.stdout.contains(TOKEN) && !answer.stderr.contains(TOKEN));
}

#[tokio::test]
async fn without_anything_to_deliver_it_says_so() {
    let world = World::start().await;
    let answer = world.catch_up(&[]).await;
    assert!(answer.good().contains("0 messages"), "{}", answer.stdout);
    let instagram = world.catch_up(&["--instagram"]).await;
    assert!(
        instagram.good().contains("0 messages"),
        "{}",
        instagram.stdout
    );
}

#[tokio::test]
async fn a_refusal_is_json_where_that_is_asked_for() {
    let world = World::start().await;
    world.simulator.person("Ana").says("one").await.unwrap();
    let refuse = async || (StatusCode::FORBIDDEN, "no");
    let address = serve(Router::new().route("/webhook", post(refuse))).await;
    let webhook = format!("http://{address}/webhook");
    let world = World { webhook, ..world };

    let refused = world.catch_up(&["--json"]).await;
    assert_eq!(refused.code, Some(1), "{}", refused.stderr);
    let report = refused.json().remove(0);
    let parts = ["messages", "delivered", "status", "answer"].map(|part| report[part].clone());
    assert_eq!(parts, [json!(1), json!(0), json!(403), json!("no")]);
    let problem = report["problem"].as_str().unwrap();
    assert!(problem.contains("MESSENGER_APP_SECRET"), "{problem}");
    let printed = world.catch_up(&[]).await;
    assert!(printed.fault().contains("403"), "{}", printed.stdout);
}
