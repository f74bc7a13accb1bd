//! Threads and dead letters for operators, of all lanes.

use handover_protocol::{AccountId, Timestamp};
use tokio_postgres::types::Type;

use super::error::PostgresError;
use super::read::RowReader;
use super::rows::{number, optional_time, thread_key, time};
use crate::journal::listing::{DeadLetterRow, NodeRow, ThreadGroup, ThreadSearch, ThreadSummary};
use crate::journal::storage::columns::{listed_thread, owner_of};
use crate::thread::KnownOwner;

impl RowReader<'_> {
    /// The threads that an operator looks for.
    pub(super) async fn find_threads(
        &self,
        search: &ThreadSearch,
        now: Timestamp,
    ) -> Result<Vec<ThreadSummary>, PostgresError> {
        let (condition, order) = match search.group {
            ThreadGroup::All => ("true", "at DESC"),
            ThreadGroup::WithPeople => ("owner = 'other' AND owner_seen_at > $4", "owner_since"),
            ThreadGroup::Paused => ("paused_until > $5", "at DESC"),
            ThreadGroup::Waiting => ("coalesce(e.n, 0) + coalesce(c.n, 0) > 0", "at DESC"),
        };
        let sql = format!(
            "WITH e AS (SELECT lane, account, person, count(*) AS n FROM {{schema}}.event
                        WHERE settled_at IS NULL GROUP BY 1, 2, 3),
                  c AS (SELECT lane, account, person, count(*) AS n FROM {{schema}}.call GROUP BY 1, 2, 3),
                  d AS (SELECT lane, account, person, count(*) AS n FROM {{schema}}.dead_letter
                        GROUP BY 1, 2, 3),
                  known AS (SELECT lane, account, person FROM {{schema}}.thread
                            UNION SELECT lane, account, person FROM e
                            UNION SELECT lane, account, person FROM c
                            UNION SELECT lane, account, person FROM d)
             SELECT account, person, coalesce(owner, 'unknown'), owner_app, coalesce(owner_since, 0),
                    coalesce(owner_seen_at, 0), paused_until, person_wrote_at,
                    coalesce(e.n, 0), coalesce(c.n, 0), coalesce(d.n, 0),
                    EXISTS (SELECT 1 FROM {{schema}}.turn WHERE turn.lane = known.lane
                            AND turn.account = known.account AND turn.person = known.person
                            AND turn.number >= away_turn AND turn.speaker = 'agent'),
                    greatest(coalesce(person_wrote_at, 0), coalesce(owner_seen_at, 0)) AS at
             FROM known LEFT JOIN {{schema}}.thread USING (lane, account, person)
             LEFT JOIN e USING (lane, account, person) LEFT JOIN c USING (lane, account, person)
             LEFT JOIN d USING (lane, account, person)
             WHERE (person <> '' OR coalesce(e.n, 0) + coalesce(c.n, 0) > 0)
               AND ($1::text IS NULL OR strpos(person, $1) > 0)
               AND ($2::text IS NULL OR account = $2)
               AND {condition} AND $4 < $5
             ORDER BY {order} LIMIT $3"
        );
        let account = search.account.as_ref().map(AccountId::as_str);
        let limit = i64::try_from(search.limit).unwrap_or(i64::MAX);
        let expired = (now - KnownOwner::EXPIRES_AFTER).as_millis();
        let rows = self
            .rows(
                &sql,
                &[
                    (&search.person, Type::TEXT),
                    (&account, Type::TEXT),
                    (&limit, Type::INT8),
                    (&expired, Type::INT8),
                    (&now.as_millis(), Type::INT8),
                ],
            )
            .await?;
        self.each(&rows, |row| {
            let owner = owner_of(row.try_get(2)?, row.try_get(3)?);
            let ownership = KnownOwner {
                since: time(row, 4)?,
                ..KnownOwner::seen(owner, time(row, 5)?, 0)
            };
            let times = (optional_time(row, 6)?, optional_time(row, 7)?);
            let counts = [number(row, 8)?, number(row, 9)?, number(row, 10)?];
            let listed = ThreadSummary::of(thread_key(row)?, &ownership, row.try_get(11)?, now);
            Ok(listed_thread(listed, times, counts))
        })
    }

    /// The nodes that share the journal, and which of them this is.
    pub(super) async fn nodes(&self, epoch: i64) -> Result<Vec<NodeRow>, PostgresError> {
        let sql = "SELECT name, version, (extract(epoch FROM started_at) * 1000)::bigint,
                          (extract(epoch FROM expires) * 1000)::bigint,
                          (SELECT count(*) FROM {schema}.lane WHERE lane.epoch = node.epoch),
                          epoch = $1
                   FROM {schema}.node ORDER BY epoch";
        let rows = self.rows(sql, &[(&epoch, Type::INT8)]).await?;
        self.each(&rows, |row| {
            Ok(NodeRow {
                name: row.try_get(0)?,
                version: row.try_get(1)?,
                started_at: time(row, 2)?,
                lease_until: time(row, 3)?,
                lanes: number(row, 4)?,
                is_this: row.try_get(5)?,
            })
        })
    }

    /// The newest dead letters, or those of these numbers.
    pub(super) async fn dead_letter_rows(
        &self,
        ids: Option<&[u64]>,
        limit: usize,
    ) -> Result<Vec<DeadLetterRow>, PostgresError> {
        let sql = "SELECT account, person, id, kind, content, cause, at FROM {schema}.dead_letter
                   WHERE $1::bigint[] IS NULL OR id = ANY ($1) ORDER BY id DESC LIMIT $2";
        let ids = ids.map(numbers);
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let parameters: [_; 2] = [
            (
                &ids as &(dyn tokio_postgres::types::ToSql + Sync),
                Type::INT8_ARRAY,
            ),
            (&limit, Type::INT8),
        ];
        let rows = self.rows(sql, &parameters).await?;
        self.each(&rows, |row| {
            let what = (number(row, 2)?, thread_key(row)?, time(row, 6)?);
            let (kind, cause) = (row.try_get(3)?, row.try_get(5)?);
            Ok(DeadLetterRow::stored(what, kind, cause, row.try_get(4)?))
        })
    }
}

fn numbers(ids: &[u64]) -> Vec<i64> {
    ids.iter().map(|id| id.cast_signed()).collect()
}
