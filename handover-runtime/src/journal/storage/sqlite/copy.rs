//! A file that is copied to another storage, or is the copy.

use std::path::{Path, PathBuf};

use handover_protocol::Timestamp;
use rusqlite::types::Value as Sql;
use rusqlite::{Connection, OptionalExtension, params_from_iter};
use serde_json::Value;

use super::dedupe::DedupeTables;
use super::open::{self, Lock, from_sqlite};
use super::schema::has_migration;
use crate::clock;
use crate::journal::storage::OpenError;
use crate::journal::storage::migrate::{
    CopyColumn, CopyMarker, CopyRow, CopyStore, CopyTable, ECHOES, META, SEEN, TABLES, text_cell,
};

/// An open file that nobody else has open.
pub(in crate::journal::storage) struct SqliteCopy {
    path: PathBuf,
    connection: Connection,
    _lock: Lock,
}

impl SqliteCopy {
    pub(in crate::journal::storage) fn open(
        path: &Path,
        is_target: bool,
    ) -> Result<Self, OpenError> {
        if !is_target {
            // A wrong path does not become a new journal.
            drop(open::connect_to_read(path)?);
        }
        let lock = open::lock(path)?;
        open::create(path)?;
        let connection = open::connect(path)?;
        let mut copy = Self {
            path: path.to_owned(),
            connection,
            _lock: lock,
        };
        if !is_target {
            if copy.sqlite(has_migration(&copy.connection))? {
                return Err(open::unfinished_copy(path));
            }
            let sorted = copy.sort_keys_in(clock::now());
            copy.sqlite(sorted)?;
        }
        Ok(copy)
    }

    /// The newest dedupe keys join the others, as they do while a bot runs.
    fn sort_keys_in(&mut self, now: Timestamp) -> rusqlite::Result<()> {
        let transaction = self.connection.transaction()?;
        DedupeTables::load(&transaction, now)?.sort_in(&transaction)?;
        transaction.commit()
    }

    fn sqlite<T>(&self, result: rusqlite::Result<T>) -> Result<T, OpenError> {
        result.map_err(|source| from_sqlite(&self.path, source))
    }

    fn query(
        &self,
        table: &CopyTable,
        after: Option<&Value>,
        limit: usize,
    ) -> rusqlite::Result<Vec<CopyRow>> {
        let columns: Vec<_> = table
            .columns
            .iter()
            .map(|column| read_as(*column))
            .collect();
        let keys = quoted(table.key);
        let kinds: Vec<CopyColumn> = table
            .key
            .iter()
            .filter_map(|key| Some(table.columns[table.place_of(key)?].1))
            .collect();
        let (condition, values) = match after.and_then(Value::as_array) {
            None => (String::new(), Vec::new()),
            Some(after) => {
                let places: Vec<_> = (1..=after.len()).map(|at| format!("?{at}")).collect();
                let condition = format!("WHERE ({keys}) > ({})", places.join(", "));
                let values = after.iter().zip(&kinds);
                let values = values.map(|(value, kind)| stored(value, *kind));
                (condition, values.collect())
            }
        };
        let sql = format!(
            "SELECT {} FROM {} {condition} ORDER BY {keys} LIMIT {limit}",
            columns.join(", "),
            rows_of(table)
        );
        let mut statement = self.connection.prepare_cached(&sql)?;
        let mut rows = statement.query(params_from_iter(values))?;
        let mut found = Vec::new();
        while let Some(row) = rows.next()? {
            let mut cells = Vec::with_capacity(table.columns.len());
            for at in 0..table.columns.len() {
                cells.push(match row.get(at)? {
                    Sql::Integer(number) => number.into(),
                    Sql::Text(text) => text.into(),
                    _ => Value::Null,
                });
            }
            let of_key = |key: &&str| Some(cells[table.place_of(key)?].clone());
            // As it is stored, so that the next rows are those after it.
            let cursor = table.key.iter().filter_map(of_key).collect();
            let cells = cells.into_iter().map(|cell| match cell {
                Value::String(text) => text_cell(text),
                cell => cell,
            });
            found.push(CopyRow {
                cells: cells.collect(),
                cursor,
            });
        }
        Ok(found)
    }

    fn insert(
        &mut self,
        table: &CopyTable,
        rows: &[CopyRow],
        marker: &CopyMarker,
    ) -> rusqlite::Result<()> {
        let marker = serde_json::to_string(marker)
            .map_err(|error| rusqlite::Error::ToSqlConversionFailure(Box::new(error)))?;
        let transaction = self.connection.transaction()?;
        let into = if table.name == SEEN {
            "seen_0"
        } else {
            table.name
        };
        let names: Vec<_> = table.columns.iter().map(|(name, _)| *name).collect();
        let places: Vec<_> = (1..=names.len()).map(|at| format!("?{at}")).collect();
        let sql = format!(
            "INSERT INTO {into} ({}) VALUES ({})",
            quoted(&names),
            places.join(", ")
        );
        {
            let mut insert = transaction.prepare_cached(&sql)?;
            for row in rows {
                let values = row.cells.iter().zip(table.columns);
                let values = values.map(|(cell, (_, kind))| stored(cell, *kind));
                insert.execute(params_from_iter(values))?;
            }
            transaction
                .prepare_cached("UPDATE migration SET marker = ?1")?
                .execute([marker])?;
        }
        transaction.commit()
    }
}

