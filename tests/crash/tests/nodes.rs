//! What two nodes of a bot hold together: the send rate of an account, pauses of it, what a person writes to both,
//! and what operators see and change. Both run in this process, on a PostgreSQL server of their own.

#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::panic,
    reason = "what goes wrong here fails a test"
)]

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use handover::prelude::*;
use handover::testing::Clock;
use handover::{Config, SendRate, Store};
use handover_runtime::operations_token;
use handover_testkit::graph::GraphStub;
use handover_testkit::postgres::Postgres;
use handover_testkit::{PATIENCE, http};
use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use sha2::Sha256;
use tokio::net::TcpListener;

const PAGE: &str = "1744550565845823";
const APP: &str = "1517776481860111";
const SECRET: &str = "the app secret";

#[on_message]
async fn answer(text: Text) -> String {
    text.0
}

/// How many people have begun to ask.
static BEGUN: AtomicUsize = AtomicUsize::new(0);

/// Answers once the person has written the second part as well.
#[on_message(words = ["part"], pace = "restart")]
async fn answer_both(text: Text, burst: Burst) -> String {
    if burst.len() < 2 {
        BEGUN.fetch_add(1, Ordering::Relaxed);
        std::future::pending::<()>().await;
    }
    text.replace('\n', ", ")
}

/// Two nodes that share the lanes evenly, and the Graph API of both.
struct Cluster {
    webhooks: [String; 2],
    operations: [String; 2],
    graph: GraphStub,
    server: Postgres,
    client: http::Client,
    tokens: PathBuf,
    clock: Clock,
}

impl Cluster {
    async fn start(messages: u32) -> Self {
        let graph = GraphStub::start().await;
        let server = Postgres::start().unwrap();
        let tokens = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!(
            "accounts-{}-{}.json",
            std::process::id(),
            fastrand::u64(..)
        ));
        let address = server.address("schema=bot&lease=2s");
        let (mut webhooks, mut operations) = (Vec::new(), Vec::new());
        let clock = Clock::default();
        write_token(&tokens, "EAAB-old");
        for _ in 0..2 {
            let config = Config::of_app(APP)
                .accounts_file(&tokens)
                .app_secret(SECRET)
                .verify_token("the verify token")
                .graph_url(graph.url().parse().unwrap())
                .data_deletion("https://bot.example.com/deletion".parse().unwrap())
                .store(Store::Postgres(Box::new(address.parse().unwrap())));
            let bot = Bot::new(routes![answer_both, answer])
                .config(config)
                .handler_timeout(2 * PATIENCE)
                .clock(clock.clone())
                .send_rate(SendRate::default().messages(messages));
            let (router, handle) = bot.into_parts().unwrap();
            webhooks.push(format!("{}/webhook", serve(router).await));
            operations.push(serve(handle.operations()).await);
        }
        let cluster = Self {
            webhooks: webhooks.try_into().unwrap(),
            operations: operations.try_into().unwrap(),
            graph,
            server,
            client: http::Client::new(),
            tokens,
            clock,
        };
        let shares = "SELECT string_agg(n::text, ' ') FROM
            (SELECT count(*) AS n FROM bot.lane WHERE epoch IS NOT NULL GROUP BY epoch) AS l";
        cluster.until(shares, "128 128").await;
        // Each looks at its lanes four times a second.
        tokio::time::sleep(Duration::from_secs(1)).await;
        cluster
    }

    /// Waits until the database gives this.
    async fn until(&self, query: &str, expected: &str) {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let found = self.server.query(query).unwrap();
            if found == expected {
                return;
            }
            assert!(Instant::now() < deadline, "{found} is not {expected}");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// These people write, to one node or the other.
    async fn people_write(&self, people: std::ops::Range<usize>) {
        let people: Vec<_> = people.collect();
        for (at, people) in people.chunks(20).enumerate() {
            let texts = people
                .iter()
                .map(|person| says(*person, &format!("text {person}")));
            self.deliver(at % 2, texts.collect()).await;
        }
    }

    /// A webhook reaches a node.
    async fn deliver(&self, node: usize, items: Vec<Value>) {
        let entry = json!({ "id": PAGE, "time": 1_458_692_752_478_i64, "messaging": items });
        let body = json!({ "object": "page", "entry": [entry] }).to_string();
        let mac = Hmac::<Sha256>::new_from_slice(SECRET.as_bytes()).unwrap();
        let mac = mac.chain_update(&body).finalize().into_bytes();
        let post = self.client.post(&self.webhooks[node]);
        let post = post.header(
            "X-Hub-Signature-256",
            format!("sha256={}", hex::encode(mac)),
        );
        assert_eq!(post.body(body).send().await.unwrap().status(), 200);
    }

    /// Asks a node for a part of its operations page.
    async fn page(&self, node: usize, path: &str) -> String {
        let address = format!("{}{path}", self.operations[node]);
        let answer = self.client.get(address).send().await.unwrap();
        assert_eq!(answer.status(), 200, "{path}");
        answer.text().await.unwrap()
    }

    async fn json(&self, node: usize, path: &str) -> Value {
        serde_json::from_str(&self.page(node, path).await).unwrap()
    }

    /// Changes something at a node, as an operator does on the page.
    async fn post(&self, node: usize, path: &str, body: Value) -> String {
        let post = self.client.post(format!("{}{path}", self.operations[node]));
        let post = post.bearer_auth(operations_token(SECRET)).json(&body);
        let answer = post.send().await.unwrap();
        let status = answer.status();
        let said = answer.text().await.unwrap();
        assert_eq!(status, 200, "{path}: {said}");
        said
    }

    /// Waits until the nodes count so many dead letters together, each those of its lanes.
    async fn count_dead_letters(&self, expected: u64) {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let mut counted = 0;
            for node in 0..2 {
                let metrics = self.page(node, "/metrics").await;
                let mut lines = metrics.lines();
                let count = lines.find_map(|line| line.strip_prefix("handover_dead_letters "));
                counted += count.unwrap().parse::<u64>().unwrap();
            }
            if counted == expected {
                return;
            }
            assert!(Instant::now() < deadline, "{counted} is not {expected}");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    async fn calls(&self, count: usize) {
        let deadline = Instant::now() + PATIENCE;
        while self.graph.texts().len() < count {
            let texts = self.graph.texts().len();
            assert!(Instant::now() < deadline, "{texts} of {count} calls");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// Nothing is sent for a while, though both nodes have something to send.
    async fn is_silent(&self, time: Duration) {
        let before = self.graph.texts().len();
        let waiting =
            "SELECT count(DISTINCT l.epoch) FROM bot.call JOIN bot.lane AS l USING (lane)";
        self.until(waiting, "2").await;
        tokio::time::sleep(time).await;
        assert_eq!(self.graph.texts().len(), before, "sent in the pause");
    }
}

async fn serve(router: axum::Router) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, router).await });
    format!("http://{address}")
}

