//! By what events are recognised that come again.

use foldhash::HashSet;
use rusqlite::{Connection, params};
use sha2::{Digest, Sha256};

use crate::clock;

type Key = [u8; 16];

const TABLES: usize = 4;
/// How many keys are sorted together.
const TOGETHER: usize = 4096;

/// Four tables that are filled and emptied in turn, which costs far less than deleting old rows one
/// by one.
///
/// Keys are random, so nearly each belongs on another page of a table. Hence they are sorted in many
/// at a time: until then they are in a table in the order of arrival, and here.
pub(super) struct Seen {
    newest: HashSet<Key>,
    /// The one that is filled now.
    current: usize,
    since: i64,
    /// Those that need not be asked.
    empty: [bool; TABLES],
}

impl Seen {
    pub(super) fn load(connection: &Connection) -> rusqlite::Result<Self> {
        let fact = |name: &str| {
            connection.query_row("SELECT value FROM fact WHERE name = ?1", [name], |row| {
                row.get::<_, i64>(0)
            })
        };
        let mut empty = [true; TABLES];
        for (table, empty) in empty.iter_mut().enumerate() {
            let sql = format!("SELECT NOT EXISTS (SELECT 1 FROM seen_{table})");
            *empty = connection.query_row(&sql, [], |row| row.get(0))?;
        }
        let since = fact("seen_since")?;
        let newest = connection
            .prepare("SELECT key FROM seen_newest")?
            .query_map([], |row| row.get(0))?
            .collect::<Result<_, _>>()?;
        Ok(Self {
            newest,
            current: usize::try_from(fact("seen_table")?).unwrap_or(0) % TABLES,
            since: if since == 0 { clock::now() } else { since },
            empty,
        })
    }

    /// Whether this is the first time.
    pub(super) fn remember(
        &mut self,
        connection: &Connection,
        key: &str,
    ) -> rusqlite::Result<bool> {
        let digest = Sha256::digest(key);
        let mut key = Key::default();
        key.copy_from_slice(&digest[..size_of::<Key>()]);
        if self.newest.contains(&key) {
            return Ok(false);
        }
        for table in (0..TABLES).filter(|table| !self.empty[*table]) {
            let mut look = connection.prepare_cached(LOOK[table])?;
            if look.exists([key])? {
                return Ok(false);
            }
        }
        connection
            .prepare_cached("INSERT INTO seen_newest VALUES (?1)")?
            .execute([key])?;
        self.newest.insert(key);
        if self.newest.len() >= TOGETHER {
            self.sort_in(connection)?;
        }
        Ok(true)
    }

    fn sort_in(&mut self, connection: &Connection) -> rusqlite::Result<()> {
        let table = self.current;
        connection.execute_batch(&format!(
            "INSERT INTO seen_{table} SELECT key FROM seen_newest ORDER BY key;
             DELETE FROM seen_newest"
        ))?;
        self.newest.clear();
        self.empty[table] = false;
        Ok(())
    }

    /// Empties the oldest table and goes on with it, so that what was seen within `window_ms` is
    /// remembered.
    pub(super) fn turn(&mut self, connection: &Connection, window_ms: i64) -> rusqlite::Result<()> {
        let now = clock::now();
        let full = now - self.since >= window_ms / (TABLES as i64 - 1);
        if !full {
            return Ok(());
        }
        let next = (self.current + 1) % TABLES;
        connection.execute(&format!("DELETE FROM seen_{next}"), [])?;
        let mut note = connection.prepare_cached("UPDATE fact SET value = ?2 WHERE name = ?1")?;
        note.execute(params!["seen_table", next])?;
        note.execute(params!["seen_since", now])?;
        (self.current, self.since) = (next, now);
        self.empty[next] = true;
        Ok(())
    }
}

const LOOK: [&str; TABLES] = [
    "SELECT 1 FROM seen_0 WHERE key = ?1",
    "SELECT 1 FROM seen_1 WHERE key = ?1",
    "SELECT 1 FROM seen_2 WHERE key = ?1",
    "SELECT 1 FROM seen_3 WHERE key = ?1",
];
