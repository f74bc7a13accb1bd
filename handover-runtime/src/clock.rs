//! The time a bot goes by, in the unit of the wire.

use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, LazyLock};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use tokio::sync::Notify;
use tokio::time::sleep;

/// The time that a bot's timers, windows and pauses go by: the machine's, until a test moves it on.
///
/// ```
/// use std::time::Duration;
///
/// use handover_runtime::testing::Clock;
/// use handover_runtime::{Bot, Routes};
///
/// let clock = Clock::default();
/// let bot = Bot::new(Routes::default()).clock(clock.clone());
/// // … once the bot runs: what it was to do within a day, it does now.
/// clock.advance(Duration::from_secs(24 * 60 * 60));
/// ```
#[derive(Clone, Debug, Default)]
pub struct Clock(Arc<Shift>);

#[derive(Debug, Default)]
struct Shift {
    ms: AtomicI64,
    changed: Notify,
}

impl Clock {
    /// Moves the time on. It cannot be moved back.
    pub fn advance(&self, by: Duration) {
        self.0.ms.fetch_add(ms(by), Ordering::Relaxed);
        self.0.changed.notify_waiters();
    }

    /// Milliseconds since 1970.
    pub(crate) fn now(&self) -> i64 {
        now() + self.0.ms.load(Ordering::Relaxed)
    }

    /// Waits until this time; without one, for ever.
    pub(crate) async fn until(&self, time: Option<i64>) {
        let Some(time) = time else {
            return std::future::pending().await;
        };
        loop {
            // Asked for before the time is read, so that no change in between is missed.
            let changed = self.0.changed.notified();
            let Ok(left @ 1..) = u64::try_from(time - self.now()) else {
                return;
            };
            tokio::select! {
                () = sleep(Duration::from_millis(left)) => {}
                () = changed => {}
            }
        }
    }
}

/// The machine's time: milliseconds since 1970. Within a process it never goes back, however the
/// machine's clock is set.
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
