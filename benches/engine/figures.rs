//! What is measured, and the bounds.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use handover::prelude::*;
use handover::{BotState, Store};
use handover_testkit::http;

use crate::bots::config;
use crate::database::Database;
use crate::load::{Connection, Load};
use crate::process::Process;
use crate::{directory, graph, runtime, signals};

/// How often each is measured; the best counts, for others use the machine, too.
const ROUNDS: usize = 5;

const ECHOES: Load = Load {
    connections: 32,
    batch: 1,
    persons: 10_000,
    text: "hello, is my order on its way?",
    bodies: 30_000,
};

/// Everything, or one section by its name.
pub(crate) fn print(only: Option<&str>) {
    let sections: [(&str, Section); 6] = [
        ("echo", echo),
        ("ingest", ingest),
        ("sustained", sustained),
        ("signals", signals_by_http),
        ("latency", latency),
        ("memory", memory),
    ];
    let mut bounds = Bounds::default();
    for (name, section) in sections {
        if only.is_none_or(|only| only == name) {
            section(&mut bounds);
        }
    }
    std::fs::remove_dir_all(directory()).unwrap();
    println!("\n{} of {} bounds held", bounds.held, bounds.all);
}

type Section = fn(&mut Bounds);

#[derive(Default)]
struct Bounds {
    held: u32,
    all: u32,
}

impl Bounds {
    fn check(&mut self, what: &str, held: bool) {
        self.all += 1;
        self.held += u32::from(held);
        println!("{} {what}", if held { "held    " } else { "NOT HELD" });
    }
}

fn fresh_store() -> String {
    let path = directory().join("handover.db");
    for end in ["", "-wal", "-shm", ".lock"] {
        let _ = std::fs::remove_file(format!("{}{end}", path.display()));
    }
    format!("sqlite:{}", path.display())
}

