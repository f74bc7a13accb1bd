//! The bot's time.

#[cfg(feature = "postgres")]
use std::sync::atomic::AtomicI64;
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
    /// How far the clock that several machines share is ahead of this machine's, in milliseconds.
    #[cfg(feature = "postgres")]
    shared: AtomicI64,
    changed: Notify,
}

/// A machine whose clock differs less from the shared one goes by its own.
#[cfg(feature = "postgres")]
const TOLERATED_MS: i64 = 1000;

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
        let now = now();
        #[cfg(feature = "postgres")]
        let now = Timestamp::from_millis(now.as_millis() + self.0.shared.load(Ordering::Relaxed));
        now + Duration::from_millis(self.0.ms.load(Ordering::Relaxed))
    }

    /// The time as other programs have it, whatever a test has advanced: that of the shared clock, or else of the
    /// system clock, which may have been set since the start.
    pub(crate) fn real(&self) -> Timestamp {
        #[cfg(feature = "postgres")]
        {
            let ahead = self.0.shared.load(Ordering::Relaxed);
            if ahead != 0 {
                return Timestamp::from_millis(now().as_millis() + ahead);
            }
        }
        SystemTime::now().into()
    }

    /// Goes by a clock that several machines share, which shows this time at this moment. If that changes
    /// anything, gives the milliseconds by which it is ahead of this machine's.
    #[cfg(feature = "postgres")]
    pub(crate) fn follow(&self, shared: Timestamp) -> Option<i64> {
        let ahead = shared.as_millis() - now().as_millis();
        let known = self.0.shared.load(Ordering::Relaxed);
        if (ahead - known).abs() <= TOLERATED_MS {
            return None;
        }
        self.0.shared.store(ahead, Ordering::Relaxed);
        self.0.changed.notify_waiters();
        Some(ahead)
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
        let wall = Timestamp::from(SystemTime::now()).as_millis();
        #[cfg(feature = "failpoints")]
        let wall = wall + crate::failpoint::clock_offset();
        (wall, Instant::now())
    });
    let (wall, then) = *START;
    let passed = i64::try_from(then.elapsed().as_millis()).unwrap_or(i64::MAX);
    Timestamp::from_millis(wall.saturating_add(passed))
}

/// A time as people and JSON write it: UTC, to the millisecond.
pub(crate) fn iso(time: Timestamp) -> String {
    match jiff::Timestamp::from_millisecond(time.as_millis()) {
        Ok(time) => format!("{time:.3}"),
        Err(_) => time.to_string(),
    }
}

#[cfg(all(test, feature = "postgres"))]
mod tests {
    use super::*;

    const MINUTE: Duration = Duration::from_secs(60);

    #[tokio::test]
    async fn a_machine_with_a_wrong_clock_goes_by_the_shared_one() {
        let clock = Clock::default();
        assert_eq!(clock.follow(now() + Duration::from_millis(500)), None);
        let right = now() + 5 * MINUTE;
        let waiting = tokio::spawn({
            let clock = clock.clone();
            async move { clock.until(Some(right)).await }
        });
        tokio::task::yield_now().await;
        let ahead = clock.follow(right).unwrap();
        assert!((299_000..=300_000).contains(&ahead), "{ahead}");
        assert!(clock.now() >= right);
        tokio::time::timeout(MINUTE, waiting)
            .await
            .expect("the time has come")
            .expect("the task has ended");
        // Once is enough, and it may be behind as well.
        assert_eq!(clock.follow(now() + 5 * MINUTE), None);
        let behind = Timestamp::from_millis(now().as_millis() - 300_000);
        assert!(clock.follow(behind).is_some());
        assert!(clock.now() < now());
        // What a test advances is not real.
        clock.advance(60 * MINUTE);
        assert!(clock.now() > now());
        assert!(clock.real() < now());
    }
}
