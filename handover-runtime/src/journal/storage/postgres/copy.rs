//! A schema that is copied to another storage, or is the copy.

use std::time::{Duration, Instant};

use serde_json::Value;
use tokio_postgres::types::Type;

use super::Postgres;
use super::address::PostgresAddress;
use super::connected::Connected;
use super::database::{Database, SqlParameter};
use super::error::PostgresError;
use super::read::{BLOCK, RowReader};
use super::rows::number;
use crate::clock::Clock;
use crate::journal::storage::migrate::{
    CopyColumn, CopyMarker, CopyRow, CopyStore, CopyTable, ECHOES, META, SEEN, TABLES, text_cell,
};
use crate::journal::storage::{OpenError, Retention, Storage};
use crate::journal::{Journal, JournalError};
use crate::thread::ThreadKey;

/// How long dedupe keys are kept that are copied, in days.
const SEEN_DAYS: i32 = 8;

/// A schema on which this process works alone.
pub(in crate::journal::storage) struct PostgresCopy {
    /// Keeps others out.
    node: Postgres,
    connected: Connected,
}

impl PostgresCopy {
    pub(in crate::journal::storage) fn open(
        address: &PostgresAddress,
        is_target: bool,
    ) -> Result<Self, OpenError> {
        let connected = if is_target {
            Connected::open_any(address)?
        } else {
            Connected::open(address)?
        };
        if !is_target {
            take_arrivals(address, &connected)?;
        }
        let database = Database::new(address)?.alone(is_target);
        let node = std::thread::scope(|scope| scope.spawn(|| join_alone(&database)).join());
        let node = node.unwrap_or_else(|_| Err(connected.database.silent()))?;
        if !node.is_prepared() {
            return Err(connected.database.silent().into());
        }
        Ok(Self { node, connected })
    }

    /// Writes in one transaction, unless the lease has ended.
    fn write_all<T: Send>(
        &self,
        write: impl AsyncFnOnce(&RowReader<'_>) -> Result<T, PostgresError> + Send,
    ) -> Result<T, OpenError> {
        let epoch = self.node.node.epoch();
        Ok(self.connected.ask_for_long(async |reader| {
            let work = async || {
                let fence = "SELECT FROM {schema}.node WHERE epoch = $1 FOR KEY SHARE";
                let own = reader.rows(fence, &[(&epoch, Type::INT8)]).await?;
                if own.is_empty() {
                    let database = reader.database.address.to_string();
                    return Err(PostgresError::LeaseEnded { database });
                }
                write(&reader).await
            };
            reader.in_transaction("BEGIN", work).await
        })?)
    }
}

/// Also after an error, so that nobody has to wait for the lease to end.
impl Drop for PostgresCopy {
    fn drop(&mut self) {
        if let Err(error) = self.close() {
            tracing::warn!(%error, "the lease is not given back, and ends by itself");
        }
    }
}

/// A node that was killed a moment ago, such as by who interrupted the copy, is waited for.
fn join_alone(database: &Database) -> Result<Postgres, PostgresError> {
    let patience = database.address.lease + Duration::from_secs(1);
    let since = Instant::now();
    loop {
        let (retention, clock) = (Retention::default(), Clock::default());
        match Postgres::open_in(database.clone(), None, retention, clock) {
            Err(PostgresError::InUse { .. }) if since.elapsed() < patience => {
                std::thread::sleep(Duration::from_millis(200));
            }
            joined => return joined,
        }
    }
}

/// What is stored for the owners of lanes is carried out, so that it is among the rows.
fn take_arrivals(address: &PostgresAddress, connected: &Connected) -> Result<(), OpenError> {
    // Where nodes run, the copy is refused.
    let waits = connected.ask(async |reader| {
        let sql = "SELECT FROM {schema}.arrival WHERE NOT EXISTS
                     (SELECT FROM {schema}.node WHERE expires >= clock_timestamp()) LIMIT 1";
        Ok(!reader.rows(sql, &[]).await?.is_empty())
    })?;
    if !waits {
        return Ok(());
    }
    let journal = Journal::connect(address, Retention::default(), Clock::default())?;
    let failed = |reason: String| PostgresError::Failed {
        database: address.to_string(),
        reason,
    };
    let taking = std::thread::scope(|scope| {
        let take = || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .map_err(|error| error.to_string())?;
            let taken = runtime.block_on(async {
                journal.take_arrivals().await?;
                journal.close().await
            });
            taken.map_err(|error: JournalError| crate::causes::with_causes(&error).to_string())
        };
        scope.spawn(take).join()
    });
    let taken = taking.unwrap_or_else(|_| Err("the program failed".to_owned()));
    Ok(taken.map_err(failed)?)
}

impl CopyStore for PostgresCopy {
    fn count(&mut self, table: &CopyTable) -> Result<u64, OpenError> {
        let sql = format!("SELECT count(*) FROM {}", rows_of(table));
        Ok(self.connected.ask_for_long(async |reader| {
            let rows = reader.rows(&sql, &[]).await?;
            Ok(reader.each(&rows, |row| number(row, 0))?[0])
        })?)
    }

