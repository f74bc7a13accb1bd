//! Between columns and types.

use std::fmt::Display;
use std::time::Duration;

use handover_protocol::Timestamp;
use serde::de::DeserializeOwned;
use tokio_postgres::Row;

use crate::internal_event::ReclaimTimer;
use crate::journal::storage::columns;
use crate::journal::{ReceiptStatus, Speaker, Turn};
use crate::thread::ThreadKey;

/// A row that cannot be read.
pub(super) struct BadRow(String);

impl<E: std::error::Error> From<E> for BadRow {
    fn from(error: E) -> Self {
        Self(error.to_string())
    }
}

impl Display for BadRow {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// The thread that the first two columns name.
pub(super) fn thread_key(row: &Row) -> Result<ThreadKey, BadRow> {
    Ok(ThreadKey::new(
        row.try_get::<_, String>(0)?,
        row.try_get::<_, String>(1)?,
    ))
}

/// A number that is never negative.
pub(super) fn number(row: &Row, column: usize) -> Result<u64, BadRow> {
    Ok(row.try_get::<_, i64>(column)?.cast_unsigned())
}

pub(super) fn time(row: &Row, column: usize) -> Result<Timestamp, BadRow> {
    Ok(Timestamp::from_millis(row.try_get(column)?))
}

pub(super) fn optional_time(row: &Row, column: usize) -> Result<Option<Timestamp>, BadRow> {
    let millis: Option<i64> = row.try_get(column)?;
    Ok(millis.map(Timestamp::from_millis))
}

pub(super) fn optional_duration(row: &Row, column: usize) -> Result<Option<Duration>, BadRow> {
    let millis: Option<i64> = row.try_get(column)?;
    Ok(millis.map(|millis| Duration::from_millis(millis.cast_unsigned())))
}

pub(super) fn json<T: DeserializeOwned>(row: &Row, column: usize) -> Result<T, BadRow> {
    Ok(serde_json::from_str(row.try_get(column)?)?)
}

pub(super) fn optional_json<T: DeserializeOwned>(
    row: &Row,
    column: usize,
) -> Result<Option<T>, BadRow> {
    let text: Option<&str> = row.try_get(column)?;
    Ok(text.map(serde_json::from_str).transpose()?)
}

/// A column with the name of a timer that takes a thread back, or NULL.
pub(super) fn reclaim_timer(row: &Row, column: usize) -> Result<Option<ReclaimTimer>, BadRow> {
    let name: Option<&str> = row.try_get(column)?;
    Ok(name.and_then(ReclaimTimer::from_name))
}

/// The status of a receipt, from two columns.
pub(super) fn receipt_status(row: &Row, column: usize) -> Result<ReceiptStatus, BadRow> {
    let detail: Option<&str> = row.try_get(column + 1)?;
    Ok(columns::receipt_status(row.try_get(column)?, detail)?)
}

/// A turn, from its columns after this one.
pub(super) fn turn(row: &Row, before: usize) -> Result<Turn, BadRow> {
    let app: Option<String> = row.try_get(before + 3)?;
    Ok(Turn {
        at: time(row, before + 1)?,
        app: app.map(Into::into),
        attachments: optional_json(row, before + 5)?.unwrap_or_default(),
        mid: row.try_get(before + 6)?,
        is_edited: row.try_get(before + 7)?,
        ..Turn::new(
            Speaker::from_name(row.try_get(before + 2)?),
            row.try_get::<_, String>(before + 4)?,
        )
    })
}
