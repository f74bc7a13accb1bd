//! Deduplication keys of redelivered events.

use std::time::Duration;

use foldhash::HashSet;
use handover_protocol::Timestamp;
use rusqlite::{Connection, ToSql, params};

use crate::journal::rules::DedupeKey;

const TABLES: usize = 4;
/// How many keys are sorted together.
const TOGETHER: usize = 4096;

/// Four tables that are filled and emptied in turn, which costs far less than deleting old rows one
/// by one.
///
/// Keys are random, so nearly each belongs on another page of a table. So they are sorted in many
/// at a time: until then they are in a table in the order of arrival, and here.
pub(super) struct DedupeTables {
    newest: HashSet<DedupeKey>,
    /// Those of them that have no row yet, one after the other.
    unwritten: Vec<u8>,
    /// The one that is filled now.
    current: usize,
    since: Timestamp,
    /// Those that need not be asked.
    empty: [bool; TABLES],
}

impl DedupeTables {
    pub(super) fn load(connection: &Connection, now: Timestamp) -> rusqlite::Result<Self> {
        let fact = |name: &str| {
            connection.query_row("SELECT value FROM meta WHERE name = ?1", [name], |row| {
                row.get::<_, i64>(0)
            })
        };
        let mut empty = [true; TABLES];
        for (table, empty) in empty.iter_mut().enumerate() {
            let sql = format!("SELECT NOT EXISTS (SELECT 1 FROM seen_{table})");
            *empty = connection.query_row(&sql, [], |row| row.get(0))?;
        }
        let mut since = Timestamp::from_millis(fact("seen_since")?);
        if since == Timestamp::UNIX_EPOCH {
            // Noted at once: a bot that is often restarted would never come to the next table.
            since = now;
            note(connection, "seen_since", &now.as_millis())?;
        }
        let mut newest = HashSet::default();
        let mut commits = connection.prepare("SELECT keys FROM seen_newest")?;
        let mut commits = commits.query([])?;
        while let Some(row) = commits.next()? {
            let (keys, _) = row.get_ref(0)?.as_blob()?.as_chunks();
            newest.extend(keys.iter().copied().map(DedupeKey));
        }
        Ok(Self {
            newest,
            unwritten: Vec::new(),
            current: usize::try_from(fact("seen_table")?).unwrap_or(0) % TABLES,
            since,
            empty,
        })
    }

    /// Whether the key is remembered.
    pub(super) fn knows(&self, connection: &Connection, key: &DedupeKey) -> rusqlite::Result<bool> {
        if self.newest.contains(key) {
            return Ok(true);
        }
        for table in (0..TABLES).filter(|table| !self.empty[*table]) {
            let mut look = connection.prepare_cached(LOOK[table])?;
            if look.exists([key.0])? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Remembers a key that is not known; it is not [written](Self::write) yet.
    pub(super) fn remember(&mut self, key: DedupeKey) {
        self.newest.insert(key);
        self.unwritten.extend_from_slice(&key.0);
    }

    /// Writes what was remembered since, in one row.
    pub(super) fn write(&mut self, connection: &Connection) -> rusqlite::Result<()> {
        if self.newest.len() >= TOGETHER {
            self.sort_in(connection)?;
        } else if !self.unwritten.is_empty() {
            connection
                .prepare_cached("INSERT INTO seen_newest VALUES (?1)")?
                .execute([&self.unwritten])?;
        }
        self.unwritten.clear();
        Ok(())
    }

    pub(super) fn sort_in(&mut self, connection: &Connection) -> rusqlite::Result<()> {
        let mut keys: Vec<_> = self.newest.drain().collect();
        keys.sort_unstable();
        let table = self.current;
        let mut insert = connection.prepare(&format!("INSERT INTO seen_{table} VALUES (?1)"))?;
        for DedupeKey(key) in keys {
            insert.execute([key])?;
        }
        connection.execute("DELETE FROM seen_newest", [])?;
        self.empty[table] = false;
        Ok(())
    }

    /// Empties the oldest table and goes on with it, so that what was seen within the window is
    /// remembered.
    pub(super) fn turn(
        &mut self,
        connection: &Connection,
        window: Duration,
        now: Timestamp,
    ) -> rusqlite::Result<()> {
        let full = now.duration_since(self.since) >= window / (TABLES as u32 - 1);
        if !full {
            return Ok(());
        }
        let next = (self.current + 1) % TABLES;
        connection.execute(&format!("DELETE FROM seen_{next}"), [])?;
        note(connection, "seen_table", &next)?;
        note(connection, "seen_since", &now.as_millis())?;
        (self.current, self.since) = (next, now);
        self.empty[next] = true;
        Ok(())
    }
}

fn note(connection: &Connection, name: &str, value: &dyn ToSql) -> rusqlite::Result<()> {
    connection
        .prepare_cached("UPDATE meta SET value = ?2 WHERE name = ?1")?
        .execute(params![name, value])?;
    Ok(())
}

const LOOK: [&str; TABLES] = [
    "SELECT 1 FROM seen_0 WHERE key = ?1",
    "SELECT 1 FROM seen_1 WHERE key = ?1",
    "SELECT 1 FROM seen_2 WHERE key = ?1",
    "SELECT 1 FROM seen_3 WHERE key = ?1",
];
