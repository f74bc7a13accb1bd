use std::time::Duration;

/// Durations such as `30.minutes()` and `25.hours()`.
///
/// ```
/// use std::time::Duration;
///
/// use handover::testing::DurationExt;
///
/// assert_eq!(25.hours(), Duration::from_secs(25 * 60 * 60));
/// ```
pub trait DurationExt {
    /// Seconds.
    fn seconds(self) -> Duration;
    /// Minutes.
    fn minutes(self) -> Duration;
    /// Hours.
    fn hours(self) -> Duration;
    /// Days of 24 hours.
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
