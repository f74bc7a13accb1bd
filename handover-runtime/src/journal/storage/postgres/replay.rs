//! What was settled or given up becomes arrivals: the owners of the lanes put it back.

use handover_protocol::{AccountId, PersonId, Timestamp};
use serde_json::Value;
use tokio_postgres::Row;
use tokio_postgres::types::Type;

use super::commit::{column, thread_columns};
use super::error::PostgresError;
use super::read::RowReader;
use super::rows::{BadRow, number, thread_key, time};
use crate::journal::forward::{ForwardedCommand, PutBack, PutBackItem};
use crate::journal::storage::replay::{
    FoundRow, Replay, ReplayItem, ReplayRow, ReplaySource, Replayed, queued_again,
};
use crate::thread::ThreadKey;

/// A command that was stored for the owner of a lane.
#[derive(Clone, Copy, Debug)]
pub(super) struct Stored {
    lane: i16,
    id: i64,
}

impl RowReader<'_> {
    /// What would be replayed and what not, in order.
    pub(super) async fn preview(&self, replay: &Replay) -> Result<Vec<Replayed>, PostgresError> {
        let found = self.find_replayed(replay).await?;
        Ok(found.into_iter().map(|found| found.replayed).collect())
    }

    /// Hands it to the owners of the lanes: all of it or, with an error, nothing.
    pub(super) async fn replay(&self, replay: &Replay) -> Result<Vec<Replayed>, PostgresError> {
        self.execute("BEGIN").await?;
        let replayed = self.hand_over(replay).await;
        let end = if replayed.is_ok() {
            "COMMIT"
        } else {
            "ROLLBACK"
        };
        self.execute(end).await?;
        replayed
    }

    async fn hand_over(&self, replay: &Replay) -> Result<Vec<Replayed>, PostgresError> {
        let mut handed_over = Vec::new();
        for found in self.find_replayed(replay).await? {
            let command = match &found.item {
                _ if found.replayed.refusal.is_some() => None,
                Some(item) => self.put_back(&found, item, replay.source).await?,
                None => None,
            };
            match command {
                Some(command) => {
                    self.forward(&command).await?;
                }
                // Another command was faster.
                None if found.replayed.refusal.is_none() => continue,
                None => {}
            }
            handed_over.push(found.replayed);
        }
        Ok(handed_over)
    }

    /// What the owner of the lane is to do; a dead letter is deleted, so that it is replayed once. `None` if
    /// it is not there any more.
    async fn put_back(
        &self,
        found: &ReplayRow,
        item: &ReplayItem,
        source: ReplaySource,
    ) -> Result<Option<ForwardedCommand>, PostgresError> {
        let thread = &found.replayed.thread;
        let dead_letters = match (source, item) {
            (ReplaySource::DeadLetters, _) => {
                let gone = self.delete_dead_letter(thread, found.replayed.id).await?;
                if gone == 0 {
                    return Ok(None);
                }
                gone
            }
            // A failed event is a dead letter as well; one of the two is enough.
            (ReplaySource::Events, _) => self.delete_dead_event(thread, &found.content).await?,
        };
        let item = match item {
            ReplayItem::Event(_) => PutBackItem::Event {
                content: without_expiry(&found.content),
                received_at: found.received_at(),
            },
            ReplayItem::Call(call) => {
                let object = self.object_of(thread).await?;
                PutBackItem::Call(Box::new(queued_again(call, object)))
            }
            ReplayItem::Notice(notice) => PutBackItem::Notice(notice.clone()),
        };
        Ok(Some(ForwardedCommand::PutBack(Box::new(PutBack {
            thread: thread.clone(),
            item,
            dead_letters,
        }))))
    }

    /// Stores a command for the owner of a lane, and tells it.
    pub(super) async fn forward(
        &self,
        command: &ForwardedCommand,
    ) -> Result<Stored, PostgresError> {
        let lane = i16::from(command.lane());
        let content = serde_json::to_string(command);
        let content = content.map_err(|error| self.database.unreadable(error))?;
        let sql = "INSERT INTO {schema}.arrival (lane, content) VALUES ($1, $2) RETURNING id";
        let rows = self
            .rows(sql, &[(&lane, Type::INT2), (&content, Type::TEXT)])
            .await?;
        let id = rows[0].get(0);
        let stored = Stored { lane, id };
        let told = lane.to_string();
        let tell = "SELECT pg_notify('{channel}', $1)";
        self.rows(tell, &[(&told, Type::TEXT)]).await?;
        Ok(stored)
    }

    /// Whether a command still waits for the owner of its lane.
    pub(super) async fn is_stored(&self, command: Stored) -> Result<bool, PostgresError> {
        let Stored { lane, id } = command;
        let sql = "SELECT FROM {schema}.arrival WHERE lane = $1 AND id = $2";
        let rows = self
            .rows(sql, &[(&lane, Type::INT2), (&id, Type::INT8)])
            .await?;
        Ok(!rows.is_empty())
    }

    async fn find_replayed(&self, replay: &Replay) -> Result<Vec<ReplayRow>, PostgresError> {
        let rows = match replay.source {
            ReplaySource::DeadLetters => {
                "SELECT account, person, id, kind, content, at, cause, false AS waits
                 FROM {schema}.dead_letter"
            }
            ReplaySource::Events => {
                "SELECT account, person, sequence AS id, 'event' AS kind, content, received_at AS at,
                        NULL::text AS cause, settled_at IS NULL AS waits FROM {schema}.event"
            }
        };
        let sql = format!(
            "SELECT * FROM ({rows}) AS found
             WHERE (id = ANY ($1) OR (cardinality($1) = 0 AND NOT waits))
               AND ($2::text IS NULL OR account = $2) AND ($3::text IS NULL OR person = $3)
               AND ($4::int8 IS NULL OR at >= $4) AND ($5::int8 IS NULL OR at < $5)
             ORDER BY id"
        );
        let ids: Vec<i64> = replay.ids.iter().map(|id| id.cast_signed()).collect();
        let account = replay.account.as_ref().map(AccountId::as_str);
        let person = replay.person.as_ref().map(PersonId::as_str);
        let (since, until) = (
            replay.since.map(Timestamp::as_millis),
            replay.until.map(Timestamp::as_millis),
        );
        let rows = self
            .rows(
                &sql,
                &[
                    (&ids, Type::INT8_ARRAY),
                    (&account, Type::TEXT),
                    (&person, Type::TEXT),
                    (&since, Type::INT8),
                    (&until, Type::INT8),
                ],
            )
            .await?;
        let rows = self.each(&rows, found_row)?;
        let mut found = Vec::with_capacity(rows.len());
        for row in rows {
            if replay.only_take_backs && !is_take_back(&row) {
                continue;
            }
            let mut row = replay.row(row);
            if row.shown_owner().is_some() {
                let owner = self.owner_of(&row.replayed.thread).await?;
                row.is_owned_by(owner.as_deref());
            }
            found.push(row);
        }
        Ok(found)
    }

    /// The owner of the thread, as its row says it.
    async fn owner_of(&self, thread: &ThreadKey) -> Result<Option<String>, PostgresError> {
        let sql =
            "SELECT owner FROM {schema}.thread WHERE lane = $1 AND account = $2 AND person = $3";
        self.first_of(thread, sql).await
    }

    /// The product of the thread, as its newest event says it.
    pub(super) async fn object_of(
        &self,
        thread: &ThreadKey,
    ) -> Result<Option<String>, PostgresError> {
        let sql = "SELECT content FROM {schema}.event
                   WHERE lane = $1 AND account = $2 AND person = $3 ORDER BY sequence DESC LIMIT 1";
        let newest: Option<String> = self.first_of(thread, sql).await?;
        let newest = newest.and_then(|content| serde_json::from_str::<Value>(&content).ok());
        let object = newest.and_then(|content| {
            let object = content.pointer("/own/object").or(content.get("object"))?;
            Some(object.as_str()?.to_owned())
        });
        Ok(object)
    }

    async fn first_of(
        &self,
        thread: &ThreadKey,
        sql: &str,
    ) -> Result<Option<String>, PostgresError> {
        let (account, person) = thread_columns(thread);
        let lane = i16::from(thread.lane());
        let rows = self
            .rows(
                sql,
                &[
                    (&lane, Type::INT2),
                    (&account, Type::TEXT),
                    (&person, Type::TEXT),
                ],
            )
            .await?;
        let rows = self.each(&rows, |row| Ok(row.try_get(0)?))?;
        Ok(rows.into_iter().next())
    }

    async fn delete_dead_letter(&self, thread: &ThreadKey, id: u64) -> Result<u64, PostgresError> {
        let (lane, id) = (i16::from(thread.lane()), id.cast_signed());
        let sql = "DELETE FROM {schema}.dead_letter WHERE lane = $1 AND id = $2 RETURNING id";
        let gone = self
            .rows(sql, &[(&lane, Type::INT2), (&id, Type::INT8)])
            .await?;
        Ok(gone.len() as u64)
    }

    async fn delete_dead_event(
        &self,
        thread: &ThreadKey,
        content: &str,
    ) -> Result<u64, PostgresError> {
        let (account, person) = thread_columns(thread);
        let (lane, content) = (i16::from(thread.lane()), column(content));
        let sql =
            "DELETE FROM {schema}.dead_letter WHERE lane = $1 AND account = $2 AND person = $3
                     AND kind = 'event' AND content = $4 RETURNING id";
        let gone = self
            .rows(
                sql,
                &[
                    (&lane, Type::INT2),
                    (&account, Type::TEXT),
                    (&person, Type::TEXT),
                    (&content, Type::TEXT),
                ],
            )
            .await?;
        Ok(gone.len() as u64)
    }

    pub(super) async fn execute(&self, statement: &str) -> Result<(), PostgresError> {
        let done = self.client.batch_execute(statement).await;
        done.map_err(|error| self.database.failed(&error))
    }
}

fn found_row(row: &Row) -> Result<FoundRow, BadRow> {
    Ok(FoundRow {
        thread: thread_key(row)?,
        id: number(row, 2)?,
        kind: row.try_get(3)?,
        content: row.try_get(4)?,
        at: time(row, 5)?,
        cause: row.try_get(6)?,
        waits: row.try_get(7)?,
    })
}

/// Whether it is a timer that takes a thread back.
fn is_take_back(row: &FoundRow) -> bool {
    let content = serde_json::from_str::<Value>(&row.content).ok();
    row.kind == "event"
        && content.is_some_and(|content| content.pointer("/own/take_back").is_some())
}

/// A signal is handled however late it is.
fn without_expiry(content: &str) -> String {
    let Ok(mut value) = serde_json::from_str::<Value>(content) else {
        return content.to_owned();
    };
    let signal = value
        .pointer_mut("/own/signal")
        .and_then(Value::as_object_mut);
    match signal.and_then(|signal| signal.remove("expires_at")) {
        Some(_) => value.to_string(),
        None => content.to_owned(),
    }
}
