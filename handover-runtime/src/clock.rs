//! The wall clock, in the unit of the wire.

use std::sync::LazyLock;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// Milliseconds since 1970. Within a process it never goes back, however the machine's clock is
/// set.
pub(crate) fn now() -> i64 {
    static START: LazyLock<(Duration, Instant)> = LazyLock::new(|| {
        let since = SystemTime::now().duration_since(UNIX_EPOCH);
        (since.unwrap_or_default(), Instant::now())
    });
    let (wall, then) = *START;
    ms(wall + then.elapsed())
}

/// A span of time in the unit of the wire.
pub(crate) fn ms(time: Duration) -> i64 {
    i64::try_from(time.as_millis()).unwrap_or(i64::MAX)
}

/// Waits until this time; without one, for ever.
pub(crate) async fn until(time: Option<i64>) {
    match time {
        Some(time) => {
            let ms = u64::try_from(time - now()).unwrap_or(0);
            tokio::time::sleep(Duration::from_millis(ms)).await;
        }
        None => std::future::pending().await,
    }
}
