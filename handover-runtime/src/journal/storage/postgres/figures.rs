//! What the lanes of a node hold, counted beside the writer: it may take a while.

use std::time::Duration;

use handover_protocol::Timestamp;
use tokio_postgres::Row;
use tokio_postgres::types::Type;

use super::error::PostgresError;
use super::read::{RowReader, lanes_of};
use super::rows::{BadRow, number, optional_time, time};
use crate::journal::lanes::Lanes;
use crate::journal::storage::columns::owner_of;
use crate::journal::{Figures, SharedFigures, TotalBacklog};
use crate::thread::KnownOwner;

impl RowReader<'_> {
    /// How the rows stand that several nodes share, in these lanes.
    pub(super) async fn shared_figures(
        &self,
        lanes: Lanes,
    ) -> Result<SharedFigures, PostgresError> {
        let lanes = lanes_of(lanes);
        let sql = "SELECT count(*),
                          coalesce(extract(epoch FROM clock_timestamp() - min(at)) * 1000, 0)::int8,
                          (SELECT min(received_at) FROM {schema}.event
                           WHERE lane = ANY ($1) AND settled_at IS NULL)
                   FROM {schema}.arrival WHERE lane = ANY ($1)";
        let rows = self.rows(sql, &[(&lanes, Type::INT2_ARRAY)]).await?;
        let figures = self.each(&rows, |row| {
            Ok(SharedFigures {
                arrivals: number(row, 0)?,
                lag: Duration::from_millis(row.try_get::<_, i64>(1)?.max(0).cast_unsigned()),
                oldest_event_at: optional_time(row, 2)?,
                dead_tuples: Vec::new(),
            })
        })?;
        let figures = figures.into_iter().next().unwrap_or_default();
        Ok(SharedFigures {
            dead_tuples: self.dead_tuples().await?,
            ..figures
        })
    }

    /// What waits in all lanes.
    pub(super) async fn total_backlog(&self) -> Result<TotalBacklog, PostgresError> {
        let sql = "SELECT (SELECT count(*) FROM {schema}.event WHERE settled_at IS NULL),
                          (SELECT count(*) FROM {schema}.call WHERE notifier IS NULL),
                          (SELECT count(*) FROM {schema}.call WHERE notifier IS NOT NULL),
                          (SELECT count(*) FROM {schema}.dead_letter)";
        let rows = self.rows(sql, &[]).await?;
        let count =
            |row: &Row, column| Ok::<_, BadRow>(usize::try_from(row.try_get::<_, i64>(column)?)?);
        let counted = self.each(&rows, |row| {
            Ok(TotalBacklog {
                events: count(row, 0)?,
                calls: count(row, 1)?,
                notices: count(row, 2)?,
                dead_letters: count(row, 3)?,
            })
        })?;
        Ok(counted[0])
    }

    /// All but the backlog, which the rules know.
    pub(super) async fn figures(
        &self,
        lanes: Lanes,
        now: Timestamp,
    ) -> Result<Figures, PostgresError> {
        let lanes = lanes_of(lanes);
        let oldest = "SELECT
            (SELECT min(received_at) FROM {schema}.event WHERE lane = ANY ($1) AND settled_at IS NULL),
            (SELECT min(created_at) FROM {schema}.call
             WHERE lane = ANY ($1) AND state <> 'confirmed' AND notifier IS NULL)";
        let oldest = self.rows(oldest, &[(&lanes, Type::INT2_ARRAY)]).await?;
        let oldest = self.each(&oldest, |row| {
            Ok((optional_time(row, 0)?, optional_time(row, 1)?))
        })?;
        let mut figures = Figures {
            oldest_event_at: oldest[0].0,
            oldest_call_at: oldest[0].1,
            ..Figures::default()
        };
        let before = (now - KnownOwner::EXPIRES_AFTER).as_millis();
        let threads = "SELECT owner, owner_app, max(owner_seen_at), count(*) FROM {schema}.thread
             WHERE lane = ANY ($1) AND person <> '' GROUP BY owner, owner_app, owner_seen_at > $2";
        let threads = self
            .rows(
                threads,
                &[(&lanes, Type::INT2_ARRAY), (&before, Type::INT8)],
            )
            .await?;
        let threads = self.each(&threads, |row| {
            let owner = owner_of(row.try_get(0)?, row.try_get(1)?);
            let count = usize::try_from(row.try_get::<_, i64>(3)?)?;
            Ok((KnownOwner::seen(owner, time(row, 2)?, 0), count))
        })?;
        for (ownership, count) in threads {
            figures.threads.count(&ownership, now, count);
        }
        Ok(figures)
    }
}
