//! Signals from another program, by HTTP: stored, then handled.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use handover::prelude::*;
use handover_testkit::http;
use serde::{Deserialize, Serialize};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use crate::bots::{PAGE, config};
use crate::load::answer_in;

const TOKEN: &str = "a token of the benchmark";
const CONNECTIONS: u64 = 64;
const PERSONS: u64 = 10_000;
pub(crate) const SIGNALS: u64 = 40_000;

#[derive(Signal, Serialize, Deserialize)]
struct Shipped {
    order: u64,
}

/// Remembers what it hears, and says nothing.
#[on_signal]
async fn shipped(signal: Signal<Shipped>, mut orders: Session<Vec<u64>>) {
    orders.push(signal.order);
}

/// Serves the operations port until it is killed.
pub(crate) fn serve(graph: &str, store: &str) {
    crate::runtime().block_on(async {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        println!("{}", listener.local_addr().unwrap());
        let config = config(graph, store.parse().unwrap()).api_tokens([TOKEN]);
        let bot = Bot::new(routes![shipped]).config(config);
        let (_, handle) = bot.into_parts().unwrap();
        axum::serve(listener, handle.operations()).await.unwrap();
    });
}

/// How long it takes until all are acknowledged, and until all are handled.
pub(crate) async fn post(address: &str) -> (Duration, Duration) {
    let next = Arc::new(AtomicU64::new(0));
    let begun = Instant::now();
    let posting = (0..CONNECTIONS).map(|_| {
        let (next, address) = (next.clone(), address.to_owned());
        tokio::spawn(async move {
            let mut stream = TcpStream::connect(&address).await.unwrap();
            stream.set_nodelay(true).unwrap();
            loop {
                let number = next.fetch_add(1, Ordering::Relaxed);
                if number >= SIGNALS {
                    return;
                }
                signal(&mut stream, number).await;
            }
        })
    });
    for connection in posting.collect::<Vec<_>>() {
        connection.await.unwrap();
    }
    let acknowledged = begun.elapsed();
    while handled(address).await < SIGNALS {
        assert!(
            begun.elapsed() < Duration::from_secs(120),
            "not all were handled"
        );
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    (acknowledged, begun.elapsed())
}

/// Posts one and waits until it is accepted.
async fn signal(stream: &mut TcpStream, number: u64) {
    let person = 5_000_000_000_000_000 + number % PERSONS;
    let body = format!("{{\"order\":{number}}}");
    let request = format!(
        "POST /threads/{PAGE}/{person}/signals/shipped HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer {TOKEN}\r\nidempotency-key: order-{number}\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    );
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut received = Vec::with_capacity(1024);
    loop {
        assert_ne!(
            stream.read_buf(&mut received).await.unwrap(),
            0,
            "it hung up"
        );
        if answer_in(&received).is_some() {
            let text = String::from_utf8_lossy(&received);
            assert!(text.starts_with("HTTP/1.1 202"), "{text}");
            return;
        }
    }
}

/// How many signals were handled so far.
async fn handled(address: &str) -> u64 {
    let metrics = http::get(format!("http://{address}/metrics"))
        .await
        .unwrap();
    let metrics = metrics.text().await.unwrap();
    let lines = metrics.lines().filter(|line| {
        line.starts_with("handover_events_handled_total") && line.contains("kind=\"signal\"")
    });
    let counts = lines.filter_map(|line| line.rsplit(' ').next()?.parse::<f64>().ok());
    counts.sum::<f64>() as u64
}
