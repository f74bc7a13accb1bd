//! What is kept of a person, and requests to delete it.

use handover_protocol::Timestamp;
use serde_json::Value;
use tokio_postgres::Row;
use tokio_postgres::types::Type;

use super::commit::{column, thread_columns};
use super::database::SqlParameter;
use super::error::PostgresError;
use super::read::RowReader;
use super::rows::{BadRow, optional_json, optional_time, receipt_status, time, turn};
use crate::journal::{DeletionStatus, ExportedRow, PendingDeletion, ThreadExport};
use crate::thread::ThreadKey;

impl RowReader<'_> {
    pub(super) async fn pending_deletions(&self) -> Result<Vec<PendingDeletion>, PostgresError> {
        let sql = "SELECT code, \"user\", requested_at FROM {schema}.deletion
                   WHERE done_at IS NULL AND \"user\" IS NOT NULL ORDER BY requested_at";
        let rows = self.rows(sql, &[]).await?;
        self.each(&rows, |row| {
            Ok(PendingDeletion {
                code: row.try_get(0)?,
                user: row.try_get(1)?,
                requested_at: time(row, 2)?,
            })
        })
    }

    pub(super) async fn deletion(
        &self,
        code: &str,
    ) -> Result<Option<DeletionStatus>, PostgresError> {
        let sql = "SELECT requested_at, done_at FROM {schema}.deletion WHERE code = $1";
        let rows = self.rows(sql, &[(&code, Type::TEXT)]).await?;
        let found = self.each(&rows, |row| {
            Ok(DeletionStatus {
                requested_at: time(row, 0)?,
                done_at: optional_time(row, 1)?,
            })
        })?;
        Ok(found.into_iter().next())
    }

    /// Everything there is of a thread.
    pub(super) async fn export(&self, key: &ThreadKey) -> Result<ThreadExport, PostgresError> {
        self.at_one_moment(async || self.export_rows(key).await)
            .await
    }

    async fn export_rows(&self, key: &ThreadKey) -> Result<ThreadExport, PostgresError> {
        let mut export = ThreadExport::of(key.clone());
        let events = "kind, received_at, content, NULL::text FROM {schema}.event";
        export.events = self.exported(key, events, "sequence").await?;
        export
            .events
            .extend(self.mentions(key, events, "sequence").await?);
        export.calls = self
            .exported(
                key,
                "name, created_at, request, NULL::text FROM {schema}.call",
                "id",
            )
            .await?;
        export.timers = self
            .exported(
                key,
                "name, due, event, NULL::text FROM {schema}.timer",
                "due",
            )
            .await?;
        let dead_letters = "kind, at, content, cause FROM {schema}.dead_letter";
        export.dead_letters = self.exported(key, dead_letters, "id").await?;
        export
            .dead_letters
            .extend(self.mentions(key, dead_letters, "id").await?);
        let receipts = self
            .of_thread(
                key,
                "coalesce(signal, 'message'), created_at, status, detail, id FROM {schema}.receipt",
                "number",
            )
            .await?;
        export.receipts = self.each(&receipts, |row| {
            let mut content = serde_json::to_value(receipt_status(row, 2)?)?;
            content["id"] = row.try_get::<_, String>(4)?.into();
            let (name, at) = (row.try_get::<_, String>(0)?, time(row, 1)?);
            Ok(ExportedRow::new(name, at, content))
        })?;
        let turns = self
            .of_thread(
                key,
                "number, at, speaker, app, text, attachments, mid, is_edited FROM {schema}.turn",
                "number",
            )
            .await?;
        export.history = self.each(&turns, |row| turn(row, 0))?;
        let state = self
            .of_thread(key, "session, person_wrote_at FROM {schema}.thread", "lane")
            .await?;
        let state = self.each(&state, |row| {
            Ok((optional_json(row, 0)?, optional_time(row, 1)?))
        })?;
        if let Some((session, person_wrote_at)) = state.into_iter().next() {
            export.session = session;
            export.person_wrote_at = person_wrote_at;
        }
        Ok(export)
    }

    async fn exported(
        &self,
        key: &ThreadKey,
        columns: &str,
        order: &str,
    ) -> Result<Vec<ExportedRow>, PostgresError> {
        let rows = self.of_thread(key, columns, order).await?;
        self.each(&rows, exported_row)
    }

    /// What the thread of the account says of the person, such as a comment.
    async fn mentions(
        &self,
        key: &ThreadKey,
        columns: &str,
        order: &str,
    ) -> Result<Vec<ExportedRow>, PostgresError> {
        let Some(quoted) = key.quoted_person() else {
            return Ok(Vec::new());
        };
        let quoted = column(&quoted);
        let of_account = key.of_account();
        let (account, person) = thread_columns(&of_account);
        let lane = i16::from(of_account.lane());
        let sql = format!(
            "SELECT {columns} WHERE lane = $1 AND account = $2 AND person = $3
             AND strpos(content, $4) > 0 ORDER BY {order}"
        );
        let parameters: [SqlParameter<'_>; 4] = [
            (&lane, Type::INT2),
            (&account, Type::TEXT),
            (&person, Type::TEXT),
            (&quoted, Type::TEXT),
        ];
        let rows = self.rows(&sql, &parameters).await?;
        self.each(&rows, exported_row)
    }

    async fn of_thread(
        &self,
        key: &ThreadKey,
        columns: &str,
        order: &str,
    ) -> Result<Vec<Row>, PostgresError> {
        let (account, person) = thread_columns(key);
        let lane = i16::from(key.lane());
        let sql = format!(
            "SELECT {columns} WHERE lane = $1 AND account = $2 AND person = $3 ORDER BY {order}"
        );
        self.rows(
            &sql,
            &[
                (&lane, Type::INT2),
                (&account, Type::TEXT),
                (&person, Type::TEXT),
            ],
        )
        .await
    }
}

fn exported_row(row: &Row) -> Result<ExportedRow, BadRow> {
    let content: &str = row.try_get(2)?;
    let content = serde_json::from_str(content).unwrap_or_else(|_| Value::String(content.into()));
    Ok(ExportedRow {
        cause: row.try_get(3)?,
        ..ExportedRow::new(
            row.try_get::<_, String>(0)?,
            Timestamp::from_millis(row.try_get(1)?),
            content,
        )
    })
}