impl CopyStore for SqliteCopy {
    fn count(&mut self, table: &CopyTable) -> Result<u64, OpenError> {
        let sql = format!("SELECT count(*) FROM {}", rows_of(table));
        self.sqlite(self.connection.query_row(&sql, [], |row| row.get(0)))
    }

    fn read(
        &mut self,
        table: &CopyTable,
        after: Option<&Value>,
        limit: usize,
    ) -> Result<Vec<CopyRow>, OpenError> {
        self.sqlite(self.query(table, after, limit))
    }

    fn has_rows(&mut self) -> Result<Option<&'static str>, OpenError> {
        for table in &TABLES {
            if self.count(table)? > 0 {
                return Ok(Some(table.name));
            }
        }
        let newest = "SELECT EXISTS (SELECT 1 FROM seen_newest)";
        let newest = self
            .connection
            .query_row(newest, [], |row| row.get::<_, bool>(0));
        Ok(self.sqlite(newest)?.then_some(SEEN))
    }

    fn marker(&mut self) -> Result<Option<CopyMarker>, OpenError> {
        if !self.sqlite(has_migration(&self.connection))? {
            return Ok(None);
        }
        let marker = "SELECT marker FROM migration";
        let marker = self.connection.query_row(marker, [], |row| row.get(0));
        let marker: Option<String> = self.sqlite(marker.optional())?;
        let marker = marker
            .map(|marker| serde_json::from_str(&marker))
            .transpose();
        marker.map_err(|error| OpenError::unreadable(&self.path, error))
    }

    fn begin(&mut self, marker: &CopyMarker) -> Result<(), OpenError> {
        let marker = serde_json::to_string(marker)
            .map_err(|error| OpenError::unreadable(&self.path, error))?;
        let begin = || {
            let transaction = self.connection.transaction()?;
            transaction.execute_batch("CREATE TABLE migration (marker TEXT NOT NULL) STRICT")?;
            transaction.execute("INSERT INTO migration VALUES (?1)", [marker])?;
            transaction.commit()
        };
        let begun = begin();
        self.sqlite(begun)
    }

    fn write(
        &mut self,
        table: &CopyTable,
        rows: &[CopyRow],
        marker: &CopyMarker,
    ) -> Result<(), OpenError> {
        let written = self.insert(table, rows, marker);
        self.sqlite(written)
    }

    fn finish(&mut self) -> Result<(), OpenError> {
        // Numbers go on from those that threads remember, also of rows that are gone.
        let finished = self.connection.execute_batch(
            "BEGIN IMMEDIATE;
             INSERT OR REPLACE INTO meta VALUES ('last_sequence', max(
               coalesce((SELECT max(sequence) FROM event), 0),
               coalesce((SELECT max(owner_as_of) FROM thread), 0)));
             INSERT OR REPLACE INTO meta VALUES ('last_call', max(
               coalesce((SELECT max(id) FROM call), 0),
               coalesce((SELECT max(paused_spares) FROM thread), 0)));
             DROP TABLE migration;
             COMMIT;",
        );
        self.sqlite(finished)
    }

    fn close(&mut self) -> Result<(), OpenError> {
        let checkpoint = "PRAGMA wal_checkpoint(TRUNCATE)";
        self.sqlite(self.connection.query_row(checkpoint, [], |_| Ok(())))
    }
}

/// From where the rows of a table come.
fn rows_of(table: &CopyTable) -> String {
    match table.name {
        SEEN => "(SELECT key FROM seen_0 UNION ALL SELECT key FROM seen_1
                  UNION ALL SELECT key FROM seen_2 UNION ALL SELECT key FROM seen_3)"
            .to_owned(),
        META => format!("(SELECT name, value FROM meta WHERE name LIKE '{ECHOES}%')"),
        name => name.to_owned(),
    }
}

fn read_as((name, kind): (&str, CopyColumn)) -> String {
    match kind {
        CopyColumn::Bytes => format!("lower(hex(\"{name}\"))"),
        _ => format!("\"{name}\""),
    }
}

fn quoted(names: &[&str]) -> String {
    let names: Vec<_> = names.iter().map(|name| format!("\"{name}\"")).collect();
    names.join(", ")
}

fn stored(cell: &Value, kind: CopyColumn) -> Sql {
    match (cell, kind) {
        (Value::Number(number), _) => Sql::Integer(number.as_i64().unwrap_or_default()),
        (Value::String(digits), CopyColumn::Bytes) => {
            Sql::Blob(hex::decode(digits).unwrap_or_default())
        }
        (Value::String(text), _) => Sql::Text(text.clone()),
        _ => Sql::Null,
    }
}
