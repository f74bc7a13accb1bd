use std::time::{Duration, SystemTime};

use handover_protocol::Timestamp;

/// Clock of the simulator: system time plus an offset that only grows.
pub(super) struct SimulatorClock {
    last: Timestamp,
    offset: Duration,
}

impl SimulatorClock {
    pub(super) fn new() -> Self {
        Self {
            last: system_time(Duration::ZERO),
            offset: Duration::ZERO,
        }
    }

    pub(super) fn now(&self) -> Timestamp {
        self.last.max(system_time(self.offset))
    }

    /// Returns a unique, increasing time for an action.
    pub(super) fn tick(&mut self) -> Timestamp {
        let next = Timestamp::from_millis(self.last.as_millis().saturating_add(1));
        self.last = next.max(system_time(self.offset));
        self.last
    }

    pub(super) fn advance(&mut self, by: Duration) {
        self.offset = self.offset.saturating_add(by);
        self.last = self.now();
    }

    /// Returns the offset from system time.
    pub(super) fn offset(&self) -> Duration {
        self.offset
    }
}

/// Adds milliseconds to a time.
pub(super) fn later(than: Timestamp, ms: u64) -> Timestamp {
    let ms = i64::try_from(ms).unwrap_or(i64::MAX);
    Timestamp::from_millis(than.as_millis().saturating_add(ms))
}

fn system_time(offset: Duration) -> Timestamp {
    let since_epoch = SystemTime::now()
        .duration_since(SystemTime::UNIX_EPOCH)
        .unwrap_or_default()
        .saturating_add(offset);
    Timestamp::from_millis(i64::try_from(since_epoch.as_millis()).unwrap_or(i64::MAX))
}