/// The numbers of the dead letters that a node lists, all of one cause.
fn listed(page: &Value) -> Vec<u64> {
    let Some(cause) = page["causes"].get(0) else {
        return Vec::new();
    };
    assert_eq!(page["causes"].as_array().unwrap().len(), 1, "{page:#}");
    assert_eq!(cause["code"], 100, "{page:#}");
    let letters = cause["letters"].as_array().unwrap().iter();
    letters.map(|one| one["id"].as_u64().unwrap()).collect()
}

fn write_token(path: &Path, token: &str) {
    let accounts = json!([{ "page": PAGE, "access_token": token }]);
    std::fs::write(path, accounts.to_string()).unwrap();
}

fn says(person: usize, text: &str) -> Value {
    let now = std::time::UNIX_EPOCH.elapsed().unwrap().as_millis();
    json!({
        "sender": { "id": (1_000_000 + person).to_string() }, "recipient": { "id": PAGE },
        "timestamp": u64::try_from(now).unwrap(),
        "message": { "mid": format!("m_{person}_{text}"), "text": text },
    })
}

fn refusal(code: u32) -> Value {
    json!({ "error": { "message": "refused", "type": "OAuthException", "code": code } })
}

#[tokio::test]
async fn the_send_rate_of_an_account_holds_over_all_nodes() {
    let cluster = Cluster::start(60).await;
    let begun = Instant::now();
    cluster.people_write(0..240).await;
    loop {
        let sent = cluster.graph.texts().len();
        // A second's messages at once, and then one after the other.
        let most = 60.0 * (1.0 + begun.elapsed().as_secs_f64()) + 3.0;
        #[expect(clippy::cast_precision_loss, reason = "they are few")]
        let is_held = sent as f64 <= most;
        assert!(is_held, "{sent} after {:?}", begun.elapsed());
        if sent == 240 {
            break;
        }
        assert!(begun.elapsed() < PATIENCE, "{sent} are sent");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

#[tokio::test]
async fn all_nodes_pause_when_the_platform_throttles_one() {
    let cluster = Cluster::start(300).await;
    let throttled = Duration::from_secs(5);
    cluster
        .graph
        .next_answer_after(throttled, 400, refusal(613));
    cluster.people_write(0..1).await;
    cluster.until("SELECT count(*) FROM bot.pause", "1").await;
    // A notification, and a look every 250 ms.
    tokio::time::sleep(Duration::from_secs(1)).await;
    cluster.people_write(1..41).await;
    cluster.is_silent(Duration::from_secs(1)).await;
    // The refused one is counted, too.
    cluster.calls(42).await;
}

#[tokio::test]
async fn all_nodes_pause_until_there_is_another_token() {
    let cluster = Cluster::start(300).await;
    cluster.graph.next_answer(401, refusal(190));
    cluster.people_write(0..1).await;
    cluster
        .until("SELECT count(*) FROM bot.pause WHERE until IS NULL", "1")
        .await;
    tokio::time::sleep(Duration::from_secs(1)).await;
    cluster.people_write(1..41).await;
    cluster.is_silent(Duration::from_secs(2)).await;
    write_token(&cluster.tokens, "EAAB-the-new-one");
    cluster.calls(42).await;
    let calls = cluster.graph.calls();
    let with_new = calls
        .iter()
        .filter(|call| call.authorization == "Bearer EAAB-the-new-one");
    assert_eq!(with_new.count(), 41);
    cluster.until("SELECT count(*) FROM bot.pause", "0").await;
}

#[tokio::test]
async fn a_handler_starts_over_with_what_the_other_node_receives() {
    const PEOPLE: usize = 12;
    let cluster = Cluster::start(300).await;
    let part = |number: usize| {
        let people = (0..PEOPLE).map(|person| says(person, &format!("part {number} of {person}")));
        people.collect()
    };
    cluster.deliver(0, part(1)).await;
    let deadline = Instant::now() + PATIENCE;
    while BEGUN.load(Ordering::Relaxed) < PEOPLE {
        assert!(Instant::now() < deadline);
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    cluster.deliver(1, part(2)).await;
    cluster.calls(PEOPLE).await;
    let mut answers = cluster.graph.texts();
    answers.sort_unstable();
    let expected = (0..PEOPLE).map(|person| format!("part 1 of {person}, part 2 of {person}"));
    let mut expected: Vec<_> = expected.collect();
    expected.sort_unstable();
    assert_eq!(answers, expected);
}

/// The node that has accepted it is gone for good.
#[tokio::test]
async fn any_node_carries_out_a_deletion_request() {
    let cluster = Cluster::start(300).await;
    cluster.graph.always(200, json!({ "data": [] }).to_string());
    let request =
        "INSERT INTO bot.deletion (code, \"user\", requested_at) VALUES ('code', '17', 0)";
    cluster.server.query(request).unwrap();
    let deadline = Instant::now() + PATIENCE;
    let left = "SELECT count(*) FROM bot.deletion WHERE done_at IS NULL";
    while cluster.server.query(left).unwrap() != "0" {
        assert!(Instant::now() < deadline, "nobody looks for it");
        cluster.clock.advance(Duration::from_secs(6 * 60));
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// Whichever node an operator asks, and whichever node works the thread.
#[tokio::test]
async fn the_operations_page_of_any_node_is_about_all() {
    const PEOPLE: usize = 24;
    let cluster = Cluster::start(300).await;
    for _ in 0..PEOPLE {
        cluster.graph.next_answer(400, refusal(100));
    }
    cluster.people_write(0..PEOPLE).await;
    let letters = "SELECT count(*) FROM bot.dead_letter";
    cluster.until(letters, &PEOPLE.to_string()).await;
    let lanes =
        "SELECT count(DISTINCT l.epoch) FROM bot.dead_letter JOIN bot.lane AS l USING (lane)";
    assert_eq!(cluster.server.query(lanes).unwrap(), "2");

    let mut ids = Vec::new();
    for node in 0..2 {
        let letters = cluster.json(node, "/dead_letters").await;
        assert_eq!(letters["total"], PEOPLE, "{letters:#}");
        ids = listed(&letters);
        assert_eq!(ids.len(), PEOPLE);
        let overview = cluster.json(node, "/overview").await;
        assert_eq!(overview["waiting"]["dead_letters"], PEOPLE);
        assert_eq!(overview["threads"]["bot"], PEOPLE, "{overview:#}");
        assert_eq!(overview["node"]["lanes"], 128);
        let nodes = overview["nodes"].as_array().unwrap();
        assert_eq!(nodes.len(), 2);
        assert_eq!(
            nodes.iter().filter(|node| node["is_this"] == true).count(),
            1
        );
        let threads = cluster.json(node, "/threads?limit=100").await;
        let threads = threads["threads"].as_array().unwrap();
        assert_eq!(threads.len(), PEOPLE);
        assert!(
            threads.iter().all(|thread| thread["dead_letters"] == 1),
            "{threads:?}"
        );
        for person in [0, 1, 2] {
            let path = format!("/threads/{PAGE}/{}", 1_000_000 + person);
            let thread = cluster.json(node, &path).await;
            assert_eq!(
                thread["kept"]["dead_letters"].as_array().unwrap().len(),
                1,
                "{thread:#}"
            );
        }
    }

    let preview = cluster
        .post(0, "/dead_letters/preview", json!({ "ids": ids }))
        .await;
    let preview: Value = serde_json::from_str(&preview).unwrap();
    let previewed = preview["letters"].as_array().unwrap();
    assert_eq!(previewed.len(), PEOPLE);
    assert!(
        previewed.iter().all(|letter| letter["refusal"].is_null()),
        "{preview:#}"
    );
    assert!(!preview.to_string().contains("text 1"), "{preview:#}");

    // One node discards some of both.
    let (discarded, retried) = ids.split_at(PEOPLE / 2);
    let body = json!({ "ids": discarded });
    assert_eq!(
        cluster.post(0, "/dead_letters/discard", body.clone()).await,
        json!({ "discarded": PEOPLE / 2 }).to_string()
    );
    for node in 0..2 {
        let letters = cluster.json(node, "/dead_letters").await;
        assert_eq!(letters["total"], PEOPLE / 2, "{letters:#}");
        let mut left = listed(&letters);
        left.sort_unstable();
        let mut expected = retried.to_vec();
        expected.sort_unstable();
        assert_eq!(left, expected);
    }
    cluster.until("SELECT count(*) FROM bot.arrival", "0").await;
    cluster.count_dead_letters(PEOPLE as u64 / 2).await;
    assert_eq!(
        cluster.post(1, "/dead_letters/discard", body).await,
        json!({ "discarded": 0 }).to_string()
    );

    // The other has the rest sent again, by both.
    let refused = cluster.graph.texts().len();
    assert_eq!(refused, PEOPLE);
    let body = json!({ "source": "dead_letters", "ids": ids });
    let done = cluster.post(1, "/replay", body).await;
    let mut done: Vec<u64> = serde_json::from_str(&done).unwrap();
    done.sort_unstable();
    let mut expected = retried.to_vec();
    expected.sort_unstable();
    assert_eq!(done, expected);
    cluster.calls(refused + PEOPLE / 2).await;
    let mut again = cluster.graph.texts().split_off(refused);
    again.sort_unstable();
    again.dedup();
    assert_eq!(again.len(), PEOPLE / 2, "each once");
    cluster.count_dead_letters(0).await;
    for node in 0..2 {
        let letters = cluster.json(node, "/dead_letters").await;
        assert_eq!(letters, json!({ "total": 0, "listed": 0, "causes": [] }));
    }
    cluster.until("SELECT count(*) FROM bot.arrival", "0").await;

    // A pause reaches the node of the thread.
    for person in 0..PEOPLE {
        let thread = format!("/threads/{PAGE}/{}", 1_000_000 + person);
        let pause = format!("{thread}/pause/600");
        assert_eq!(
            cluster.post(person % 2, &pause, Value::Null).await,
            "paused\n"
        );
    }
    cluster
        .until(
            "SELECT count(*) FROM bot.thread WHERE paused_until IS NOT NULL",
            &PEOPLE.to_string(),
        )
        .await;
    let paused = cluster.json(0, "/threads?group=paused&limit=100").await;
    assert_eq!(paused["threads"].as_array().unwrap().len(), PEOPLE);
    for person in 0..PEOPLE {
        let resume = format!("/threads/{PAGE}/{}/resume", 1_000_000 + person);
        assert_eq!(cluster.post(0, &resume, Value::Null).await, "resumed\n");
    }
    cluster
        .until(
            "SELECT count(*) FROM bot.thread WHERE paused_until IS NOT NULL",
            "0",
        )
        .await;
}
