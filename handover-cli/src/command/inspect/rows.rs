//! Columns of the views.

use handover::protocol::Timestamp;
use handover_runtime::journal_file::{self, Inspector, OpenError};
use serde_json::{Map, Value};

use super::{Inspect, ViewArgument};
use crate::summary;
use crate::terminal::{Age, DIM, TextTable, excerpt, paint, say};

/// Rows of a view.
pub(super) struct ViewTable {
    rows: journal_file::ViewRows,
    /// Text if there are none.
    nothing: &'static str,
    /// Which of them are shown, if not all are.
    shown: &'static str,
}

/// A column for JSON only: for people, the time of arrival is enough.
const DETAIL: &str = "settled_at";

pub(super) fn read(
    journal: &Inspector,
    view: ViewArgument,
    asked: &Inspect,
) -> Result<ViewTable, OpenError> {
    let (nothing, shown) = match view {
        ViewArgument::Threads => ("no thread is known yet", "the first"),
        ViewArgument::Events => ("no event waits", "the oldest"),
        ViewArgument::Handled => ("no event was handled within the last days", "the newest"),
        ViewArgument::Calls => ("no call waits", "the oldest"),
        ViewArgument::Timers => ("no timer runs", "the next"),
        ViewArgument::DeadLetters => ("there are no dead letters", "the newest"),
        ViewArgument::Nodes => (
            "one process has the journal alone: only one in PostgreSQL is shared",
            "the first",
        ),
        ViewArgument::History => (
            "no conversation is kept: `Bot::history` keeps them",
            "the newest",
        ),
    };
    let rows = journal.view(
        view.of_journal(),
        asked.account.as_deref(),
        asked.thread.as_deref(),
        asked.limit,
    )?;
    Ok(ViewTable {
        rows,
        nothing,
        shown,
    })
}

impl ViewTable {
    pub(super) fn is_empty(&self) -> bool {
        self.rows.rows.is_empty()
    }

    /// How many there are without the limit.
    pub(super) fn total(&self) -> u64 {
        self.rows.total
    }

    /// What is said if the limit leaves some out.
    pub(super) fn left_out(&self) -> Option<String> {
        let (total, shown) = (self.total(), self.rows.rows.len() as u64);
        (shown < total).then(|| {
            format!(
                "{} {shown} of {total}: `--limit {total}` shows all",
                self.shown
            )
        })
    }

    pub(super) fn as_json(&self) -> impl Iterator<Item = Value> {
        self.rows.rows.iter().map(|row| {
            let named = self.rows.columns.iter().cloned();
            Value::Object(named.zip(row.iter().cloned()).collect::<Map<_, _>>())
        })
    }

    pub(super) fn print(&self) {
        let journal_file::ViewRows { columns, rows, .. } = &self.rows;
        if rows.is_empty() {
            say(paint(DIM, self.nothing));
            return;
        }
        let shown = |column: &&String| *column != DETAIL;
        let headings = columns.iter().filter(shown);
        let mut table = TextTable::new(headings.map(|name| heading(name)));
        for row in rows {
            let cells = columns.iter().zip(row);
            let cells = cells.filter(|(column, _)| shown(column));
            table.add(
                cells
                    .map(|(column, value)| cell(column, value))
                    .collect::<Vec<_>>(),
            );
        }
        table.print();
        if let Some(rest) = self.left_out() {
            say(paint(DIM, rest));
        }
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

fn cell(column: &str, value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::Number(number) => match number.as_i64() {
            Some(at) if is_time(column) => Age::of(Timestamp::from_millis(at)).to_string(),
            _ => number.to_string(),
        },
        Value::String(text) if !matches!(column, "content" | "request") => excerpt(text, 80),
        Value::String(text) => excerpt(&summary::of_stored(text), 80),
        json if matches!(column, "content" | "request") => {
            excerpt(&summary::of_stored(&json.to_string()), 80)
        }
        json => excerpt(&json.to_string(), 80),
    }
}
