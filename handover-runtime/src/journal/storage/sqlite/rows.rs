//! Between columns and types.

use std::time::Duration;

use handover_protocol::Timestamp;
use rusqlite::{Error, Row, types::Type};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::internal_event::{ReclaimTimer, ThreadEvent};
use crate::journal::storage::columns;
use crate::journal::{ReceiptStatus, Speaker, Turn};
use crate::notice::Notice;
use crate::thread::ThreadKey;

/// The thread that the first two columns name.
pub(super) fn thread_key(row: &Row<'_>) -> rusqlite::Result<ThreadKey> {
    Ok(ThreadKey::new(
        row.get::<_, String>(0)?,
        row.get::<_, String>(1)?,
    ))
}

/// A column with a time.
pub(super) fn time(row: &Row<'_>, column: usize) -> rusqlite::Result<Timestamp> {
    row.get(column).map(Timestamp::from_millis)
}

/// A column with a time or NULL.
pub(super) fn optional_time(row: &Row<'_>, column: usize) -> rusqlite::Result<Option<Timestamp>> {
    let millis: Option<i64> = row.get(column)?;
    Ok(millis.map(Timestamp::from_millis))
}

/// A column with a span of time in ms, or NULL.
pub(super) fn optional_duration(
    row: &Row<'_>,
    column: usize,
) -> rusqlite::Result<Option<Duration>> {
    let millis: Option<u64> = row.get(column)?;
    Ok(millis.map(Duration::from_millis))
}

/// What a column holds of a span of time.
pub(super) fn duration_column(time: Duration) -> i64 {
    i64::try_from(time.as_millis()).unwrap_or(i64::MAX)
}

fn unwritable(error: serde_json::Error) -> Error {
    Error::ToSqlConversionFailure(Box::new(error))
}

fn unreadable(error: serde_json::Error) -> Error {
    Error::FromSqlConversionFailure(0, Type::Text, Box::new(error))
}

pub(super) fn to_json<T: Serialize + ?Sized>(value: &T) -> rusqlite::Result<String> {
    serde_json::to_string(value).map_err(unwritable)
}

pub(super) fn event_to_json(event: &ThreadEvent) -> rusqlite::Result<String> {
    event.to_json().map_err(unwritable)
}

pub(super) fn event_from_json(text: &str) -> rusqlite::Result<ThreadEvent> {
    ThreadEvent::from_json(text).map_err(unreadable)
}

pub(super) fn notice_to_json(notice: &Notice) -> rusqlite::Result<String> {
    columns::notice_to_json(notice).map_err(unwritable)
}

pub(super) fn notice_from_json(text: &str) -> rusqlite::Result<Notice> {
    columns::notice_from_json(text).map_err(unreadable)
}

/// A column with the name of a timer that takes a thread back, or NULL.
pub(super) fn reclaim_timer(
    row: &Row<'_>,
    column: usize,
) -> rusqlite::Result<Option<ReclaimTimer>> {
    let name: Option<String> = row.get(column)?;
    Ok(name.and_then(|name| ReclaimTimer::from_name(&name)))
}

pub(super) fn from_json<T: DeserializeOwned>(text: &str) -> rusqlite::Result<T> {
    serde_json::from_str(text).map_err(unreadable)
}

/// The status of a receipt, from two columns.
pub(super) fn receipt_status(
    status: &str,
    detail: Option<&str>,
) -> rusqlite::Result<ReceiptStatus> {
    columns::receipt_status(status, detail).map_err(unreadable)
}

pub(super) fn receipt_detail(status: &ReceiptStatus) -> rusqlite::Result<Option<String>> {
    columns::receipt_detail(status).map_err(unwritable)
}

/// A turn, from its columns after the number.
pub(super) fn turn(row: &Row<'_>) -> rusqlite::Result<Turn> {
    let (app, attachments): (Option<String>, Option<String>) = (row.get(3)?, row.get(5)?);
    Ok(Turn {
        at: time(row, 1)?,
        app: app.map(Into::into),
        attachments: match attachments {
            Some(attachments) => from_json(&attachments)?,
            None => Vec::new(),
        },
        mid: row.get(6)?,
        is_edited: row.get(7)?,
        ..Turn::new(
            Speaker::from_name(&row.get::<_, String>(2)?),
            row.get::<_, String>(4)?,
        )
    })
}