    fn read(
        &mut self,
        table: &CopyTable,
        after: Option<&Value>,
        limit: usize,
    ) -> Result<Vec<CopyRow>, OpenError> {
        let columns: Vec<_> = table
            .columns
            .iter()
            .map(|column| read_as(*column))
            .collect();
        let keys = order_of(table);
        let names: Vec<_> = keys.iter().map(|(name, _)| format!("\"{name}\"")).collect();
        let cursor: Vec<_> = keys.iter().map(|column| read_as(*column)).collect();
        let condition = match after {
            None => String::new(),
            Some(_) => {
                let values = keys.iter().enumerate();
                let values: Vec<_> = values
                    .map(|(at, (name, kind))| match (*name, kind) {
                        ("lane", _) => format!("($1::json->>{at})::int2"),
                        (_, kind) => written_as("$1::json", at, *kind),
                    })
                    .collect();
                format!("WHERE ({}) > ({})", names.join(", "), values.join(", "))
            }
        };
        let sql = format!(
            "SELECT json_build_array({})::text, json_build_array({})::text FROM {} {condition}
             ORDER BY {} LIMIT {limit}",
            columns.join(", "),
            cursor.join(", "),
            rows_of(table),
            names.join(", ")
        );
        let after = after.map(Value::to_string);
        Ok(self.connected.ask_for_long(async |reader| {
            let parameters: &[SqlParameter<'_>] = match &after {
                Some(after) => &[(after, Type::TEXT)],
                None => &[],
            };
            let rows = reader.rows(&sql, parameters).await?;
            reader.each(&rows, |row| {
                let cells: Vec<Value> = serde_json::from_str(row.try_get(0)?)?;
                let cells = cells.into_iter().map(|cell| match cell {
                    Value::String(text) => text_cell(text),
                    cell => cell,
                });
                Ok(CopyRow {
                    cells: cells.collect(),
                    cursor: serde_json::from_str(row.try_get(1)?)?,
                })
            })
        })?)
    }

    fn has_rows(&mut self) -> Result<Option<&'static str>, OpenError> {
        for table in &TABLES {
            if self.count(table)? > 0 {
                return Ok(Some(table.name));
            }
        }
        let waits = self.connected.ask(async |reader| {
            let sql = "SELECT FROM {schema}.arrival LIMIT 1";
            Ok(!reader.rows(sql, &[]).await?.is_empty())
        })?;
        Ok(waits.then_some("arrival"))
    }

    fn marker(&mut self) -> Result<Option<CopyMarker>, OpenError> {
        Ok(self.connected.ask(async |reader| {
            let is_there = "SELECT to_regclass('{schema}.migration') IS NOT NULL";
            let rows = reader.rows(is_there, &[]).await?;
            if !rows[0].get::<_, bool>(0) {
                return Ok(None);
            }
            let rows = reader
                .rows("SELECT marker FROM {schema}.migration", &[])
                .await?;
            let markers = reader.each(&rows, |row| Ok(serde_json::from_str(row.try_get(0)?)?))?;
            Ok(markers.into_iter().next())
        })?)
    }

    fn begin(&mut self, marker: &CopyMarker) -> Result<(), OpenError> {
        self.write_all(async |reader| {
            let partitions = "SELECT {schema}.partition_1($1)";
            reader.rows(partitions, &[(&SEEN_DAYS, Type::INT4)]).await?;
            let table = reader
                .database
                .sql("CREATE TABLE {schema}.migration (marker text NOT NULL)");
            reader.execute(&table).await?;
            let marker = serde_json::to_string(marker);
            let marker = marker.map_err(|error| reader.database.unreadable(error))?;
            let note = "INSERT INTO {schema}.migration VALUES ($1)";
            reader.rows(note, &[(&marker, Type::TEXT)]).await?;
            Ok(())
        })
    }

    fn write(
        &mut self,
        table: &CopyTable,
        rows: &[CopyRow],
        marker: &CopyMarker,
    ) -> Result<(), OpenError> {
        let rows: Vec<Value> = rows
            .iter()
            .map(|row| with_lane(table, &row.cells))
            .collect();
        let rows = Value::from(rows).to_string();
        let sql = insert_into(table);
        self.write_all(async |reader| {
            reader.rows(&sql, &[(&rows, Type::TEXT)]).await?;
            let marker = serde_json::to_string(marker);
            let marker = marker.map_err(|error| reader.database.unreadable(error))?;
            let note = "UPDATE {schema}.migration SET marker = $1";
            reader.rows(note, &[(&marker, Type::TEXT)]).await?;
            Ok(())
        })
    }

    fn finish(&mut self) -> Result<(), OpenError> {
        // Numbers go on after those that threads remember, also of rows that are gone.
        let numbers = format!(
            "SELECT setval('{{schema}}.block', greatest((SELECT last_value FROM {{schema}}.block), 1 + greatest(
               (SELECT max(sequence) FROM {{schema}}.event), (SELECT max(id) FROM {{schema}}.call),
               (SELECT max(number) FROM {{schema}}.receipt), (SELECT max(owner_as_of) FROM {{schema}}.thread),
               (SELECT max(paused_spares) FROM {{schema}}.thread), 0) / {BLOCK}))"
        );
        self.write_all(async |reader| {
            reader.rows(&numbers, &[]).await?;
            let letters =
                "SELECT setval(pg_get_serial_sequence('{schema}.dead_letter', 'id'), max(id))
                           FROM {schema}.dead_letter HAVING max(id) IS NOT NULL";
            reader.rows(letters, &[]).await?;
            let table = reader.database.sql("DROP TABLE {schema}.migration");
            reader.execute(&table).await
        })
    }

    fn close(&mut self) -> Result<(), OpenError> {
        let node = &mut self.node;
        let closed = std::thread::scope(|scope| scope.spawn(|| node.close()).join());
        match closed {
            Ok(Ok(())) => Ok(()),
            Ok(Err(error)) => Err(PostgresError::Failed {
                database: self.connected.database.address.to_string(),
                reason: error.to_string(),
            }
            .into()),
            Err(_) => Err(self.connected.database.silent().into()),
        }
    }
}

