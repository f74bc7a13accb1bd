//! Warns when the outbox grows: it is bounded by the disk only.

use std::time::Duration;

use crate::journal::Journal;

const EVERY: Duration = Duration::from_secs(10);
/// From this many calls on, at each doubling.
const HIGH_WATER: usize = 10_000;

/// Looks at the outbox from time to time, for ever.
pub(crate) async fn watch(journal: Journal) {
    let mut mark = HIGH_WATER;
    loop {
        tokio::time::sleep(EVERY).await;
        let Ok(backlog) = journal.backlog().await else {
            continue;
        };
        if backlog.calls >= mark {
            tracing::warn!(
                calls = backlog.calls,
                "calls wait in the outbox; is the Graph API down, or the access token invalid?"
            );
            mark = backlog.calls.saturating_mul(2);
        } else if backlog.calls < HIGH_WATER / 2 {
            mark = HIGH_WATER;
        }
    }
}
