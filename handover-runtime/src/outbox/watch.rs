//! Warning about a growing outbox. Only the disk limits it.

use std::time::Duration;

use crate::journal::Journal;

const EVERY: Duration = Duration::from_secs(10);
/// Warns at this many calls, and at each doubling.
const HIGH_WATER: usize = 10_000;

/// Checks the outbox from time to time. Never returns.
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
