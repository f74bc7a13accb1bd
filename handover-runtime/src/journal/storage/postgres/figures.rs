//! What the lanes of a node hold, counted beside the writer: it may take a while.

use handover_protocol::Timestamp;
use tokio_postgres::types::Type;

use super::error::PostgresError;
use super::read::{RowReader, lanes_of};
use super::rows::{optional_time, time};
use crate::journal::Figures;
use crate::journal::lanes::Lanes;
use crate::journal::storage::columns::owner_of;
use crate::thread::KnownOwner;

impl RowReader<'_> {
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
