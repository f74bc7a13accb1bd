//! A benchmark of the journal alone: whole lifecycles in a second.
//!
//! A lifecycle is an event that is stored, handed out with its thread, and settled with a new session and a
//! call, which is stored, begun and finished: what a text that is answered takes of the store, without HTTP.
//! With PostgreSQL, the same is done by hand in turns, so that the machine's speed is known.
//!
//! ```sh
//! cargo test --release -p handover-runtime --features postgres lifecycles -- --ignored --nocapture
//! ```

#[cfg(feature = "postgres")]
mod by_hand;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use handover_protocol::{EventBody, Received};

use super::fixture::{Fixture, says, send};
use crate::journal::{
    CallResult, Claim, DedupeKey, Due, FinishedCall, Journal, NewEvent, OutboxCall, Settlement,
    ThreadChange, ThreadRelease,
};

const EVENTS: usize = 40_000;
const THREADS: usize = 10_000;
/// Events that are stored together, as those of a webhook.
const BATCH: usize = 32;
/// Webhooks at a time.
const CONNECTIONS: usize = 16;
const ROUNDS: usize = 5;
/// The first events of a round, which do not count.
const WARM_UP: usize = BATCH * CONNECTIONS;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "takes minutes; its figures are in docs/performance.md"]
async fn lifecycles() {
    let mut figures = Vec::new();
    for round in 0..ROUNDS {
        for (store, fixture) in Fixture::both().into_iter().enumerate() {
            if round == 0 {
                figures.push((fixture.name(), Vec::new()));
            }
            let rate = measure(&fixture.journal).await;
            println!("{}: {rate:.0} lifecycles/s", fixture.name());
            figures[store].1.push(rate);
            fixture.journal.close().await.unwrap();
        }
        #[cfg(feature = "postgres")]
        {
            if round == 0 {
                figures.push(("PostgreSQL by hand", Vec::new()));
            }
            let rate = by_hand::measure().await;
            println!("PostgreSQL by hand: {rate:.0} lifecycles/s");
            figures.last_mut().unwrap().1.push(rate);
        }
    }
    for (store, mut rates) in figures {
        rates.sort_by(f64::total_cmp);
        let (least, median, most) = (rates[0], rates[ROUNDS / 2], rates[ROUNDS - 1]);
        println!("| {store} | {median:.0} ({least:.0}–{most:.0}) |");
    }
}

/// Lifecycles in a second, until the last call is finished.
async fn measure(journal: &Journal) -> f64 {
    run(journal, 0..WARM_UP).await;
    let begun = Instant::now();
    run(journal, WARM_UP..EVENTS).await;
    (EVENTS - WARM_UP) as f64 / begun.elapsed().as_secs_f64()
}

async fn run(journal: &Journal, events: std::ops::Range<usize>) {
    let finished = Arc::new(AtomicUsize::new(0));
    let next = Arc::new(AtomicUsize::new(events.start));
    let connections = (0..CONNECTIONS).map(|_| {
        let (journal, finished, next) = (journal.clone(), finished.clone(), next.clone());
        let end = events.end;
        tokio::spawn(async move {
            loop {
                let first = next.fetch_add(BATCH, Ordering::Relaxed);
                if first >= end {
                    break;
                }
                let batch = (first..end.min(first + BATCH)).map(|number| text(&journal, number));
                let appended = journal.append(batch.collect(), BATCH).await.unwrap();
                assert_eq!(appended.appended.len(), end.min(first + BATCH) - first);
                handle_all(&journal, appended.claims, &finished).await;
            }
        })
    });
    for connection in connections.collect::<Vec<_>>() {
        connection.await.unwrap();
    }
    // What was not handed out with the events, because another event or call of its thread was worked.
    let count = events.len();
    while finished.load(Ordering::Relaxed) < count {
        let now = journal.now();
        let claims = journal.claim(now, BATCH).await.unwrap().items;
        let calls = journal.start_calls(due(journal)).await.unwrap().items;
        if claims.is_empty() && calls.is_empty() {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        handle_all(journal, claims, &finished).await;
        finish(journal, calls, &finished).await;
    }
}

fn due(journal: &Journal) -> Due {
    Due {
        now: journal.now(),
        limit: BATCH,
        ..Due::default()
    }
}

/// A text whose event takes 600 bytes.
fn text(journal: &Journal, number: usize) -> NewEvent {
    let mut new = says(number % THREADS, &format!("{number:0400}"));
    let received: &mut Received = Arc::make_mut(&mut new.received);
    if let EventBody::Message(message) = &mut received.event.body {
        message.mid = Some(format!("m_{number}"));
    }
    new.dedupe_key = DedupeKey::of(&format!("m_{number}"));
    new.received_at = journal.now();
    new
}

/// All threads at a time, each by itself, as the workers do.
async fn handle_all(journal: &Journal, claims: Vec<Claim>, finished: &Arc<AtomicUsize>) {
    let handlers = claims.into_iter().map(|claim| {
        let (journal, finished) = (journal.clone(), finished.clone());
        tokio::spawn(async move {
            handle(&journal, claim, &finished).await;
        })
    });
    for handler in handlers.collect::<Vec<_>>() {
        handler.await.unwrap();
    }
}

async fn handle(journal: &Journal, claim: Claim, finished: &Arc<AtomicUsize>) {
    let person = claim.thread.party.as_text().parse().unwrap();
    let count = claim.events.len();
    for (index, event) in claim.events.into_iter().enumerate() {
        let released = (index + 1 == count).then(|| ThreadRelease {
            thread: claim.thread.clone(),
            until: None,
        });
        let settlement = Settlement {
            change: ThreadChange {
                session: Some(serde_json::json!({ "orders": [event.sequence] })),
                person_wrote_at: Some(journal.now()),
                ..ThreadChange::default()
            },
            calls: vec![send(person, "It is on its way.")],
            hands_out: released.is_some(),
            ..Settlement::of(claim.thread.clone(), vec![event.sequence])
        };
        let settled = journal
            .settle(vec![settlement], Vec::from_iter(released))
            .await
            .unwrap();
        finish(journal, settled.calls, finished).await;
    }
}

async fn finish(journal: &Journal, calls: Vec<OutboxCall>, finished: &Arc<AtomicUsize>) {
    let count = calls.len();
    if count == 0 {
        return;
    }
    let results = calls
        .into_iter()
        .map(|call| FinishedCall::new(call.id, call.thread, CallResult::Sent, journal.now()));
    journal.finish_calls(results.collect()).await.unwrap();
    finished.fetch_add(count, Ordering::Relaxed);
}