/// Waits until the Graph API has had so many calls.
async fn answered(graph: &str, calls: u64) {
    let deadline = Instant::now() + Duration::from_secs(120);
    while graph::count(graph).await < calls {
        assert!(
            Instant::now() < deadline,
            "only {} of {calls} calls",
            graph::count(graph).await
        );
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

/// Microseconds of processor time for a message that is answered.
async fn cpu_per_echo(bot: &Process, graph: &Process) -> f64 {
    let (calls, cpu) = (graph::count(&graph.address).await, bot.cpu());
    ECHOES.post(&bot.address).await;
    answered(&graph.address, calls + ECHOES.messages()).await;
    (bot.cpu() - cpu) * 1e6 / ECHOES.messages() as f64
}

fn echo(bounds: &mut Bounds) {
    println!("\nProcessor time of the bot's process for one message that is answered");
    println!(
        "({} messages of {} persons over {} connections; best of {ROUNDS})",
        ECHOES.bodies, ECHOES.persons, ECHOES.connections
    );
    let runtime = runtime();
    let graph = Process::start(&["graph"]);
    let database = Database::start();
    let mut best = [f64::MAX; 4];
    for _ in 0..ROUNDS {
        let (store, schema) = (fresh_store(), database.fresh_store());
        let mut starts = vec![
            vec!["ceiling", &graph.address],
            vec!["bot", &graph.address, "memory:"],
            vec!["bot", &graph.address, &store],
        ];
        starts.extend(
            schema
                .iter()
                .map(|schema| vec!["bot", &graph.address, schema]),
        );
        for (best, arguments) in best.iter_mut().zip(&starts) {
            let bot = Process::start(arguments);
            *best = best.min(runtime.block_on(cpu_per_echo(&bot, &graph)));
        }
    }
    let [ceiling, memory, sqlite, postgres] = best;
    println!("by hand, nothing kept   {ceiling:7.1} µs");
    println!(
        "handover, memory:       {memory:7.1} µs  {:.2} ×",
        memory / ceiling
    );
    println!(
        "handover, sqlite:       {sqlite:7.1} µs  {:.2} ×",
        sqlite / ceiling
    );
    if database.is_there() {
        println!(
            "handover, postgres:     {postgres:7.1} µs  {:.2} ×  (without the server's own)",
            postgres / ceiling
        );
    }
    bounds.check(
        "memory journal at most 1.5 × by hand",
        memory <= 1.5 * ceiling,
    );
    bounds.check(
        "SQLite journal at most 2.5 × by hand",
        sqlite <= 2.5 * ceiling,
    );
}

fn ingest(bounds: &mut Bounds) {
    let load = Load {
        connections: 64,
        text: "silence",
        bodies: 40_000,
        ..ECHOES
    };
    println!(
        "\nWebhooks acknowledged in a second, one message each, over {} connections; best of {ROUNDS}",
        load.connections
    );
    let runtime = runtime();
    let graph = Process::start(&["graph"]);
    let database = Database::start();
    let [mut memory, mut sqlite, mut postgres] = [0.0_f64; 3];
    for _ in 0..ROUNDS {
        let (store, schema) = (fresh_store(), database.fresh_store());
        let mut stores = vec![(&mut memory, "memory:"), (&mut sqlite, &store)];
        stores.extend(schema.as_deref().map(|schema| (&mut postgres, schema)));
        for (best, store) in stores {
            let bot = Process::start(&["bot", &graph.address, store]);
            let took = runtime.block_on(load.post(&bot.address));
            *best = best.max(load.messages() as f64 / took.as_secs_f64());
        }
    }
    println!("memory:  {memory:8.0}/s");
    println!("sqlite:  {sqlite:8.0}/s  {:.2} ×", sqlite / memory);
    if database.is_there() {
        println!("postgres:{postgres:8.0}/s  {:.2} ×", postgres / memory);
    }
    bounds.check("durable at least 0.5 × in memory", sqlite >= 0.5 * memory);
}

fn sustained(bounds: &mut Bounds) {
    const PARTS: u64 = 30;
    let load = Load {
        connections: 8,
        batch: 50,
        bodies: 50,
        ..ECHOES
    };
    println!(
        "\nMessages received, handled, settled, sent and recorded in a second, {} in a body, SQLite; best of {ROUNDS}",
        load.batch
    );
    let runtime = runtime();
    let graph = Process::start(&["graph"]);
    let mut best = 0.0_f64;
    for _ in 0..ROUNDS {
        let store = fresh_store();
        let bot = Process::start(&["bot", &graph.address, &store]);
        let took = runtime.block_on(async {
            let mut calls = graph::count(&graph.address).await;
            let begun = Instant::now();
            for _ in 0..PARTS {
                load.post(&bot.address).await;
                calls += load.messages();
                // No more than one part waits.
                answered(&graph.address, calls - load.messages()).await;
            }
            answered(&graph.address, calls).await;
            begun.elapsed()
        });
        let messages = PARTS * load.messages();
        let rate = messages as f64 / took.as_secs_f64();
        let cpu = bot.cpu() * 1e6 / messages as f64;
        println!(
            "{rate:8.0}/s  ({messages} messages in {:.1} s, {cpu:.0} µs of processor time each)",
            took.as_secs_f64()
        );
        best = best.max(rate);
    }
    bounds.check("at least 10000 a second", best >= 10_000.0);
}

fn signals_by_http(bounds: &mut Bounds) {
    println!(
        "\nSignals of another program in a second, {} by HTTP, SQLite; best of {ROUNDS}",
        signals::SIGNALS
    );
    let runtime = runtime();
    let graph = Process::start(&["graph"]);
    let [mut acknowledged, mut handled] = [0.0_f64; 2];
    for _ in 0..ROUNDS {
        let store = fresh_store();
        let bot = Process::start(&["signal-bot", &graph.address, &store]);
        let (stored, done) = runtime.block_on(signals::post(&bot.address));
        let rate = |took: Duration| signals::SIGNALS as f64 / took.as_secs_f64();
        let cpu = bot.cpu() * 1e6 / signals::SIGNALS as f64;
        println!(
            "{:8.0}/s acknowledged, {:8.0}/s handled  ({cpu:.0} µs of processor time each)",
            rate(stored),
            rate(done)
        );
        acknowledged = acknowledged.max(rate(stored));
        handled = handled.max(rate(done));
    }
    bounds.check(
        "at least 4000 a second acknowledged",
        acknowledged >= 4000.0,
    );
    bounds.check("at least 4000 a second handled", handled >= 4000.0);
}

type Starts = Arc<Mutex<HashMap<String, Instant>>>;

#[derive(BotState)]
struct Watch {
    starts: Starts,
}

#[on_message]
async fn noted(message: handover::protocol::Message, starts: State<Starts>) {
    let now = Instant::now();
    starts
        .lock()
        .unwrap()
        .insert(message.mid.unwrap_or_default(), now);
}

fn latency(bounds: &mut Bounds) {
    const RATE: u32 = 1000;
    const SECONDS: u32 = 10;
    println!(
        "\nFrom the acknowledgement to the handler's start, at {RATE} webhooks a second for {SECONDS} s, SQLite"
    );
    let late = runtime().block_on(async {
        let starts = Starts::default();
        let state = Watch {
            starts: starts.clone(),
        };
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let bot = Bot::with_state(state, routes![noted]);
        let bot = bot.config(config(
            "http://127.0.0.1:9",
            fresh_store().parse::<Store>().unwrap(),
        ));
        let bot = tokio::spawn(handover_runtime::serve(bot, listener));
        let acknowledged = acknowledge(&address, RATE, SECONDS).await;
        let deadline = Instant::now() + Duration::from_secs(30);
        while starts.lock().unwrap().len() < acknowledged.len() {
            assert!(Instant::now() < deadline, "some messages were not handled");
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        bot.abort();
        let starts = starts.lock().unwrap();
        let mut late: Vec<_> = acknowledged
            .iter()
            .map(|(mid, at)| starts[mid].saturating_duration_since(*at))
            .collect();
        late.sort_unstable();
        late
    });
    let at = |percent: usize| late[(late.len() - 1) * percent / 100];
    println!("p50 {:?}, p99 {:?}, longest {:?}", at(50), at(99), at(100));
    bounds.check("p99 within 5 ms", at(99) <= Duration::from_millis(5));
}

/// Posts one message in each slice of time, and notes when it was acknowledged.
async fn acknowledge(address: &str, rate: u32, seconds: u32) -> Vec<(String, Instant)> {
    const CONNECTIONS: u32 = 16;
    let posting = (0..CONNECTIONS).map(|connection| {
        let address = address.to_owned();
        tokio::spawn(async move {
            let mut noted = Vec::new();
            let mut open = Connection::open(&address).await;
            let every = Duration::from_secs(1) * CONNECTIONS / rate;
            let mut ticks = tokio::time::interval(every);
            for _ in 0..rate * seconds / CONNECTIONS {
                ticks.tick().await;
                let load = Load {
                    persons: 1000 + u64::from(connection),
                    ..ECHOES
                };
                let body = load.body();
                let mid = body
                    .split("\"mid\":\"")
                    .nth(1)
                    .unwrap()
                    .split('"')
                    .next()
                    .unwrap();
                open.post(&body).await;
                noted.push((mid.to_owned(), Instant::now()));
            }
            noted
        })
    });
    let mut all = Vec::new();
    for connection in posting.collect::<Vec<_>>() {
        all.extend(connection.await.unwrap());
    }
    all
}

fn memory(bounds: &mut Bounds) {
    println!(
        "\nMemory of a bot after {} messages, by the threads that its journal knows",
        ECHOES.bodies
    );
    let runtime = runtime();
    let graph = Process::start(&["graph"]);
    let mut measured = Vec::new();
    for threads in [1000, 1_000_000] {
        let store = fresh_store();
        know(&store, &graph.address, threads);
        let bot = Process::start(&["bot", &graph.address, &store]);
        let cpu = runtime.block_on(cpu_per_echo(&bot, &graph));
        let mib = bot.memory();
        println!("{threads:8} threads  {mib:6.1} MiB, {cpu:.0} µs of processor time for a message");
        measured.push(mib);
    }
    // The page cache of SQLite alone may take 64 MiB.
    bounds.check(
        "a million threads take no more than 64 MiB above a thousand",
        measured[1] <= measured[0] + 64.0,
    );
}

/// Waits until the bot says that it can do its work.
async fn ready(bot: &Process) {
    let deadline = Instant::now() + Duration::from_secs(20);
    while http::get(format!("http://{}/readyz", bot.address))
        .await
        .is_err()
    {
        assert!(Instant::now() < deadline, "the bot does not start");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

/// Fills the journal with threads that have a session and are idle.
fn know(store: &str, graph: &str, threads: u32) {
    // Makes the tables.
    let bot = Process::start(&["bot", graph, store]);
    runtime().block_on(ready(&bot));
    drop(bot);
    let path = store.strip_prefix("sqlite:").unwrap();
    let file = rusqlite::Connection::open(path).unwrap();
    file.execute_batch(&format!(
        "WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n LIMIT {threads})
         INSERT INTO thread (account, person, session, owner)
         SELECT '{}', 5000000000000000 + i, '{{\"cart\":[1,2,3],\"name\":\"somebody\"}}', 'bot' FROM n",
        crate::bots::PAGE
    ))
    .unwrap();
}
