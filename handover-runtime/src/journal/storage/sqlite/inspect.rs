//! Reading a file for operators.

use std::path::{Path, PathBuf};
use std::time::Duration;

use handover_protocol::{AccountId, AppId, Timestamp, subcode};
use rusqlite::types::Value as Sql;
use rusqlite::{Connection, OpenFlags, OptionalExtension, Row, params};
use serde_json::Value;

use super::open::{self, from_sqlite};
use super::rows::{optional_time, time};
use crate::journal::NO_HANDLER;
use crate::journal::storage::inspect::{Followed, JournalReader, shown_text};
use crate::journal::storage::{
    Counts, HandoffsTo, Inspector, JournalChange, JournalView, OpenError, ViewRows,
};

/// Reads a file, also while a bot has it open.
pub(in crate::journal::storage) struct SqliteInspector {
    path: PathBuf,
    connection: Connection,
}

/// What waits to be handled.
pub(super) const WAITS: &str =
    "sequence >= (SELECT value FROM meta WHERE name = 'settled_before') AND settled_at IS NULL";

impl SqliteInspector {
    /// Opens the file.
    pub(in crate::journal::storage) fn open(path: &Path) -> Result<Self, OpenError> {
        Ok(Self {
            connection: open::connect_to_read(path)?,
            path: path.to_owned(),
        })
    }

    fn sqlite<T>(&self, read: rusqlite::Result<T>) -> Result<T, OpenError> {
        read.map_err(|source| from_sqlite(&self.path, source))
    }

    fn read_followed(
        &self,
        person: Option<&str>,
        ranges: &[(u64, u64)],
        waiting: &[u64],
        last_dead_letter: u64,
    ) -> rusqlite::Result<Followed> {
        let mut followed = Followed::default();
        let mut new = self.connection.prepare_cached(
            "SELECT sequence, account || '/' || person, kind, content FROM event
             WHERE sequence > ?1 AND sequence < ?2 AND (?3 IS NULL OR person = ?3) ORDER BY sequence",
        )?;
        for (after, until) in ranges {
            let new = new.query_map(params![after, until, person], |row| {
                change(row, "event", "arrived")
            })?;
            followed
                .new_events
                .extend(new.collect::<rusqlite::Result<Vec<_>>>()?);
        }
        let mut outcome = self
            .connection
            .prepare_cached("SELECT outcome FROM event WHERE sequence = ?1")?;
        let new = followed.new_events.iter().map(|event| event.id);
        for id in waiting.iter().copied().chain(new) {
            let outcome: Option<Option<String>> =
                outcome.query_row([id], |row| row.get(0)).optional()?;
            if let Some(outcome) = outcome.flatten() {
                followed.outcomes.push((id, outcome));
            }
        }
        let mut calls = self.connection.prepare_cached(
            "SELECT id, account || '/' || person, name FROM call WHERE ?1 IS NULL OR person = ?1",
        )?;
        let calls = calls.query_map([person], named)?;
        followed.calls = calls.collect::<rusqlite::Result<_>>()?;
        let mut letters = self.connection.prepare_cached(
            "SELECT id, account || '/' || person, kind, cause FROM dead_letter
             WHERE id > ?1 AND (?2 IS NULL OR person = ?2) ORDER BY id",
        )?;
        let letters = letters.query_map(params![last_dead_letter, person], |row| {
            change(row, "dead letter", "given up")
        })?;
        followed.new_dead_letters = letters.collect::<rusqlite::Result<_>>()?;
        Ok(followed)
    }
}

