//! What was settled or given up becomes arrivals: the owners of the lanes put it back.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use handover_protocol::{AccountId, PersonId, Timestamp};
use serde_json::Value;
use tokio_postgres::Row;
use tokio_postgres::types::Type;

use super::commit::{column, thread_columns};
use super::database::SqlParameter;
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
        let work = async || self.hand_over(replay).await;
        self.in_transaction("BEGIN", work).await
    }

    /// Deletes dead letters in all lanes, and notifies the owners of the lanes. Returns how many there were.
    pub(super) async fn discard(&self, ids: &[u64]) -> Result<u64, PostgresError> {
        self.in_transaction("BEGIN", async || {
            let mut lanes = BTreeMap::new();
            let gone = self.delete_dead_letters(ids).await?;
            for lane in gone.values() {
                *lanes.entry(*lane).or_default() += 1;
            }
            let commands = lanes.into_iter();
            let commands =
                commands.map(|(lane, count)| ForwardedCommand::DeadLettersGone { lane, count });
            self.forward_all(&commands.collect::<Vec<_>>()).await?;
            Ok(gone.len() as u64)
        })
        .await
    }

    /// What is put back; a dead letter is deleted, so that it is replayed once.
    async fn hand_over(&self, replay: &Replay) -> Result<Vec<Replayed>, PostgresError> {
        let found = self.find_replayed(replay).await?;
        let wanted = found.iter().filter(|it| it.replayed.refusal.is_none());
        let gone = match replay.source {
            ReplaySource::DeadLetters => {
                let ids: Vec<_> = wanted.map(|it| it.replayed.id).collect();
                self.delete_dead_letters(&ids).await?
            }
            ReplaySource::Events => BTreeMap::new(),
        };
        let (mut handed_over, mut commands) = (Vec::new(), Vec::new());
        let mut objects = BTreeMap::new();
        for found in found {
            if let (None, Some(item)) = (&found.replayed.refusal, &found.item) {
                let ReplayRow {
                    replayed, content, ..
                } = &found;
                let dead_letters = match replay.source {
                    // Another command was faster.
                    ReplaySource::DeadLetters if !gone.contains_key(&replayed.id) => continue,
                    ReplaySource::DeadLetters => 1,
                    // A failed event is a dead letter as well; one of the two is enough.
                    ReplaySource::Events => {
                        self.delete_dead_event(&replayed.thread, content).await?
                    }
                };
                let item = match item {
                    ReplayItem::Event(_) => PutBackItem::Event {
                        content: without_expiry(content),
                        received_at: found.received_at(),
                    },
                    ReplayItem::Call(call) => {
                        let object = match objects.entry(replayed.thread.clone()) {
                            Entry::Occupied(known) => known.into_mut(),
                            Entry::Vacant(new) => {
                                new.insert(self.object_of(&replayed.thread).await?)
                            }
                        };
                        PutBackItem::Call(Box::new(queued_again(call, object.clone())))
                    }
                    ReplayItem::Notice(notice) => PutBackItem::Notice(Box::new((**notice).clone())),
                };
                commands.push(ForwardedCommand::PutBack(Box::new(PutBack {
                    thread: replayed.thread.clone(),
                    item,
                    dead_letters,
                })));
            }
            handed_over.push(found.replayed);
        }
        self.forward_all(&commands).await?;
        Ok(handed_over)
    }

    /// Stores commands for the owners of their lanes, in this order, and notifies them.
    pub(super) async fn forward_all(
        &self,
        commands: &[ForwardedCommand],
    ) -> Result<(), PostgresError> {
        let (mut lanes, mut contents, mut dead_letters) = (Vec::new(), Vec::new(), Vec::new());
        for command in commands {
            lanes.push(i16::from(command.lane()));
            let content = serde_json::to_string(command);
            contents.push(content.map_err(|error| self.database.unreadable(error))?);
            dead_letters.push(command.dead_letters().cast_signed());
        }
        let sql = "WITH stored AS (
                     INSERT INTO {schema}.arrival (lane, content, dead_letters)
                     SELECT a.lane, a.content, a.dead_letters
                     FROM unnest($1, $2, $3) WITH ORDINALITY AS a(lane, content, dead_letters, number)
                     ORDER BY a.number RETURNING lane)
                   SELECT pg_notify('{channel}', string_agg(DISTINCT lane::text, ',')) FROM stored
                   HAVING count(*) > 0";
        let parameters: [SqlParameter<'_>; 3] = [
            (&lanes, Type::INT2_ARRAY),
            (&contents, Type::TEXT_ARRAY),
            (&dead_letters, Type::INT8_ARRAY),
        ];
        self.rows(sql, &parameters).await?;
        Ok(())
    }

    /// Stores a command for the owner of a lane, and notifies it.
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

    /// How many dead letters were deleted with a command for the owner of a lane.
    pub(super) async fn dead_letters_gone_with(
        &self,
        lane: u8,
        id: i64,
    ) -> Result<u64, PostgresError> {
        let lane = i16::from(lane);
        let sql = "SELECT dead_letters FROM {schema}.arrival WHERE lane = $1 AND id = $2";
        let rows = self
            .rows(sql, &[(&lane, Type::INT2), (&id, Type::INT8)])
            .await?;
        let gone = self.each(&rows, |row| number(row, 0))?;
        Ok(gone.into_iter().next().unwrap_or_default())
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
            if row.shows_owner() {
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

    /// The numbers of those that were there, each with its lane.
    async fn delete_dead_letters(&self, ids: &[u64]) -> Result<BTreeMap<u64, u8>, PostgresError> {
        let ids: Vec<_> = ids.iter().map(|id| id.cast_signed()).collect();
        let sql = "DELETE FROM {schema}.dead_letter WHERE id = ANY ($1) RETURNING id, lane";
        let gone = self.rows(sql, &[(&ids, Type::INT8_ARRAY)]).await?;
        let gone = self.each(&gone, |row| {
            Ok((number(row, 0)?, u8::try_from(row.try_get::<_, i16>(1)?)?))
        })?;
        Ok(gone.into_iter().collect())
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
