//! Old rows go, a few at a time, so that no commit has to wait for it.

use std::time::Duration;

use handover_protocol::Timestamp;
use rusqlite::{Connection, params};

/// How long a [`Journal`](crate::journal::Journal) in a file keeps old rows.
///
/// ```
/// use std::time::Duration;
/// use handover_runtime::journal::Retention;
///
/// let week = Duration::from_secs(7 * 24 * 3600);
/// let retention = Retention::default().settled(week);
/// assert_eq!(retention.settled, week);
/// assert_eq!(retention.seen, week);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Retention {
    /// Settled events, to inspect and replay them. Default: 3 days.
    pub settled: Duration,
    /// Dedupe keys of redelivered events, and receipts of what was sent from outside a handler. Default:
    /// 7 days. The platform repeats deliveries for up to 36 hours (protocol: acknowledgement, retries,
    /// order).
    pub seen: Duration,
}

impl Default for Retention {
    fn default() -> Self {
        const DAY: Duration = Duration::from_secs(24 * 3600);
        Self {
            settled: DAY * 3,
            seen: DAY * 7,
        }
    }
}

impl Retention {
    /// How long settled events are kept. Default: 3 days.
    #[must_use]
    pub fn settled(mut self, settled: Duration) -> Self {
        self.settled = settled;
        self
    }

    /// How long redelivered events are recognised. Default: 7 days.
    #[must_use]
    pub fn seen(mut self, seen: Duration) -> Self {
        self.seen = seen;
        self
    }
}

/// How many rows go at once.
const AT_ONCE: usize = 500;

/// Notes up to where nothing waits, so that the next start need not look there, and deletes some of
/// what is too old.
pub(super) fn tidy(
    connection: &Connection,
    retention: Retention,
    settled_before: u64,
    now: Timestamp,
) -> rusqlite::Result<()> {
    connection
        .prepare_cached("UPDATE fact SET value = ?1 WHERE name = 'settled_before'")?
        .execute([settled_before])?;
    // The newest row stays, for numbers go on from it.
    connection
        .prepare_cached(
            "DELETE FROM event WHERE sequence IN
               (SELECT sequence FROM event ORDER BY sequence LIMIT ?2)
             AND received_at < ?1 AND settled_at IS NOT NULL
             AND sequence < (SELECT max(sequence) FROM event)",
        )?
        .execute(params![(now - retention.settled).as_millis(), AT_ONCE])?;
    connection
        .prepare_cached(
            "DELETE FROM receipt WHERE number IN
               (SELECT number FROM receipt ORDER BY number LIMIT ?2)
             AND changed_at < ?1 AND status NOT IN ('waiting', 'held')
             AND number < (SELECT max(number) FROM receipt)",
        )?
        .execute(params![(now - retention.seen).as_millis(), AT_ONCE])?;
    Ok(())
}
