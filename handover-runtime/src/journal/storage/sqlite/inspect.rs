//! Reading a journal file for operators.

use std::path::{Path, PathBuf};
use std::time::Duration;

use handover_protocol::{AccountId, AppId, Timestamp, subcode};
use rusqlite::types::Value as Sql;
use rusqlite::{Connection, OpenFlags, Row, params};
use serde::Serialize;
use serde_json::Value;

use super::open::{self, OpenError, from_sqlite};
use super::rows::{optional_time, time};
use crate::journal::NO_HANDLER;

/// Reads a journal file, also while a bot has it open. Changes nothing.
pub struct Inspector {
    pub(super) path: PathBuf,
    pub(super) connection: Connection,
}

/// A table of the journal, as people look at it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum JournalView {
    /// Threads, with owner and what is pending.
    Threads,
    /// Events that are not handled yet.
    Events,
    /// Events that were, newest first.
    Handled,
    /// Calls that are not sent yet.
    Calls,
    /// Timers that run.
    Timers,
    /// What could not be handled or sent.
    DeadLetters,
    /// What was said, as far as the bot keeps it.
    History,
}

/// The rows of a [`JournalView`].
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct ViewRows {
    /// The names of the columns. Those called `…_at`, `due` or `…_until` are times, in ms since
    /// 1970; the last one may be long.
    pub columns: Vec<String>,
    /// A value for each column. What is stored as JSON is given as JSON.
    pub rows: Vec<Vec<Value>>,
}

/// How much there is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Counts {
    /// Events that are not handled.
    pub events: u64,
    /// Calls that are not sent.
    pub calls: u64,
    /// Timers that run.
    pub timers: u64,
    /// What could not be handled or sent.
    pub dead_letters: u64,
}

/// How handoffs to an app went.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct HandoffsTo {
    /// When one was refused last because the app is not connected.
    pub refused_at: Option<Timestamp>,
    /// When the app was last seen to own a thread.
    pub owned_at: Option<Timestamp>,
}

/// What waits to be handled.
pub(super) const WAITS: &str =
    "sequence >= (SELECT value FROM meta WHERE name = 'settled_before') AND settled_at IS NULL";

impl Inspector {
    /// Opens the file.
    ///
    /// # Errors
    ///
    /// If there is none, or it is not a journal of this version.
    pub fn open(path: impl AsRef<Path>) -> Result<Self, OpenError> {
        let path = path.as_ref();
        Ok(Self {
            connection: open::connect_to_read(path)?,
            path: path.to_owned(),
        })
    }

    /// The rows of a view, of all people or one.
    ///
    /// # Errors
    ///
    /// If the file cannot be read.
    pub fn view(
        &self,
        view: JournalView,
        account: Option<&str>,
        person: Option<&str>,
        limit: u32,
    ) -> Result<ViewRows, OpenError> {
        let read = || {
            let mut statement = self.connection.prepare(&query(view))?;
            let columns: Vec<_> = statement.column_names().map(str::to_owned).collect();
            let width = columns.len();
            let rows = statement.query_map(params![person, limit, account], |row| {
                let values = (0..width).map(|column| Ok(value(row.get(column)?)));
                values.collect()
            })?;
            Ok(ViewRows {
                columns,
                rows: rows.collect::<Result<_, _>>()?,
            })
        };
        self.sqlite(read())
    }

    /// How much there is, of all people or one.
    ///
    /// # Errors
    ///
    /// If the file cannot be read.
    pub fn counts(&self, account: Option<&str>, person: Option<&str>) -> Result<Counts, OpenError> {
        let count = |table: &str, condition: &str| {
            let sql = format!(
                "SELECT count(*) FROM {table} WHERE (?1 IS NULL OR person = ?1)
                   AND (?2 IS NULL OR account = ?2) AND {condition}"
            );
            let count = self
                .connection
                .query_row(&sql, [person, account], |row| row.get(0));
            self.sqlite(count)
        };
        Ok(Counts {
            events: count("event", WAITS)?,
            calls: count("call", "true")?,
            timers: count("timer", "true")?,
            dead_letters: count("dead_letter", "true")?,
        })
    }

