//! Threads and dead letters for operators, read beside the writer.

use std::path::Path;

use handover_protocol::{AccountId, Timestamp};
use rusqlite::{Connection, params};

use super::inspect::WAITS;
use super::open::{connect_to_read, from_sqlite};
use super::rows::{optional_time, thread_key, time};
use crate::journal::listing::{DeadLetterRow, ThreadGroup, ThreadSearch, ThreadSummary};
use crate::journal::storage::OpenError;
use crate::journal::storage::columns::{listed_thread, owner_of};
use crate::thread::KnownOwner;

/// The threads that an operator looks for.
pub(super) fn threads(
    path: &Path,
    search: &ThreadSearch,
    now: Timestamp,
) -> Result<Vec<ThreadSummary>, OpenError> {
    let connection = connect_to_read(path)?;
    find_threads(&connection, search, now).map_err(|source| from_sqlite(path, source))
}

fn find_threads(
    connection: &Connection,
    search: &ThreadSearch,
    now: Timestamp,
) -> rusqlite::Result<Vec<ThreadSummary>> {
    let with_people = "owner = 'other' AND owner_seen_at > ?4";
    let (condition, order) = match search.group {
        ThreadGroup::All => ("true", "at DESC"),
        ThreadGroup::WithPeople => (with_people, "owner_since"),
        ThreadGroup::Paused => ("paused_until > ?5", "at DESC"),
        ThreadGroup::Waiting => ("events + calls > 0", "at DESC"),
    };
    let mut statement = connection.prepare(&format!(
        "WITH e AS (SELECT account, person, count(*) AS n FROM event WHERE {WAITS} GROUP BY 1, 2),
              c AS (SELECT account, person, count(*) AS n FROM call GROUP BY 1, 2),
              d AS (SELECT account, person, count(*) AS n FROM dead_letter GROUP BY 1, 2),
              known AS (SELECT account, person FROM thread UNION SELECT account, person FROM e
                        UNION SELECT account, person FROM c UNION SELECT account, person FROM d)
         SELECT account, person, coalesce(owner, 'unknown'), owner_app, coalesce(owner_since, 0),
                coalesce(owner_seen_at, 0), paused_until, person_wrote_at,
                coalesce(e.n, 0) AS events, coalesce(c.n, 0) AS calls, coalesce(d.n, 0),
                EXISTS (SELECT 1 FROM turn WHERE turn.account = known.account
                        AND turn.person = known.person AND turn.number >= away_turn
                        AND turn.speaker = 'agent'),
                max(coalesce(person_wrote_at, 0), coalesce(owner_seen_at, 0)) AS at
         FROM known LEFT JOIN thread USING (account, person) LEFT JOIN e USING (account, person)
         LEFT JOIN c USING (account, person) LEFT JOIN d USING (account, person)
         WHERE (person <> '' OR coalesce(e.n, 0) + coalesce(c.n, 0) > 0)
           AND (?1 IS NULL OR instr(person, ?1)) AND (?2 IS NULL OR account = ?2)
           AND {condition} AND ?4 < ?5
         ORDER BY {order} LIMIT ?3"
    ))?;
    let rows = statement.query_map(
        params![
            search.person,
            search.account.as_ref().map(AccountId::as_str),
            search.limit,
            (now - KnownOwner::EXPIRES_AFTER).as_millis(),
            now.as_millis(),
        ],
        |row| {
            let owner: String = row.get(2)?;
            let ownership = KnownOwner {
                since: time(row, 4)?,
                ..KnownOwner::seen(owner_of(&owner, row.get(3)?), time(row, 5)?, 0)
            };
            let times = (optional_time(row, 6)?, optional_time(row, 7)?);
            let counts = [row.get(8)?, row.get(9)?, row.get(10)?];
            let listed = ThreadSummary::of(thread_key(row)?, &ownership, row.get(11)?, now);
            Ok(listed_thread(listed, times, counts))
        },
    )?;
    rows.collect()
}

/// The newest dead letters, or those of these numbers.
pub(super) fn dead_letters(
    path: &Path,
    ids: Option<&[u64]>,
    limit: usize,
) -> Result<Vec<DeadLetterRow>, OpenError> {
    let connection = connect_to_read(path)?;
    find_dead_letters(&connection, ids, limit).map_err(|source| from_sqlite(path, source))
}

fn find_dead_letters(
    connection: &Connection,
    ids: Option<&[u64]>,
    limit: usize,
) -> rusqlite::Result<Vec<DeadLetterRow>> {
    let mut statement = connection.prepare(
        "SELECT account, person, id, kind, content, cause, at FROM dead_letter
         WHERE ?1 IS NULL OR id IN (SELECT value FROM json_each(?1)) ORDER BY id DESC LIMIT ?2",
    )?;
    let rows = statement.query_map(params![ids.map(numbers), limit], |row| {
        let what = (row.get(2)?, thread_key(row)?, time(row, 6)?);
        let content: String = row.get(4)?;
        let (kind, cause) = (row.get(3)?, row.get(5)?);
        Ok(DeadLetterRow::stored(what, kind, cause, &content))
    })?;
    rows.collect()
}

/// Deletes dead letters. Returns how many there were.
pub(super) fn discard(connection: &Connection, ids: &[u64]) -> rusqlite::Result<u64> {
    let deleted = connection
        .prepare_cached("DELETE FROM dead_letter WHERE id IN (SELECT value FROM json_each(?1))")?
        .execute([numbers(ids)])?;
    Ok(deleted as u64)
}

/// As a JSON array.
fn numbers(ids: &[u64]) -> String {
    let ids: Vec<_> = ids.iter().map(u64::to_string).collect();
    format!("[{}]", ids.join(","))
}
