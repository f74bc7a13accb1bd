//! How fast the desk is: `cargo bench -p handover-sim --bench control_api`.

#![allow(clippy::expect_used, reason = "a bench that cannot go on has to end")]

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use axum::Router;
use axum::extract::State;
use axum::routing::post;
use handover_sim::{Person, SimulatedApp, Simulator};
use handover_testkit::http;
use handover_testkit::http::Response;
use tokio::net::TcpListener;
use tokio::time::sleep;

const PERSONS: u64 = 10_000;
const ROWS: u64 = 100_000;
const FLUSHES: u32 = 50;

#[tokio::main]
async fn main() {
    start().await;
    let received = Arc::new(AtomicU64::new(0));
    let sim = simulator(received.clone()).await;
    let began = Instant::now();
    let persons: Vec<_> = (0..PERSONS)
        .map(|number| sim.person(&number.to_string()))
        .collect();
    println!("{PERSONS} persons created in {:.2?}", began.elapsed());
    messages(&persons, &received).await;
    flush(&sim, &persons).await;
    pages(&sim).await;
    sim.stop().await;
}

async fn start() {
    let mut times = Vec::new();
    for _ in 0..5 {
        let began = Instant::now();
        let sim = Simulator::builder()
            .app(SimulatedApp::new("1", "Bot"))
            .start()
            .await;
        times.push(began.elapsed());
        sim.expect("it starts").stop().await;
    }
    let fastest = times.iter().min().copied().unwrap_or_default();
    let slowest = times.iter().max().copied().unwrap_or_default();
    println!("start: {fastest:.2?} to {slowest:.2?}");
}

/// With a webhook that does nothing but count.
async fn simulator(received: Arc<AtomicU64>) -> Simulator {
    let count = |State(received): State<Arc<AtomicU64>>| async move {
        received.fetch_add(1, Ordering::Relaxed);
    };
    let webhook = Router::new().route("/", post(count)).with_state(received);
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = listener.local_addr().expect("it is bound");
    tokio::spawn(async move { axum::serve(listener, webhook).await });
    let app = SimulatedApp::new("1", "Bot").webhook(format!("http://{address}/"));
    Simulator::builder()
        .app(app)
        .start()
        .await
        .expect("it starts")
}

/// Until the last one is acknowledged.
async fn messages(persons: &[Person], received: &AtomicU64) {
    let began = Instant::now();
    for person in persons
        .iter()
        .cycle()
        .take(usize::try_from(ROWS).unwrap_or(usize::MAX))
    {
        person
            .says("hello there")
            .await
            .expect("everybody may write");
    }
    let said = began.elapsed();
    while received.load(Ordering::Relaxed) < ROWS {
        sleep(Duration::from_millis(1)).await;
    }
    let through = began.elapsed();
    let rate = |time: Duration| ROWS as f64 / time.as_secs_f64();
    println!(
        "messages: {:.0} a second said, signed and in the timeline; {:.0} a second to one webhook, one by one",
        rate(said),
        rate(through)
    );
}

/// From an act to its last event at a client.
async fn flush(sim: &Simulator, persons: &[Person]) {
    let watched = persons[0].id();
    let url = format!("{}control/events?person={watched}", sim.page_url());
    let began = Instant::now();
    let mut events = http::get(url).await.expect("it is listening");
    let mut text = String::new();
    until_rows(&mut events, &mut text).await;
    println!(
        "first flush with {PERSONS} threads and {ROWS} rows: {:.2?}",
        began.elapsed()
    );
    let mut all = Duration::ZERO;
    for _ in 0..FLUSHES {
        // Later than the pace of flushes, so that none is held back.
        sleep(Duration::from_millis(60)).await;
        let began = Instant::now();
        persons[0]
            .says("once more")
            .await
            .expect("everybody may write");
        until_rows(&mut events, &mut text).await;
        all += began.elapsed();
    }
    println!("flush of one change: {:.2?} on average", all / FLUSHES);
}

/// Rows come last.
async fn until_rows(events: &mut Response, text: &mut String) {
    while !text.contains("event: rows") {
        let chunk = events.chunk().await.expect("the stream is whole");
        text.push_str(&String::from_utf8_lossy(
            &chunk.expect("the stream goes on"),
        ));
    }
    text.clear();
}

async fn pages(sim: &Simulator) {
    for path in [
        "threads?limit=100",
        "threads?search=9999",
        "timeline?limit=100",
        "timeline?search=no+such+text",
        "timeline?before=50000",
    ] {
        let began = Instant::now();
        let url = format!("{}control/{path}", sim.page_url());
        let answer = http::get(url).await.expect("it is listening");
        let bytes = answer.bytes().await.expect("it answers").len();
        println!(
            "GET /control/{path}: {:.2?}, {bytes} bytes",
            began.elapsed()
        );
    }
}