    /// How handoffs to an app went, on all accounts or one.
    ///
    /// # Errors
    ///
    /// If the file cannot be read.
    pub fn handoffs_to(&self, app: &AppId, account: Option<&str>) -> Result<HandoffsTo, OpenError> {
        let sql = "SELECT
            (SELECT max(at) FROM dead_letter
             WHERE kind = 'call' AND account = coalesce(?2, account) AND instr(cause, ?3)
               AND json_extract(content, '$.pass_thread_control.target_app_id') = ?1),
            (SELECT max(owner_seen_at) FROM thread
             WHERE owner = 'other' AND owner_app = ?1 AND account = coalesce(?2, account))";
        let not_connected = subcode::WRONG_APP_ID.to_string();
        let asked = params![app.as_str(), account, not_connected];
        let read = self.connection.query_row(sql, asked, |row: &Row<'_>| {
            Ok(HandoffsTo {
                refused_at: optional_time(row, 0)?,
                owned_at: optional_time(row, 1)?,
            })
        });
        self.sqlite(read)
    }

    /// Accounts of which the bot got a `message_edit` with `num_edit` 0 but no message at that time,
    /// and when it got the last.
    ///
    /// # Errors
    ///
    /// If the file cannot be read.
    pub fn accounts_with_edits_only(&self) -> Result<Vec<(AccountId, Timestamp)>, OpenError> {
        let read = || {
            let mut edits = self.connection.prepare(
                "SELECT account, at FROM (
                   SELECT account, max(received_at) AS at FROM event
                   WHERE kind = 'message_edit'
                     AND json_extract(content, '$.event.message_edit.num_edit') = 0
                   GROUP BY account) AS edit
                 WHERE NOT EXISTS (SELECT 1 FROM event
                   WHERE account = edit.account AND kind IN ('message', 'postback')
                     AND received_at >= edit.at - 60000)",
            )?;
            let edits = edits.query_map([], |row| {
                Ok((AccountId::from(row.get::<_, String>(0)?), time(row, 1)?))
            })?;
            edits.collect()
        };
        self.sqlite(read())
    }

    /// The names of signals among the dead letters that no handler took, and how many there are of each.
    ///
    /// # Errors
    ///
    /// If the file cannot be read.
    pub fn signals_without_handler(&self) -> Result<Vec<(String, u64)>, OpenError> {
        let read = || {
            let mut signals = self.connection.prepare(
                "SELECT json_extract(content, '$.own.signal.name') AS name, count(*)
                 FROM dead_letter
                 WHERE kind <> 'call' AND instr(cause, ?1) = 1 AND name IS NOT NULL
                 GROUP BY name ORDER BY name",
            )?;
            let signals = signals.query_map([NO_HANDLER], |row| Ok((row.get(0)?, row.get(1)?)))?;
            signals.collect()
        };
        self.sqlite(read())
    }

    /// Looks through the whole file for damage.
    ///
    /// # Errors
    ///
    /// If it is damaged, or cannot be read.
    pub fn check(&self) -> Result<(), OpenError> {
        let found = self
            .connection
            .query_row("PRAGMA quick_check(1)", [], |row| row.get::<_, String>(0));
        match self.sqlite(found)?.as_str() {
            "ok" => Ok(()),
            reason => Err(OpenError::Damaged {
                path: self.path.clone(),
                reason: reason.to_owned(),
            }),
        }
    }

    /// Whether the file can be written now. Writes nothing.
    ///
    /// # Errors
    ///
    /// If it cannot, or something else holds it.
    pub fn can_write(path: &Path) -> Result<(), OpenError> {
        let begin = || {
            let flags = OpenFlags::SQLITE_OPEN_READ_WRITE;
            let connection = Connection::open_with_flags(path, flags)?;
            connection.busy_timeout(Duration::from_secs(1))?;
            connection.execute_batch("BEGIN IMMEDIATE; ROLLBACK")
        };
        begin().map_err(|source| from_sqlite(path, source))
    }

    pub(super) fn sqlite<T>(&self, read: rusqlite::Result<T>) -> Result<T, OpenError> {
        read.map_err(|source| from_sqlite(&self.path, source))
    }
}

impl std::fmt::Debug for Inspector {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Inspector")
            .field("path", &self.path)
            .finish_non_exhaustive()
    }
}

