//! What there is at a glance.

use rusqlite::Connection;
use serde_json::{Value, json};

use super::rows::read;
use super::{Inspect, View};
use crate::terminal::{BAD, GOOD, Progress, paint, say, say_json};

pub(super) fn print(connection: &Connection, asked: &Inspect) -> rusqlite::Result<()> {
    let progress = Progress::start(asked.json, "reading the journal");
    let person = asked.thread.as_deref();
    let count = |table: &str, condition: &str| {
        connection.query_row(
            &format!(
                "SELECT count(*) FROM {table} WHERE (?1 IS NULL OR person = ?1) AND {condition}"
            ),
            [person],
            |row| row.get::<_, u64>(0),
        )
    };
    let waits =
        "sequence >= (SELECT value FROM fact WHERE name = 'settled_before') AND settled_at IS NULL";
    let [events, calls, timers, dead] = [
        count("event", waits)?,
        count("call", "true")?,
        count("timer", "true")?,
        count("dead_letter", "true")?,
    ];
    let read = |view| read(connection, view, person, asked.limit);
    let threads = read(View::Threads)?;
    if asked.json {
        let threads: Vec<Value> = threads.as_json().collect();
        say_json(&json!({
            "events": events, "calls": calls, "timers": timers, "dead_letters": dead,
            "threads": threads,
        }));
        return Ok(());
    }
    // One person's thread is shown with everything there is of it.
    let views: &[View] = match person {
        Some(_) => &[
            View::Events,
            View::Calls,
            View::Timers,
            View::DeadLetters,
            View::Transcripts,
        ],
        None => &[],
    };
    let views = views.iter().map(|view| read(*view));
    let whole = views.collect::<Result<Vec<_>, _>>()?;
    drop(progress);
    let style = if dead == 0 { GOOD } else { BAD };
    say(format_args!(
        "waiting: {events} events, {calls} calls, {timers} timers; {}",
        paint(style, format_args!("{dead} dead letters"))
    ));
    if dead > 0 {
        say(
            "`handover inspect dead-letters` shows why, `handover replay dead-letters` tries them again",
        );
    }
    say("");
    threads.print();
    for rows in whole {
        say("");
        rows.print();
    }
    Ok(())
}
