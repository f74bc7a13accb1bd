use std::time::Duration;

/// Spans of time as a scenario says them: `30.minutes()`, `25.hours()`.
///
/// ```
/// use std::time::Duration;
///
/// use handover::testing::DurationExt;
///
/// assert_eq!(25.hours(), Duration::from_secs(25 * 60 * 60));
/// ```
pub trait DurationExt {
    /// So many seconds.
    fn seconds(self) -> Duration;
    /// So many minutes.
    fn minutes(self) -> Duration;
    /// So many hours.
    fn hours(self) -> Duration;
    /// So many days of 24 hours.
    fn days(self) -> Duration;
}

impl DurationExt for u32 {
    fn seconds(self) -> Duration {
        Duration::from_secs(self.into())
    }

    fn minutes(self) -> Duration {
        60.seconds() * self
    }

    fn hours(self) -> Duration {
        60.minutes() * self
    }

    fn days(self) -> Duration {
        24.hours() * self
    }
}