impl JournalReader for SqliteInspector {
    fn view(
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
            let rows = rows.collect::<rusqlite::Result<Vec<_>>>()?;
            let mut total = rows.len() as u64;
            if rows.len() >= limit as usize {
                let count = format!("SELECT count(*) FROM ({})", query(view));
                let all = params![person, -1, account];
                let counted: u64 = self.connection.query_row(&count, all, |row| row.get(0))?;
                // Some may have gone meanwhile.
                total = total.max(counted);
            }
            Ok(ViewRows {
                columns,
                rows,
                total,
            })
        };
        self.sqlite(read())
    }

    fn counts(&self, account: Option<&str>, person: Option<&str>) -> Result<Counts, OpenError> {
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

    fn handoffs_to(&self, app: &AppId, account: Option<&str>) -> Result<HandoffsTo, OpenError> {
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

    fn accounts_with_edits_only(&self) -> Result<Vec<(AccountId, Timestamp)>, OpenError> {
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

    fn signals_without_handler(&self) -> Result<Vec<(String, u64)>, OpenError> {
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

    fn check(&self) -> Result<(), OpenError> {
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

    fn version(&self) -> Result<Option<i64>, OpenError> {
        let version = self
            .connection
            .pragma_query_value(None, "data_version", |row| row.get(0));
        self.sqlite(version).map(Some)
    }

    fn last_events(&self) -> Result<Vec<u64>, OpenError> {
        let last = "SELECT coalesce(max(sequence), 0) FROM event";
        let last = self.connection.query_row(last, [], |row| row.get(0));
        Ok(vec![self.sqlite(last)?])
    }

    fn last_dead_letter(&self) -> Result<u64, OpenError> {
        let last = "SELECT coalesce(max(id), 0) FROM dead_letter";
        self.sqlite(self.connection.query_row(last, [], |row| row.get(0)))
    }

    fn waiting_events(
        &self,
        person: Option<&str>,
    ) -> Result<Vec<(u64, String, String)>, OpenError> {
        let read = || {
            let mut waiting = self.connection.prepare_cached(&format!(
                "SELECT sequence, account || '/' || person, kind FROM event
                 WHERE {WAITS} AND (?1 IS NULL OR person = ?1)"
            ))?;
            let rows =
                waiting.query_map([person], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
            rows.collect()
        };
        self.sqlite(read())
    }

    fn block_bits(&self) -> u32 {
        i64::BITS - 1
    }

    fn follow(
        &self,
        person: Option<&str>,
        ranges: &[(u64, u64)],
        waiting: &[u64],
        last_dead_letter: u64,
    ) -> Result<Followed, OpenError> {
        // One state of the file for all the questions.
        self.sqlite(self.connection.execute_batch("BEGIN"))?;
        let read = self.read_followed(person, ranges, waiting, last_dead_letter);
        self.sqlite(self.connection.execute_batch("COMMIT"))?;
        self.sqlite(read)
    }
}

impl Inspector {
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
}

fn change(row: &Row<'_>, what: &'static str, became: &str) -> rusqlite::Result<JournalChange> {
    Ok(JournalChange {
        what,
        id: row.get(0)?,
        thread: row.get(1)?,
        kind: row.get(2)?,
        became: became.to_owned(),
        detail: row.get(3)?,
    })
}

fn named(row: &Row<'_>) -> rusqlite::Result<(u64, (String, String))> {
    Ok((row.get(0)?, (row.get(1)?, row.get(2)?)))
}

fn value(value: Sql) -> Value {
    match value {
        Sql::Integer(number) => number.into(),
        Sql::Text(text) => shown_text(text),
        _ => Value::Null,
    }
}

/// `?1` is the person or NULL, `?2` how many, or -1 for all, `?3` the account or NULL.
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
             WHERE (?1 IS NULL OR person = ?1) AND (?3 IS NULL OR account = ?3) ORDER BY id DESC LIMIT ?2"
                .to_owned()
        }
        JournalView::History => "SELECT account, person, at AS said_at, speaker, text, attachments
             FROM (SELECT * FROM turn WHERE (?1 IS NULL OR person = ?1) AND (?3 IS NULL OR account = ?3)
                   ORDER BY at DESC, number DESC LIMIT ?2)
             ORDER BY account, person, number"
            .to_owned(),
        // One process has the file.
        JournalView::Nodes => "SELECT '' AS node WHERE ?1 = ?2 AND ?2 = ?3 AND false".to_owned(),
    }
}
