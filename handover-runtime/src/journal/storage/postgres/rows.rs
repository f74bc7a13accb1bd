//! Between columns and types.

use std::fmt::Display;
use std::time::Duration;

use handover_protocol::{AppId, Timestamp};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use tokio_postgres::Row;

use crate::internal_event::ReclaimTimer;
use crate::journal::{ReceiptStatus, Speaker, Turn};
use crate::notice::Notice;
use crate::thread::{Owner, ThreadKey};

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

/// Stored form of a notice; its name distinguishes it from calls.
#[derive(Serialize, Deserialize)]
struct NoticeRow<T> {
    notice: T,
}

pub(super) fn notice_to_json(notice: &Notice) -> serde_json::Result<String> {
    serde_json::to_string(&NoticeRow { notice })
}

pub(super) fn notice_from_json(text: &str) -> serde_json::Result<Notice> {
    serde_json::from_str(text).map(|NoticeRow { notice }| notice)
}

/// What the columns of a receipt say of its status; the second is the JSON of the whole.
pub(super) fn receipt_status(row: &Row, column: usize) -> Result<ReceiptStatus, BadRow> {
    if let Some(status) = optional_json(row, column + 1)? {
        return Ok(status);
    }
    Ok(match row.try_get(column)? {
        "held" => ReceiptStatus::Held,
        "handled" => ReceiptStatus::Handled,
        "sent" => ReceiptStatus::Sent { message_id: None },
        _ => ReceiptStatus::Waiting,
    })
}

/// What there is to say of a status besides its name.
pub(super) fn receipt_detail(status: &ReceiptStatus) -> serde_json::Result<Option<String>> {
    match status {
        ReceiptStatus::Sent { .. } | ReceiptStatus::Failed { .. } => {
            serde_json::to_string(status).map(Some)
        }
        ReceiptStatus::Waiting | ReceiptStatus::Held | ReceiptStatus::Handled => Ok(None),
    }
}

/// The owner as its columns say.
pub(super) fn owner_of(owner: &str, app: Option<String>) -> Owner {
    match owner {
        "bot" => Owner::Bot,
        "other" => Owner::Other(app.map(Into::into)),
        _ => Owner::Unknown,
    }
}

/// The columns of an owner.
pub(super) fn owner_columns(owner: &Owner) -> (&'static str, Option<&str>) {
    match owner {
        Owner::Unknown => ("unknown", None),
        Owner::Bot => ("bot", None),
        Owner::Other(app) => ("other", app.as_ref().map(AppId::as_str)),
    }
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
