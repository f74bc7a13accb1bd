//! The views: a query each, and how its columns read.

use rusqlite::types::{Value as Sql, ValueRef};
use rusqlite::{Connection, params};
use serde_json::{Map, Value, json};

use super::View;
use crate::said;
use crate::terminal::{Age, DIM, Table, excerpt, paint, say};

/// What a view shows.
pub(super) struct Rows {
    columns: Vec<String>,
    rows: Vec<Vec<Sql>>,
    /// What to say where there are none.
    nothing: &'static str,
}

/// A column for programs only: to people its time is that of the arrival.
const DETAIL: &str = "settled_at";

/// `?1` is the person or NULL, `?2` how many. Columns called `…_at`, `due` or `…_until` are times;
/// the last column may be long.
fn query(view: View) -> (&'static str, &'static str) {
    match view {
        View::Threads => (
            "SELECT account, person,
                    CASE owner WHEN 'other' THEN coalesce('app ' || owner_app, 'another app')
                               WHEN 'bot' THEN 'the bot' ELSE owner END AS owner,
                    nullif(owner_since, 0) AS owner_since_at,
                    coalesce(e.n, 0) AS events, coalesce(c.n, 0) AS calls,
                    coalesce(m.n, 0) AS timers, coalesce(d.n, 0) AS dead_letters,
                    nullif(paused_until, 0) AS paused_until, person_wrote_at, session
             FROM (SELECT account, person FROM thread UNION SELECT account, person FROM event
                     WHERE sequence >= (SELECT value FROM fact WHERE name = 'settled_before')
                       AND settled_at IS NULL
                   UNION SELECT account, person FROM dead_letter) AS known
             LEFT JOIN thread USING (account, person)
             LEFT JOIN (SELECT account, person, count(*) AS n FROM event
                        WHERE sequence >= (SELECT value FROM fact WHERE name = 'settled_before')
                          AND settled_at IS NULL GROUP BY 1, 2) AS e USING (account, person)
             LEFT JOIN (SELECT account, person, count(*) AS n FROM call GROUP BY 1, 2) AS c
               USING (account, person)
             LEFT JOIN (SELECT account, person, count(*) AS n FROM timer GROUP BY 1, 2) AS m
               USING (account, person)
             LEFT JOIN (SELECT account, person, count(*) AS n FROM dead_letter GROUP BY 1, 2) AS d
               USING (account, person)
             WHERE ?1 IS NULL OR person = ?1
             ORDER BY coalesce(e.n, 0) + coalesce(c.n, 0) + coalesce(d.n, 0) > 0 DESC,
                      max(coalesce(person_wrote_at, 0), coalesce(owner_seen_at, 0)) DESC
             LIMIT ?2",
            "no thread is known yet",
        ),
        View::Events => (
            "SELECT sequence AS id, account, person, kind, channel, received_at, attempts,
                    nullif(due, 0) AS due, content
             FROM event WHERE sequence >= (SELECT value FROM fact WHERE name = 'settled_before')
               AND settled_at IS NULL AND (?1 IS NULL OR person = ?1) ORDER BY sequence LIMIT ?2",
            "no event waits",
        ),
        View::Handled => (
            "SELECT sequence AS id, account, person, kind, channel, received_at, settled_at, outcome,
                    content
             FROM event WHERE settled_at IS NOT NULL AND (?1 IS NULL OR person = ?1)
             ORDER BY sequence DESC LIMIT ?2",
            "no event was handled within the last days",
        ),
        View::Calls => (
            "SELECT id, account, person, name, state, uncertain, attempts, nullif(due, 0) AS due,
                    created_at, request
             FROM call WHERE ?1 IS NULL OR person = ?1 ORDER BY id LIMIT ?2",
            "no call waits",
        ),
        View::Timers => (
            "SELECT account, person, name, due FROM timer WHERE ?1 IS NULL OR person = ?1
             ORDER BY due LIMIT ?2",
            "no timer runs",
        ),
        View::DeadLetters => (
            "SELECT id, account, person, kind, at AS given_up_at, cause, content FROM dead_letter
             WHERE ?1 IS NULL OR person = ?1 ORDER BY id LIMIT ?2",
            "there are no dead letters",
        ),
        View::Transcripts => (
            "SELECT account, person, at AS said_at, speaker, text FROM transcript
             WHERE ?1 IS NULL OR person = ?1 ORDER BY account, person, line LIMIT ?2",
            "nothing was said while somebody else had a thread",
        ),
    }
}

pub(super) fn read(
    connection: &Connection,
    view: View,
    person: Option<&str>,
    limit: u32,
) -> rusqlite::Result<Rows> {
    let (sql, nothing) = query(view);
    let mut statement = connection.prepare(sql)?;
    let columns: Vec<_> = statement.column_names().map(str::to_owned).collect();
    let width = columns.len();
    let read = |row: &rusqlite::Row<'_>| (0..width).map(|column| row.get(column)).collect();
    let rows = statement.query_map(params![person, limit], read)?;
    let rows = rows.collect::<Result<_, _>>()?;
    Ok(Rows {
        columns,
        rows,
        nothing,
    })
}

impl Rows {
    pub(super) fn as_json(&self) -> impl Iterator<Item = Value> {
        self.rows.iter().map(|row| {
            let named = self.columns.iter().cloned();
            let values = row.iter().map(|value| match value {
                Sql::Integer(number) => json!(number),
                // Sessions, events and calls are JSON themselves.
                Sql::Text(text) if text.starts_with(['{', '[']) => {
                    serde_json::from_str(text).unwrap_or_else(|_| json!(text))
                }
                Sql::Text(text) => json!(text),
                _ => Value::Null,
            });
            Value::Object(named.zip(values).collect::<Map<_, _>>())
        })
    }

    pub(super) fn print(&self) {
        if self.rows.is_empty() {
            say(paint(DIM, self.nothing));
            return;
        }
        let shown = |column: &&String| *column != DETAIL;
        let headings = self.columns.iter().filter(shown);
        let mut table = Table::new(headings.map(|name| heading(name)));
        for row in &self.rows {
            let cells = self.columns.iter().zip(row);
            let cells = cells.filter(|(column, _)| shown(column));
            let cells = cells.map(|(column, value)| cell(column, value.into()));
            table.add(cells.collect::<Vec<_>>());
        }
        table.print();
    }
}

fn is_time(column: &str) -> bool {
    column == "due" || column.ends_with("_at") || column.ends_with("_until")
}

fn heading(column: &str) -> String {
    match column {
        "content" | "request" => "said".to_owned(),
        column => column.trim_end_matches("_at").replace('_', " "),
    }
}

fn cell(column: &str, value: ValueRef<'_>) -> String {
    match value {
        ValueRef::Integer(at) if is_time(column) => Age::of(at).to_string(),
        ValueRef::Integer(number) => number.to_string(),
        ValueRef::Text(text) => {
            let text = String::from_utf8_lossy(text);
            match column {
                "content" | "request" => excerpt(&said::of_stored(&text), 80),
                _ => excerpt(&text, 80),
            }
        }
        _ => String::new(),
    }
}