/// From where the rows of a table come.
fn rows_of(table: &CopyTable) -> String {
    match table.name {
        SEEN => "(SELECT DISTINCT key FROM {schema}.seen) AS seen".to_owned(),
        META => format!(
            "(SELECT name, value::int8 AS value FROM {{schema}}.meta WHERE name LIKE '{ECHOES}%') AS meta"
        ),
        name => format!("{{schema}}.{name}"),
    }
}

/// The columns by which the rows are sorted: where the lane comes first, as in the primary key.
fn order_of(table: &CopyTable) -> Vec<(&'static str, CopyColumn)> {
    let by_thread = table.key[0] == "account";
    let lane = by_thread.then_some(("lane", CopyColumn::Int));
    let keys = table
        .key
        .iter()
        .filter_map(|key| Some(table.columns[table.place_of(key)?]));
    lane.into_iter().chain(keys).collect()
}

fn read_as((name, kind): (&str, CopyColumn)) -> String {
    match kind {
        CopyColumn::Int => format!("\"{name}\"::int8"),
        CopyColumn::Bool => format!("\"{name}\"::int"),
        CopyColumn::Text => format!("\"{name}\""),
        CopyColumn::Bytes => format!("encode(\"{name}\", 'hex')"),
    }
}

/// The value at a place of a JSON array, as the column holds it.
fn written_as(array: &str, at: usize, kind: CopyColumn) -> String {
    match kind {
        CopyColumn::Int => format!("({array}->>{at})::int8"),
        CopyColumn::Bool => format!("({array}->>{at})::int::boolean"),
        CopyColumn::Text => format!("{array}->>{at}"),
        CopyColumn::Bytes => format!("decode({array}->>{at}, 'hex')"),
    }
}

/// `$1` is a JSON array of rows, each with the lane first where the table has one.
fn insert_into(table: &CopyTable) -> String {
    let lane = usize::from(table.has_threads());
    let names = table.columns.iter().map(|(name, _)| format!("\"{name}\""));
    let columns = table.columns.iter().enumerate();
    let values = columns.map(|(at, (_, kind))| written_as("r.v", at + lane, *kind));
    let (names, values): (Vec<_>, Vec<_>) = match table.name {
        SEEN => (
            vec!["day".to_owned(), "key".to_owned()],
            std::iter::once("(now() AT TIME ZONE 'UTC')::date".to_owned())
                .chain(values)
                .collect(),
        ),
        META => (
            names.collect(),
            vec!["r.v->>0".to_owned(), "r.v->>1".to_owned()],
        ),
        _ if lane == 1 => (
            std::iter::once("lane".to_owned()).chain(names).collect(),
            std::iter::once("(r.v->>0)::int2".to_owned())
                .chain(values)
                .collect(),
        ),
        _ => (names.collect(), values.collect()),
    };
    format!(
        "INSERT INTO {{schema}}.{} ({}) OVERRIDING SYSTEM VALUE
         SELECT {} FROM json_array_elements($1::json) AS r(v)",
        table.name,
        names.join(", "),
        values.join(", ")
    )
}

/// The cells of a row, after its lane if it has one.
fn with_lane(table: &CopyTable, cells: &[Value]) -> Value {
    let text = |column: &str| {
        let cell = table.place_of(column).and_then(|place| cells.get(place));
        cell.and_then(Value::as_str).unwrap_or_default()
    };
    let lane = table
        .has_threads()
        .then(|| Value::from(ThreadKey::new(text("account"), text("person")).lane()));
    lane.into_iter().chain(cells.iter().cloned()).collect()
}
