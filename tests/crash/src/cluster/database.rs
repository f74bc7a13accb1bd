//! What the nodes have left in the database.

use std::collections::BTreeMap;

use handover_testkit::postgres::Postgres;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::Result;
use crate::check::{Database, DeadLetter, EventRow, Waiting, call_in, find, id_in, thread};

/// Reads all rows of a statement with one JSON column.
fn rows<T: DeserializeOwned>(server: &Postgres, schema: &str, sql: &str) -> Result<Vec<T>> {
    let sql = sql.replace("{schema}", schema);
    let all = format!("SELECT coalesce(json_agg(r ORDER BY n), '[]') FROM ({sql}) AS rows(n, r)");
    Ok(serde_json::from_str(&server.query(&all)?)?)
}

pub(super) fn read(server: &Postgres, schema: &str) -> Result<Database> {
    let left = format!("SELECT count(*) FROM {schema}.node");
    let mut database = Database {
        integrity: "ok".to_owned(),
        is_clean: server.query(&left)? == "0",
        events: BTreeMap::new(),
        failed_handoffs: BTreeMap::new(),
        sessions: BTreeMap::new(),
        calls: BTreeMap::new(),
        timers: BTreeMap::new(),
        dead_letters: Vec::new(),
        receipts: BTreeMap::new(),
    };
    let receipts: Vec<(String, String)> = rows(
        server,
        schema,
        "SELECT number, json_build_array(id, status) FROM {schema}.receipt",
    )?;
    database.receipts = receipts.into_iter().collect();
    let events: Vec<(String, String, bool)> = rows(
        server,
        schema,
        "SELECT sequence, json_build_array(person, content, settled_at IS NOT NULL) FROM {schema}.event",
    )?;
    for (person, content, is_settled) in events {
        let at = thread(&person)?;
        let content: Value = serde_json::from_str(&content)?;
        if let Some(failed) = content.pointer("/own/handoff_failed") {
            let reason = find(failed, "reason").unwrap_or_default().to_owned();
            database.failed_handoffs.entry(at).or_default().push(reason);
            continue;
        }
        let event = EventRow {
            id: id_in(&content),
            is_settled,
        };
        database.events.entry(at).or_default().push(event);
    }
    let sessions: Vec<(String, String)> = rows(
        server,
        schema,
        "SELECT 0, json_build_array(person, session) FROM {schema}.thread WHERE session IS NOT NULL",
    )?;
    for (person, session) in sessions {
        let memory = serde_json::from_str(&session)?;
        database.sessions.insert(thread(&person)?, memory);
    }
    let calls: Vec<(String, String)> = rows(
        server,
        schema,
        "SELECT id, json_build_array(person, request) FROM {schema}.call",
    )?;
    for (person, request) in calls {
        let calls = database.calls.entry(thread(&person)?).or_default();
        calls.push(call_in(&request)?);
    }
    let timers: Vec<String> = rows(
        server,
        schema,
        "SELECT 0, to_json(person) FROM {schema}.timer",
    )?;
    for person in timers {
        *database.timers.entry(thread(&person)?).or_default() += 1;
    }
    let dead: Vec<(String, String, String, String, i64)> = rows(
        server,
        schema,
        "SELECT id, json_build_array(person, kind, content, cause, at) FROM {schema}.dead_letter",
    )?;
    for (person, kind, content, cause, at) in dead {
        let id = match kind.as_str() {
            "call" => call_in(&content)?,
            _ => id_in(&serde_json::from_str(&content)?),
        };
        database.dead_letters.push(DeadLetter {
            thread: thread(&person)?,
            kind,
            id,
            cause,
            at,
        });
    }
    Ok(database)
}

/// What is not done; what a node has stored for another one counts as events.
pub(super) fn waiting(server: &Postgres, schema: &str) -> Result<Waiting> {
    let counts = format!(
        "SELECT json_build_array(
           (SELECT count(*) FROM {schema}.event WHERE settled_at IS NULL)
             + (SELECT count(*) FROM {schema}.arrival),
           (SELECT count(*) FROM {schema}.call), (SELECT count(*) FROM {schema}.timer))"
    );
    let (events, calls, timers) = serde_json::from_str(&server.query(&counts)?)?;
    Ok(Waiting {
        events,
        calls,
        timers,
    })
}
