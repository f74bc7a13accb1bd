//! The bot's time.

#[cfg(feature = "postgres")]
use std::sync::atomic::AtomicI64;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, LazyLock, Mutex, PoisonError};
use std::time::{Duration, Instant, SystemTime};

use handover_protocol::Timestamp;
use tokio::sync::Notify;
use tokio::time::sleep;

use crate::failpoint;

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

/// How often a waiting task looks at the clock. The timers of the process stand still while the machine sleeps,
/// and do not hear that the system clock is set.
const LOOK_EVERY: Duration = Duration::from_secs(5);

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
        self.of_platform(now)
    }

    /// A time of the platform as this clock shows it, which a test may have advanced.
    pub(crate) fn of_platform(&self, time: Timestamp) -> Timestamp {
        time + Duration::from_millis(self.0.ms.load(Ordering::Relaxed))
    }

    /// The time as other programs have it, whatever a test has advanced: that of the shared clock, or else of the
    /// system clock, which may have been set back.
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
                () = sleep(left.min(LOOK_EVERY)) => {}
                () = changed => {}
            }
        }
    }
}

/// The system time, which never goes back within a process: see [`SteadyClock`].
pub(crate) fn now() -> Timestamp {
    static CLOCK: LazyLock<Mutex<SteadyClock>> = LazyLock::new(|| {
        Mutex::new(SteadyClock {
            time: failpoint::system_time(),
            read_at: Instant::now(),
        })
    });
    // It is consistent after every statement.
    let mut clock = CLOCK.lock().unwrap_or_else(PoisonError::into_inner);
    let system = failpoint::system_time();
    clock.read(system, Instant::now()).into()
}

/// Follows the system clock. When that is set forward, or the machine has slept, so does this one at once. When
/// it is set back, this one goes at half speed until the system clock has caught up: later events never have
/// earlier times, and timers that count from a moment ago still run out.
#[derive(Debug)]
struct SteadyClock {
    time: SystemTime,
    read_at: Instant,
}

impl SteadyClock {
    /// The time, when the system clock shows this one. `at` does not depend on the system clock.
    fn read(&mut self, system: SystemTime, at: Instant) -> SystemTime {
        let passed = at.saturating_duration_since(self.read_at);
        self.time = system.max(self.time + passed / 2);
        self.read_at = at;
        self.time
    }
}

/// A time as people and JSON write it: UTC, to the millisecond.
pub(crate) fn iso(time: Timestamp) -> String {
    match jiff::Timestamp::from_millisecond(time.as_millis()) {
        Ok(time) => format!("{time:.3}"),
        Err(_) => time.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: Duration = Duration::from_secs(60);
    const HOUR: Duration = Duration::from_secs(60 * 60);

    #[test]
    fn the_clock_follows_the_system_and_never_goes_back() {
        let start = SystemTime::UNIX_EPOCH + 500_000 * HOUR;
        let begun = Instant::now();
        let mut clock = SteadyClock {
            time: start,
            read_at: begun,
        };
        let mut read = |system: Duration, passed: Duration| {
            let time = clock.read(start + system, begun + passed);
            time.duration_since(start).unwrap()
        };
        assert_eq!(read(MINUTE, MINUTE), MINUTE);
        // The machine has slept.
        assert_eq!(read(5 * HOUR, 2 * MINUTE), 5 * HOUR);
        // The system clock is set back by an hour.
        assert_eq!(read(4 * HOUR, 2 * MINUTE), 5 * HOUR);
        assert_eq!(read(5 * HOUR, HOUR + 2 * MINUTE), 5 * HOUR + HOUR / 2);
        assert_eq!(read(6 * HOUR, 2 * HOUR + 2 * MINUTE), 6 * HOUR);
        assert_eq!(read(7 * HOUR, 3 * HOUR + 2 * MINUTE), 7 * HOUR);
    }

    #[test]
    fn a_clock_that_is_ahead_does_not_stop_however_often_it_is_read() {
        let (start, begun) = (SystemTime::now(), Instant::now());
        let mut clock = SteadyClock {
            time: start,
            read_at: begun,
        };
        for microseconds in 1..=1000 {
            let at = begun + Duration::from_micros(microseconds);
            clock.read(start - HOUR, at);
        }
        assert_eq!(clock.time, start + Duration::from_micros(500));
    }

    /// When the machine has slept, no timer of the process has run out.
    #[tokio::test]
    async fn a_waiting_task_sees_that_the_clock_was_set() {
        let clock = Clock::default();
        let time = clock.now() + HOUR;
        let waiting = tokio::spawn({
            let clock = clock.clone();
            async move { clock.until(Some(time)).await }
        });
        tokio::task::yield_now().await;
        // Without a word, unlike `advance`.
        clock.0.ms.store(3_600_000, Ordering::Relaxed);
        tokio::time::timeout(MINUTE, waiting)
            .await
            .expect("the time has come")
            .expect("the task has ended");
    }

    #[cfg(feature = "postgres")]
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
