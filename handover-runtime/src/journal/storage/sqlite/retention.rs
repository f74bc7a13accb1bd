//! Old rows go, a few at a time, so that no commit has to wait for it.

use handover_protocol::Timestamp;
use rusqlite::{Connection, params};

use super::rows::thread_key;
use crate::journal::storage::retention::{DELETIONS, Retention};
use crate::thread::ThreadKey;

/// How many rows go at once.
const AT_ONCE: usize = 500;

/// Notes up to where nothing waits, so that the next start need not look there, and deletes some of
/// what is too old.
pub(super) fn tidy(
    connection: &Connection,
    retention: Retention,
    settled_before: u64,
    turns_before: Timestamp,
    now: Timestamp,
) -> rusqlite::Result<u64> {
    connection
        .prepare_cached("UPDATE meta SET value = ?1 WHERE name = 'settled_before'")?
        .execute([settled_before])?;
    // The newest row stays, for numbers go on from it. Those that wait, for however long, are not counted.
    connection
        .prepare_cached(
            "DELETE FROM event WHERE sequence IN
               (SELECT sequence FROM event WHERE settled_at IS NOT NULL ORDER BY sequence LIMIT ?2)
             AND received_at < ?1
             AND sequence < (SELECT max(sequence) FROM event)",
        )?
        .execute(params![(now - retention.settled).as_millis(), AT_ONCE])?;
    connection
        .prepare_cached(
            "DELETE FROM receipt WHERE number IN
               (SELECT number FROM receipt WHERE changed_at < ?1 AND status NOT IN ('waiting', 'held')
                ORDER BY changed_at LIMIT ?2)",
        )?
        .execute(params![(now - retention.seen).as_millis(), AT_ONCE])?;
    connection
        .prepare_cached(
            "DELETE FROM turn WHERE (account, person, number) IN
               (SELECT account, person, number FROM turn WHERE at < ?1 LIMIT ?2)",
        )?
        .execute(params![turns_before.as_millis(), AT_ONCE])?;
    connection
        .prepare_cached("DELETE FROM deletion WHERE done_at < ?1")?
        .execute([(now - DELETIONS).as_millis()])?;
    connection
        .prepare_cached("DELETE FROM pause WHERE until < ?1")?
        .execute([now.as_millis()])?;
    let Some(time) = retention.dead_letters else {
        return Ok(0);
    };
    let gone = connection
        .prepare_cached(
            "DELETE FROM dead_letter WHERE id IN
               (SELECT id FROM dead_letter ORDER BY id LIMIT ?2) AND at < ?1",
        )?
        .execute(params![(now - time).as_millis(), AT_ONCE])?;
    Ok(gone as u64)
}

/// Threads without a timer in which nothing has changed for as long as sessions are kept. Looks at some of them, and
/// next time goes on from there.
pub(super) fn expired(
    connection: &Connection,
    retention: Retention,
    last: &mut Option<ThreadKey>,
    now: Timestamp,
) -> rusqlite::Result<Vec<ThreadKey>> {
    let Some(time) = retention.sessions else {
        return Ok(Vec::new());
    };
    let after = last.take();
    let after = after.as_ref();
    let account = after.map_or("", |key| key.account.as_str());
    let person = after.map(|key| key.party.as_text()).unwrap_or_default();
    let mut threads = connection.prepare_cached(
        "SELECT account, person,
           changed_at < ?3 AND NOT EXISTS (
             SELECT 1 FROM timer WHERE timer.account = thread.account AND timer.person = thread.person)
         FROM thread WHERE (account, person) > (?1, ?2) ORDER BY account, person LIMIT ?4",
    )?;
    let before = (now - time).as_millis();
    let mut rows = threads.query(params![account, person, before, AT_ONCE])?;
    let mut expired = Vec::new();
    while let Some(row) = rows.next()? {
        let key = thread_key(row)?;
        *last = Some(key.clone());
        if row.get(2)? {
            expired.push(key);
        }
    }
    Ok(expired)
}
