//! The same lifecycles on PostgreSQL by hand, with the least that stores an event once, works it by the owner of
//! its lane, and commits a session and a call with it, behind a fence.
//!
//! It knows no owner of a thread, no window, no pause, no timer, no history, no retry and no other node; a call is
//! a text. Events are stored in one connection, and read, settled and called in [`WORKERS`] others.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, LazyLock};
use std::time::{Duration, Instant};

use handover_testkit::postgres::Postgres;
use tokio_postgres::{Client, NoTls};

use super::{BATCH, EVENTS, THREADS, WARM_UP};

const LANES: usize = 64;
const WORKERS: usize = 4;
/// Events that are stored by one commit: four webhooks.
const STORED: usize = 4 * BATCH;
/// Events that are settled by one commit.
const CLAIMED: i64 = 256;

const SCHEMA: &str = "
DROP SCHEMA IF EXISTS by_hand CASCADE;
CREATE SCHEMA by_hand;
SET search_path = by_hand;
CREATE TABLE lane (lane smallint PRIMARY KEY, owner bigint NOT NULL);
INSERT INTO lane SELECT lane, lane % 4 FROM generate_series(0, 63) lane;
CREATE TABLE seen (day date NOT NULL, key bytea NOT NULL, PRIMARY KEY (day, key)) PARTITION BY RANGE (day);
CREATE TABLE seen_other PARTITION OF seen DEFAULT;
CREATE TABLE inbox (lane smallint, seq bigint GENERATED ALWAYS AS IDENTITY, thread text, body bytea,
  PRIMARY KEY (lane, seq)) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 20000,
  autovacuum_vacuum_cost_delay = 0);
CREATE TABLE state (thread text PRIMARY KEY, version bigint NOT NULL, body text NOT NULL) WITH (fillfactor = 70);
CREATE TABLE outbox (lane smallint, id bigint GENERATED ALWAYS AS IDENTITY, thread text, call text,
  started_at timestamptz, PRIMARY KEY (lane, id)) WITH (autovacuum_vacuum_scale_factor = 0,
  autovacuum_vacuum_threshold = 20000, autovacuum_vacuum_cost_delay = 0);";

const STORE: &str = "
WITH new AS (SELECT * FROM unnest($1::bytea[], $2::smallint[], $3::text[], $4::bytea[])
               WITH ORDINALITY AS new (key, lane, thread, body, number)),
     first AS (INSERT INTO seen (day, key) SELECT current_date, key FROM new ON CONFLICT DO NOTHING RETURNING key)
INSERT INTO inbox (lane, thread, body)
  SELECT lane, thread, body FROM new JOIN first USING (key) ORDER BY number";

const CLAIM: &str = "
SELECT lane, seq, thread, body FROM inbox WHERE lane = ANY ($1::smallint[]) ORDER BY lane, seq LIMIT $2";

/// Settles events and begins their calls, if the lanes still belong to the worker.
const SETTLE: &str = "
WITH fence AS (SELECT 1 FROM lane WHERE lane = ANY ($1::smallint[]) AND owner = $2 FOR SHARE),
     holds AS (SELECT count(*) = cardinality($1::smallint[]) AS holds FROM fence),
     event AS (SELECT * FROM unnest($3::smallint[], $4::bigint[]) AS event (lane, seq), holds WHERE holds),
     settled AS (DELETE FROM inbox USING event WHERE inbox.lane = event.lane AND inbox.seq = event.seq),
     kept AS (INSERT INTO state SELECT thread, 1, body FROM unnest($5::text[], $6::text[]) AS new (thread, body), holds
                WHERE holds
                ON CONFLICT (thread) DO UPDATE SET version = state.version + 1, body = excluded.body)
INSERT INTO outbox (lane, thread, call, started_at)
  SELECT lane, thread, call, now() FROM unnest($3::smallint[], $7::text[], $8::text[]) AS new (lane, thread, call), holds
    WHERE holds
  RETURNING lane, id";

const FINISH: &str = "
DELETE FROM outbox USING unnest($1::smallint[], $2::bigint[]) AS done (lane, id)
  WHERE outbox.lane = done.lane AND outbox.id = done.id";

