//! The commands for a bot whose journal is in PostgreSQL, from a machine that reaches no node.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use handover::prelude::*;
use handover::{BotHandle, BotState, Config};
use handover_testkit::graph::GraphStub;
use handover_testkit::postgres::Postgres;
use handover_testkit::{PATIENCE, http};
use hmac::{Hmac, KeyInit, Mac};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sha2::Sha256;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::net::TcpListener;
use tokio::time::timeout;

use crate::support::{Answer, Folder, handover, until};

const PAGE: &str = "1744550565845823";
const SECRET: &str = "secret";
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

#[derive(Signal, Serialize, Deserialize)]
struct Shipped {
    order: u64,
}

#[on_signal]
async fn shipped(signal: Signal<Shipped>) -> String {
    format!("Order {} is on its way.", signal.order)
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

struct Node {
    webhook: String,
    handle: BotHandle,
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
    async fn node(&self) -> Node {
        let config = Config::new(PAGE, "1517776481860111")
            .access_token("token")
            .app_secret(SECRET)
            .verify_token("word")
            .graph_url(self.graph.url().parse().unwrap())
            .store(self.store.parse().unwrap());
        let routes = routes![answers, fails, reads, never_ends, shipped];
        let bot = Bot::with_state(self.works.clone(), routes)
            .config(config)
            .retries(0)
            .grace(Duration::ZERO);
        let (router, handle) = bot.into_parts().unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let webhook = format!("http://{}/webhook", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, router).await });
        Node { webhook, handle }
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

impl Node {
    async fn receive(&self, items: impl IntoIterator<Item = Value>) {
        assert_eq!(self.post(items).await, 200);
    }

    /// What it answers to a webhook.
    async fn post(&self, items: impl IntoIterator<Item = Value>) -> u16 {
        let items: Vec<_> = items.into_iter().collect();
        let body = json!({"object": "page", "entry": [{"id": PAGE, "messaging": items}]});
        let body = body.to_string();
        let mac = Hmac::<Sha256>::new_from_slice(SECRET.as_bytes()).unwrap();
        let signature = hex::encode(mac.chain_update(&body).finalize().into_bytes());
        let request = http::Client::new()
            .post(&self.webhook)
            .header("X-Hub-Signature-256", format!("sha256={signature}"))
            .body(body);
        request.send().await.unwrap().status().as_u16()
    }

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

fn says(person: &str, text: &str) -> Value {
    static LAST: AtomicU64 = AtomicU64::new(0);
    let mid = format!("m_{}", LAST.fetch_add(1, Ordering::Relaxed));
    json!({"sender": {"id": person}, "message": {"mid": mid, "text": text}})
}

fn people() -> Vec<String> {
    (0..PEOPLE).map(|number| format!("9000{number}")).collect()
}

#[tokio::test]
async fn a_bot_at_work_can_be_looked_at() {
    let cluster = Cluster::new("").await;
    let node = cluster.node().await;
    node.receive([says("1", "ask"), says("2", "wait"), says("3", "fail")])
        .await;
    cluster.has("handled", 2).await;
    until(async || cluster.rows(&["calls"]).await.is_empty()).await;

    let overview = cluster.rows(&[]).await.remove(0);
    let counts = ["events", "calls", "timers", "dead_letters"].map(|kind| overview[kind].clone());
    assert_eq!(counts, [1, 0, 1, 1].map(Value::from), "{overview}");
    assert_eq!(overview["nodes"][0]["lanes"], 256, "{overview}");
    assert!(overview["dead_tuples"].is_object(), "{overview}");
    let events = cluster.rows(&["events", "--thread", "2"]).await;
    assert_eq!(events[0]["content"]["event"]["message"]["text"], "wait");
    assert_eq!(cluster.rows(&["timers"]).await[0]["name"], "reminder");
    assert_eq!(
        cluster.rows(&["dead-letters"]).await[0]["cause"],
        "no database"
    );
    let threads = cluster.rows(&["threads", "--account", PAGE]).await;
    let one = threads.iter().find(|row| row["person"] == "2").unwrap();
    assert_eq!((&one["events"], &one["calls"]), (&1.into(), &0.into()));
    assert!(
        cluster
            .rows(&["threads", "--account", "5"])
            .await
            .is_empty()
    );
    let nodes = cluster.rows(&["nodes"]).await;
    assert_eq!(nodes.len(), 1, "{nodes:?}");
    assert_eq!(
        (&nodes[0]["lanes"], &nodes[0]["events"], &nodes[0]["lag_ms"]),
        (&256.into(), &1.into(), &0.into()),
        "{nodes:?}"
    );
    assert!(nodes[0]["oldest_event_at"].is_number(), "{nodes:?}");

    let table = cluster.run(&["inspect"]).await;
    let said = table.good();
    for part in [
        "waiting: 1 event, 0 calls, 1 timer",
        "lanes",
        "lag ms",
        "dead tuples",
    ] {
        assert!(said.contains(part), "{part} is not in {said}");
    }
    let whole = cluster.run(&["inspect", "--thread", "1"]).await;
    assert!(whole.good().contains("reminder"), "{}", whole.stdout);
    let nothing = cluster.run(&["inspect", "history"]).await;
    assert!(nothing.good().contains("no conversation"));
    node.handle.stop().await;
    let nodes = cluster.rows(&["nodes"]).await;
    assert_eq!(
        (&nodes[0]["node"], &nodes[0]["lanes"]),
        (&"nobody".into(), &256.into())
    );
}

/// For operators of a node: its share, what waits in it, and how the database is.
#[tokio::test]
async fn a_node_says_how_it_stands() {
    const DASHBOARD: &str = include_str!("../../../docs/operations/dashboard-nodes.json");
    let cluster = Cluster::new("&lease=2s").await;
    let nodes = [cluster.node().await, cluster.node().await];
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let operations = format!("http://{}", listener.local_addr().unwrap());
    let router = nodes[0].handle.operations();
    tokio::spawn(async move { axum::serve(listener, router).await });
    let get = async |path: &str| {
        let answer = http::get(format!("{operations}{path}")).await.unwrap();
        answer.text().await.unwrap()
    };
    nodes[0].receive([says("1", "wait")]).await;
    until(async || {
        let ready: Value = serde_json::from_str(&get("/readyz").await).unwrap();
        ready["node"]["lanes"] == 128
    })
    .await;
    let ready: Value = serde_json::from_str(&get("/readyz").await).unwrap();
    let node = &ready["node"];
    assert_eq!(
        (&node["nodes"], &node["has_lease"]),
        (&2.into(), &true.into())
    );
    assert!(node["moves"].as_u64().unwrap() >= 256 + 128, "{node}");
    for field in [
        "arrivals",
        "lag_seconds",
        "oldest_event_age_seconds",
        "dead_tuples",
    ] {
        assert!(node[field].is_number(), "{field} is not in {node}");
    }
    assert!(
        node["name"]
            .as_str()
            .unwrap()
            .ends_with(&std::process::id().to_string())
    );
    let metrics = get("/metrics").await;
    assert!(metrics.contains("handover_node_lanes 128"), "{metrics}");
    let asked = DASHBOARD.split(|c: char| !c.is_alphanumeric() && c != '_');
    let asked: std::collections::BTreeSet<_> =
        asked.filter(|word| word.starts_with("handover_")).collect();
    assert!(asked.len() > 6, "{asked:?}");
    // There may be no dead tuple yet.
    let is_missing = |name: &&&str| {
        !metrics.contains(&format!("# TYPE {name} ")) && **name != "handover_database_dead_tuples"
    };
    let missing: Vec<_> = asked.iter().filter(is_missing).collect();
    assert!(missing.is_empty(), "{missing:?}");
    for node in nodes {
        node.handle.stop().await;
    }
}

#[tokio::test]
async fn what_happens_is_printed_as_it_happens() {
    let cluster = Cluster::new("").await;
    let node = cluster.node().await;
    let mut follower = tokio::process::Command::new(env!("CARGO_BIN_EXE_handover"))
        .args(["inspect", "--follow", "--json"])
        .args(["--store", &cluster.store])
        .stdout(std::process::Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(follower.stdout.take().unwrap()).lines();
    // Whatever comes before it looks the first time is not news to it: something comes until it is.
    let mut number = 0;
    let first = loop {
        number += 1;
        node.receive([says("7", "read")]).await;
        if let Ok(line) = timeout(Duration::from_millis(300), lines.next_line()).await {
            break line.unwrap().expect("it goes on");
        }
        assert!(number < 100, "it prints nothing");
    };
    let first: Value = serde_json::from_str(&first).unwrap();
    assert_eq!(
        (&first["what"], &first["became"]),
        (&"event".into(), &"arrived".into())
    );
    assert_eq!(first["thread"], format!("{PAGE}/7"));
    // It looks several times meanwhile, and each look sees one moment.
    const FAILING: usize = 200;
    let failing = async {
        for person in 100..100 + FAILING {
            node.receive([says(&person.to_string(), "fail")]).await;
        }
    };
    let mut became: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let output = async {
        let mut letters = 0;
        while letters < FAILING {
            let line = lines.next_line().await.unwrap().expect("it goes on");
            let row: Value = serde_json::from_str(&line).unwrap();
            let thread = row["thread"].as_str().unwrap().to_owned();
            if thread == format!("{PAGE}/7") {
                continue;
            }
            if row["what"] == "dead letter" {
                assert_eq!(row["detail"], "no database");
                letters += 1;
            }
            let change = [&row["what"], &row["became"]].map(|it| it.as_str().unwrap());
            became.entry(thread).or_default().push(change.join(" "));
        }
    };
    let output = timeout(PATIENCE, async { tokio::join!(failing, output) }).await;
    output.expect("all dead letters");
    let expected = ["event arrived", "event failed", "dead letter given up"];
    for (thread, became) in &became {
        assert_eq!(*became, expected, "{thread}");
    }
}

/// The nodes are asked through the database: the owner of each lane does what is its part.
#[tokio::test]
async fn the_nodes_replay_what_was_given_up() {
    let cluster = Cluster::new("&lease=2s").await;
    let nodes = [cluster.node().await, cluster.node().await];
    until(async || {
        let nodes = cluster.rows(&["nodes"]).await;
        nodes.len() == 2 && nodes.iter().all(|node| node["lanes"] == 128)
    })
    .await;
    let failing = people();
    for (number, person) in failing.iter().enumerate() {
        nodes[number % 2].receive([says(person, "fail")]).await;
    }
    cluster.has("dead-letters", PEOPLE).await;
    let dry = cluster.run(&["replay", "dead-letters"]).await;
    assert!(
        dry.good().contains("nothing is replayed yet"),
        "{}",
        dry.stdout
    );
    cluster.has("dead-letters", PEOPLE).await;

    cluster.works.from_now.store(1, Ordering::Relaxed);
    let first = &failing[0];
    let one = cluster
        .run(&[
            "replay",
            "dead-letters",
            "--thread",
            first,
            "--yes",
            "--json",
        ])
        .await;
    one.good();
    assert_eq!(one.json().len(), 1);
    until(async || cluster.sent_to(first) == ["Now it works"]).await;
    cluster.has("dead-letters", PEOPLE - 1).await;

    let all = cluster.run(&["replay", "dead-letters", "--yes"]).await;
    let said = format!("{} replayed", PEOPLE - 1);
    assert!(all.good().contains(&said), "{}", all.stdout);
    for person in &failing {
        until(async || cluster.sent_to(person) == ["Now it works"]).await;
    }
    cluster.has("dead-letters", 0).await;
    let again = cluster.run(&["replay", "dead-letters", "--yes"]).await;
    assert!(again.good().contains("nothing to replay"));

    // Handled events, by number.
    let handled = cluster.rows(&["handled", "--thread", first]).await;
    let newest = handled[0]["id"].to_string();
    let unknown = cluster.run(&["replay", "events", "99"]).await;
    assert!(unknown.fault().contains("no event with the number 99"));
    cluster
        .run(&["replay", "events", &newest, "--yes"])
        .await
        .good();
    until(async || cluster.sent_to(first).len() == 2).await;
    for node in nodes {
        node.handle.stop().await;
    }
}

#[tokio::test]
async fn pauses_signals_and_the_wish_to_be_forgotten_reach_the_node() {
    let cluster = Cluster::new("&lease=2s").await;
    let nodes = [cluster.node().await, cluster.node().await];
    for person in people() {
        nodes[0].receive([says(&person, "ask")]).await;
        until(async || cluster.sent_to(&person) == ["An answer"]).await;
        let pause = ["thread", "pause", &person, "--for", "1h"];
        assert!(cluster.run(&pause).await.good().starts_with("paused"));
        let threads = cluster.rows(&["threads", "--thread", &person]).await;
        assert!(threads[0]["paused_until"].is_number(), "{threads:?}");
        cluster.run(&["thread", "resume", &person]).await.good();
        let threads = cluster.rows(&["threads", "--thread", &person]).await;
        assert!(threads[0]["paused_until"].is_null(), "{threads:?}");

        let signal = ["signal", "shipped", &person, r#"{"order": 42}"#];
        let options = ["--id", "shipped-42", "--wait", "30s", "--json"];
        let sent = cluster.run(&[&signal[..], &options].concat()).await;
        sent.good();
        let sent = sent.json().remove(0);
        assert_eq!(sent["status"], "sent", "{sent}");
        assert_eq!(
            cluster.sent_to(&person),
            ["An answer", "Order 42 is on its way."]
        );
        let again = cluster.run(&[&signal[..], &options].concat()).await;
        assert_eq!(again.json()[0]["status"], "sent");
        let other = ["signal", "shipped", &person, r#"{"order": 43}"#];
        let other = cluster.run(&[&other[..], &options].concat()).await;
        assert!(other.fault().contains("shipped-42"), "{}", other.stderr);

        let export = cluster.run(&["export", &person]).await;
        let export: Value = serde_json::from_str(export.good()).unwrap();
        assert_eq!(export["events"].as_array().unwrap().len(), 2, "{export}");
        let shown = cluster.run(&["forget", &person]).await;
        assert!(shown.good().contains("2 events"), "{}", shown.stdout);
        let done = cluster.run(&["forget", &person, "--yes", "--json"]).await;
        let done = done.json().remove(0);
        assert_eq!(
            (&done["events"], &done["sessions"], &done["timers"]),
            (&2.into(), &1.into(), &1.into()),
            "{done}"
        );
        let again = cluster.run(&["forget", &person, "--yes"]).await;
        assert_eq!(again.good(), "nothing is stored about this person\n");
        assert_eq!(cluster.sent_to(&person).len(), 2, "nothing was sent twice");
    }
}

/// What is asked while no node runs is stored, and done by the next one; forgetting does not wait.
#[tokio::test]
async fn without_a_node_the_next_one_does_it() {
    let cluster = Cluster::new("&lease=2s").await;
    let node = cluster.node().await;
    node.receive([says("1", "ask"), says("2", "fail"), says("3", "ask")])
        .await;
    cluster.has("handled", 3).await;
    node.handle.stop().await;

    let pause = cluster.run(&["thread", "pause", "3", "--for", "1h"]).await;
    assert!(pause.good().contains("no node runs"), "{}", pause.stdout);
    let signal = cluster.run(&["signal", "shipped", "1", r#"{"order": 7}"#]);
    let signal = signal.await;
    assert!(signal.good().contains("waiting"), "{}", signal.stdout);
    assert!(signal.stdout.contains("no node runs"), "{}", signal.stdout);
    cluster
        .run(&["replay", "dead-letters", "--yes"])
        .await
        .good();
    let nodes = cluster.rows(&["nodes"]).await;
    assert_eq!(nodes[0]["arrivals"], 3, "{nodes:?}");
    assert!(nodes[0]["lag_ms"].as_u64().unwrap() > 0, "{nodes:?}");
    let forgotten = cluster.run(&["forget", "3", "--yes"]).await;
    assert!(forgotten.good().contains("1 event"), "{}", forgotten.stdout);
    assert!(cluster.rows(&["threads", "--thread", "3"]).await.is_empty());

    cluster.works.from_now.store(1, Ordering::Relaxed);
    let node = cluster.node().await;
    until(async || cluster.sent_to("1").len() == 2).await;
    until(async || cluster.sent_to("2") == ["Now it works"]).await;
    assert_eq!(cluster.sent_to("1")[1], "Order 7 is on its way.");
    node.handle.stop().await;
}

#[tokio::test]
async fn mistakes_are_one_error_without_a_password() {
    let server = Postgres::shared();
    let folder = Folder::new("postgres");
    let run = async |store: String, arguments: &[&str]| {
        let answer = handover(arguments)
            .within(folder.path())
            .env("HANDOVER_STORE", store)
            .run()
            .await;
        let said = format!("{}{}", answer.stdout, answer.stderr);
        assert!(
            !said.contains("hunter2") && !said.contains("secret"),
            "{said}"
        );
        assert_eq!(answer.stderr.lines().count(), 1, "{said}");
        answer
    };
    let wrong = server.fresh_address().replace(":secret@", ":hunter2@");
    let refused = run(wrong, &["inspect"]).await;
    assert!(refused.fault().contains("refuses the login"));
    let none = run(server.fresh_address(), &["inspect"]).await;
    assert!(none.fault().contains("no journal"), "{}", none.stderr);
    let gone = "postgres://handover:secret@127.0.0.1:9/postgres";
    let gone = run(gone.to_owned(), &["replay", "dead-letters"]).await;
    assert!(
        gone.fault().contains("cannot be reached"),
        "{}",
        gone.stderr
    );
    let text = "postgres://handover:hunter2@127.0.0.1:x/postgres";
    let text = run(text.to_owned(), &["inspect"]).await;
    assert!(text.misuse().contains("no address"), "{}", text.stderr);
}

/// What is acknowledged is stored; what cannot be stored is refused, and the platform delivers it again.
#[tokio::test]
async fn a_database_that_goes_away_is_waited_for() {
    let server = Postgres::start().unwrap();
    let mut cluster = Cluster::new("").await;
    cluster.store = server.address("schema=bot&lease=2s");
    let node = cluster.node().await;
    node.receive([says("1", "ask")]).await;
    until(async || cluster.sent_to("1").len() == 1).await;
    server.stop("immediate").unwrap();
    let again = says("1", "ask");
    assert_eq!(node.post([again.clone()]).await, 503);
    let said = node.is_not_ready("127.0.0.1").await;
    assert!(!said.contains("secret"), "{said}");
    server.run().unwrap();
    until(async || node.post([again.clone()]).await == 200).await;
    until(async || cluster.sent_to("1").len() == 2).await;
    until(async || node.readiness().await.0 == 200).await;

    // It is full: what the server says is passed on, until there is space again.
    let definition = "SELECT pg_get_functiondef('bot.commit_1'::regproc)";
    let definition = server.query(definition).unwrap();
    let fails = "\nBEGIN\n  RAISE EXCEPTION 'No space left on device' USING ERRCODE = '53100';\n";
    let full = definition.replacen("\nBEGIN\n", fails, 1);
    assert_ne!(full, definition);
    server.query(&full).unwrap();
    let third = says("1", "ask");
    assert_eq!(node.post([third.clone()]).await, 503);
    node.is_not_ready("No space left on device").await;
    server.query(&definition).unwrap();
    until(async || node.post([third.clone()]).await == 200).await;
    until(async || cluster.sent_to("1").len() == 3).await;

    // It becomes a replica of another one, as after a failover.
    server
        .query("ALTER DATABASE postgres SET default_transaction_read_only = on")
        .unwrap();
    let cut = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE application_name = 'handover'";
    server.query(cut).unwrap();
    let fourth = says("1", "ask");
    until(async || node.post([fourth.clone()]).await == 503).await;
    node.is_not_ready("read-only").await;
    server
        .query(
            "BEGIN READ WRITE; ALTER DATABASE postgres RESET default_transaction_read_only; COMMIT",
        )
        .unwrap();
    server.query(cut).unwrap();
    until(async || node.post([fourth.clone()]).await == 200).await;
    until(async || cluster.sent_to("1").len() == 4).await;
    node.handle.stop().await;
}