fn value(value: Sql) -> Value {
    match value {
        Sql::Integer(number) => number.into(),
        // Sessions, events and calls are JSON themselves.
        Sql::Text(text) if text.starts_with(['{', '[']) => {
            serde_json::from_str(&text).unwrap_or(Value::String(text))
        }
        Sql::Text(text) => text.into(),
        _ => Value::Null,
    }
}

/// `?1` is the person or NULL, `?2` how many, `?3` the account or NULL.
fn query(view: JournalView) -> String {
    match view {
        JournalView::Threads => format!(
            "SELECT account, person,
                    CASE owner WHEN 'other' THEN coalesce('app ' || owner_app, 'another app')
                               WHEN 'bot' THEN 'the bot' ELSE owner END AS owner,
                    nullif(owner_since, 0) AS owner_since_at,
                    coalesce(e.n, 0) AS events, coalesce(c.n, 0) AS calls,
                    coalesce(m.n, 0) AS timers, coalesce(d.n, 0) AS dead_letters,
                    nullif(paused_until, 0) AS paused_until, person_wrote_at, session
             FROM (SELECT account, person FROM thread
                   UNION SELECT account, person FROM event WHERE {WAITS}
                   UNION SELECT account, person FROM dead_letter) AS known
             LEFT JOIN thread USING (account, person)
             LEFT JOIN (SELECT account, person, count(*) AS n FROM event WHERE {WAITS} GROUP BY 1, 2)
               AS e USING (account, person)
             LEFT JOIN (SELECT account, person, count(*) AS n FROM call GROUP BY 1, 2) AS c
               USING (account, person)
             LEFT JOIN (SELECT account, person, count(*) AS n FROM timer GROUP BY 1, 2) AS m
               USING (account, person)
             LEFT JOIN (SELECT account, person, count(*) AS n FROM dead_letter GROUP BY 1, 2) AS d
               USING (account, person)
             WHERE (?1 IS NULL OR person = ?1) AND (?3 IS NULL OR account = ?3)
             ORDER BY coalesce(e.n, 0) + coalesce(c.n, 0) + coalesce(d.n, 0) > 0 DESC,
                      max(coalesce(person_wrote_at, 0), coalesce(owner_seen_at, 0)) DESC
             LIMIT ?2"
        ),
        JournalView::Events => format!(
            "SELECT sequence AS id, account, person, kind, channel, received_at, attempts,
                    nullif(due, 0) AS due, content
             FROM event WHERE {WAITS} AND (?1 IS NULL OR person = ?1) AND (?3 IS NULL OR account = ?3) ORDER BY sequence LIMIT ?2"
        ),
        JournalView::Handled => {
            "SELECT sequence AS id, account, person, kind, channel, received_at, settled_at, outcome,
                    content
             FROM event WHERE settled_at IS NOT NULL AND (?1 IS NULL OR person = ?1) AND (?3 IS NULL OR account = ?3)
             ORDER BY sequence DESC LIMIT ?2"
                .to_owned()
        }
        JournalView::Calls => {
            "SELECT id, account, person,
                    CASE WHEN notifier IS NULL THEN name ELSE 'notice to ' || notifier END AS name, state, uncertain, attempts, nullif(due, 0) AS due,
                    created_at, request
             FROM call WHERE (?1 IS NULL OR person = ?1) AND (?3 IS NULL OR account = ?3) ORDER BY id LIMIT ?2"
                .to_owned()
        }
        JournalView::Timers => "SELECT account, person, name, due FROM timer WHERE (?1 IS NULL OR person = ?1) AND (?3 IS NULL OR account = ?3)
             ORDER BY due LIMIT ?2"
            .to_owned(),
        JournalView::DeadLetters => {
            "SELECT id, account, person, kind, at AS given_up_at, cause, content FROM dead_letter
             WHERE (?1 IS NULL OR person = ?1) AND (?3 IS NULL OR account = ?3) ORDER BY id LIMIT ?2"
                .to_owned()
        }
        JournalView::History => "SELECT account, person, at AS said_at, speaker, text, attachments
             FROM turn WHERE (?1 IS NULL OR person = ?1) AND (?3 IS NULL OR account = ?3)
             ORDER BY account, person, number LIMIT ?2"
            .to_owned(),
    }
}