static CALL: LazyLock<String> = LazyLock::new(|| {
    let message = serde_json::json!({
        "recipient": { "id": "7300" }, "messaging_type": "RESPONSE", "message": { "text": "It is on its way." },
    });
    message.to_string()
});

/// Lifecycles in a second, until the last call is finished.
pub(super) async fn measure() -> f64 {
    connect().await.batch_execute(SCHEMA).await.unwrap();
    run(0..WARM_UP).await;
    let begun = Instant::now();
    run(WARM_UP..EVENTS).await;
    (EVENTS - WARM_UP) as f64 / begun.elapsed().as_secs_f64()
}

async fn run(events: Range<usize>) {
    let waiting = Arc::new(AtomicUsize::new(events.len()));
    let workers = (0..WORKERS).map(|worker| tokio::spawn(work(worker, waiting.clone())));
    let workers: Vec<_> = workers.collect();
    store(events).await;
    for worker in workers {
        worker.await.unwrap();
    }
}

async fn store(events: Range<usize>) {
    let client = connect().await;
    let statement = client.prepare(STORE).await.unwrap();
    for first in events.clone().step_by(STORED) {
        let batch = || first..events.end.min(first + STORED);
        let threads: Vec<usize> = batch().map(|number| number % THREADS).collect();
        let keys: Vec<Vec<u8>> = batch()
            .map(|number| format!("{number:016}").into_bytes())
            .collect();
        let lanes: Vec<i16> = threads
            .iter()
            .map(|thread| (thread % LANES) as i16)
            .collect();
        let names: Vec<String> = threads
            .iter()
            .map(|thread| format!("1744550565845823:{thread}"))
            .collect();
        let bodies: Vec<Vec<u8>> = batch()
            .map(|number| format!("{number:0600}").into_bytes())
            .collect();
        let stored = client
            .execute(&statement, &[&keys, &lanes, &names, &bodies])
            .await
            .unwrap();
        assert_eq!(stored, batch().len() as u64);
    }
}

async fn work(worker: usize, waiting: Arc<AtomicUsize>) {
    let client = connect().await;
    let claim = client.prepare(CLAIM).await.unwrap();
    let settle = client.prepare(SETTLE).await.unwrap();
    let finish = client.prepare(FINISH).await.unwrap();
    let owned: Vec<i16> = (worker..LANES)
        .step_by(WORKERS)
        .map(|lane| lane as i16)
        .collect();
    while waiting.load(Ordering::Relaxed) > 0 {
        let events = client.query(&claim, &[&owned, &CLAIMED]).await.unwrap();
        if events.is_empty() {
            tokio::time::sleep(Duration::from_millis(1)).await;
            continue;
        }
        let lanes: Vec<i16> = events.iter().map(|event| event.get("lane")).collect();
        let numbers: Vec<i64> = events.iter().map(|event| event.get("seq")).collect();
        let threads: Vec<&str> = events.iter().map(|event| event.get("thread")).collect();
        let sessions: BTreeMap<&str, String> = std::iter::zip(&threads, &numbers)
            .map(|(thread, number)| (*thread, format!(r#"{{"orders":[{number}]}}"#)))
            .collect();
        let (changed, sessions): (Vec<&str>, Vec<String>) = sessions.into_iter().unzip();
        let calls = vec![CALL.as_str(); events.len()];
        let mut fenced = lanes.clone();
        fenced.dedup();
        let owner = worker as i64;
        let settled = client
            .query(
                &settle,
                &[
                    &fenced, &owner, &lanes, &numbers, &changed, &sessions, &threads, &calls,
                ],
            )
            .await
            .unwrap();
        assert_eq!(settled.len(), events.len());
        let lanes: Vec<i16> = settled.iter().map(|call| call.get("lane")).collect();
        let ids: Vec<i64> = settled.iter().map(|call| call.get("id")).collect();
        let finished = client.execute(&finish, &[&lanes, &ids]).await.unwrap();
        assert_eq!(finished, events.len() as u64);
        waiting.fetch_sub(events.len(), Ordering::Relaxed);
    }
}

async fn connect() -> Client {
    let address = Postgres::shared().address("options=-c%20search_path%3Dby_hand");
    let (client, connection) = tokio_postgres::connect(&address, NoTls).await.unwrap();
    tokio::spawn(connection);
    client
}
