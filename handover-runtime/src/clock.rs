//! The bot's time.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, LazyLock};
use std::time::{Duration, Instant, SystemTime};

use handover_protocol::Timestamp;
use tokio::sync::Notify;
use tokio::time::sleep;

/// Clock for timers, windows and pauses: the system clock, until a test advances it.
///
/// ```
/// use std::time::Duration;
///
/// use handover_runtime::testing::Clock;
/// use handover_runtime::{Bot, Routes};
///
/// let clock = Clock::default();
/// let bot = Bot::new(Routes::default()).clock(clock.clone());
/// // … once the bot runs: everything that is due within a day happens now.
/// clock.advance(Duration::from_secs(24 * 60 * 60));
/// ```
#[derive(Clone, Debug, Default)]
pub struct Clock(Arc<Shift>);

#[derive(Debug, Default)]
struct Shift {
    ms: AtomicU64,
    changed: Notify,
}

impl Clock {
    /// Advances the clock. It cannot go back.
    pub fn advance(&self, by: Duration) {
        let by = u64::try_from(by.as_millis()).unwrap_or(u64::MAX);
        let (before, after) = (Ordering::Relaxed, Ordering::Relaxed);
        let _ = self
            .0
            .ms
            .fetch_update(before, after, |ms| Some(ms.saturating_add(by)));
        self.0.changed.notify_waiters();
    }

    /// The current time.
    pub(crate) fn now(&self) -> Timestamp {
        now() + Duration::from_millis(self.0.ms.load(Ordering::Relaxed))
    }

    /// Waits until this time; without one, never returns.
    pub(crate) async fn until(&self, time: Option<Timestamp>) {
        let Some(time) = time else {
            return std::future::pending().await;
        };
        loop {
            // Subscribed before the time is read, so that no change in between is missed.
            let changed = self.0.changed.notified();
            let left = time.duration_since(self.now());
            if left.is_zero() {
                return;
            }
            tokio::select! {
                () = sleep(left) => {}
                () = changed => {}
            }
        }
    }
}

/// The system time. Within a process it never goes back, even if the system clock is set back.
pub(crate) fn now() -> Timestamp {
    /// Milliseconds since the Unix epoch, and the same moment.
    static START: LazyLock<(i64, Instant)> = LazyLock::new(|| {
        (
            Timestamp::from(SystemTime::now()).as_millis(),
            Instant::now(),
        )
    });
    let (wall, then) = *START;
    let passed = i64::try_from(then.elapsed().as_millis()).unwrap_or(i64::MAX);
    Timestamp::from_millis(wall.saturating_add(passed))
}
