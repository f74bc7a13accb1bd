//! Points in time as the platform writes them.

use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::ops::{Add, Sub};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde::de::{Error, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A point in time, in milliseconds since the Unix epoch.
///
/// Webhooks contain milliseconds, seconds (`changes`, `calls`, Lead Ads), and either of them as a
/// string (the dashboard's Test button). All four are read; the size of the number determines the unit.
/// A time that was read is written as a number in the same unit, any other in milliseconds. Exception:
/// times before March 1973 are written in seconds, because their milliseconds would be read as seconds.
///
/// ```
/// use handover_protocol::Timestamp;
///
/// let millis: Timestamp = serde_json::from_str("1527459824000")?;
/// let seconds: Timestamp = serde_json::from_str("\"1527459824\"")?;
/// assert_eq!(millis, seconds);
/// assert_eq!(serde_json::to_string(&seconds)?, "1527459824");
/// # Ok::<(), serde_json::Error>(())
/// ```
///
/// A [`Duration`] can be added and subtracted. Both stop at the earliest and the latest time that
/// there is.
///
/// ```
/// use std::time::Duration;
///
/// use handover_protocol::Timestamp;
///
/// let noon = Timestamp::from_secs(1_767_268_800);
/// let later = noon + Duration::from_secs(90);
/// assert_eq!(later.duration_since(noon), Duration::from_secs(90));
/// assert_eq!(noon.duration_since(later), Duration::ZERO);
/// ```
#[derive(Clone, Copy, Default)]
pub struct Timestamp {
    millis: i64,
    /// Unit in which it was written; the time is the same.
    in_seconds: bool,
}

impl Timestamp {
    /// 1970-01-01, 00:00 UTC.
    pub const UNIX_EPOCH: Self = Self::from_millis(0);

    /// Later than any other time.
    pub const MAX: Self = Self::from_millis(i64::MAX);

    /// Creates a time from milliseconds since the Unix epoch.
    pub const fn from_millis(millis: i64) -> Self {
        Self {
            millis,
            in_seconds: false,
        }
    }

    /// Creates a time from seconds since the Unix epoch.
    pub const fn from_secs(seconds: i64) -> Self {
        Self::from_millis(seconds.saturating_mul(1000))
    }

    /// Milliseconds since the Unix epoch.
    pub const fn as_millis(self) -> i64 {
        self.millis
    }

    /// Returns the duration since an earlier time; zero if the other time is later.
    #[must_use]
    pub fn duration_since(self, earlier: Self) -> Duration {
        let millis = self.millis.saturating_sub(earlier.millis);
        Duration::from_millis(u64::try_from(millis).unwrap_or(0))
    }

    /// Reads a number of milliseconds or seconds, as in a webhook.
    pub(crate) const fn reading(number: i64) -> Self {
        if looks_like_seconds(number) {
            Self {
                in_seconds: true,
                ..Self::from_secs(number)
            }
        } else {
            Self::from_millis(number)
        }
    }
}

/// Whether a number can only be seconds: as milliseconds it would lie before March 1973.
const fn looks_like_seconds(number: i64) -> bool {
    number.abs_diff(0) < 100_000_000_000
}

fn millis(time: Duration) -> i64 {
    i64::try_from(time.as_millis()).unwrap_or(i64::MAX)
}

impl Add<Duration> for Timestamp {
    type Output = Self;

    fn add(self, time: Duration) -> Self {
        Self::from_millis(self.millis.saturating_add(millis(time)))
    }
}

impl Sub<Duration> for Timestamp {
    type Output = Self;

    fn sub(self, time: Duration) -> Self {
        Self::from_millis(self.millis.saturating_sub(millis(time)))
    }
}

/// To the millisecond.
impl From<SystemTime> for Timestamp {
    fn from(time: SystemTime) -> Self {
        match time.duration_since(UNIX_EPOCH) {
            Ok(since) => Self::UNIX_EPOCH + since,
            Err(before) => Self::UNIX_EPOCH - before.duration(),
        }
    }
}

impl PartialEq for Timestamp {
    fn eq(&self, other: &Self) -> bool {
        self.millis == other.millis
    }
}

impl Eq for Timestamp {}

impl PartialOrd for Timestamp {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Timestamp {
    fn cmp(&self, other: &Self) -> Ordering {
        self.millis.cmp(&other.millis)
    }
}

impl Hash for Timestamp {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.millis.hash(state);
    }
}

impl fmt::Debug for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Timestamp").field(&self.millis).finish()
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.millis.fmt(f)
    }
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if !self.in_seconds && !looks_like_seconds(self.millis) {
            serializer.serialize_i64(self.millis)
        } else if self.millis % 1000 == 0 {
            serializer.serialize_i64(self.millis / 1000)
        } else {
            serializer.serialize_f64(self.millis as f64 / 1000.0)
        }
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(TimestampVisitor)
    }
}

struct TimestampVisitor;

impl Visitor<'_> for TimestampVisitor {
    type Value = Timestamp;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a point in time, in milliseconds or seconds, as a number or a string")
    }

    fn visit_i64<E>(self, number: i64) -> Result<Timestamp, E> {
        Ok(Timestamp::reading(number))
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<Timestamp, E> {
        i64::try_from(number)
            .map(Timestamp::reading)
            .map_err(|_| E::custom(format_args!("{number} is beyond any date")))
    }

    fn visit_f64<E: Error>(self, number: f64) -> Result<Timestamp, E> {
        let seconds = looks_like_seconds(number.trunc() as i64);
        let millis = if seconds { number * 1000.0 } else { number };
        if millis.abs() < i64::MAX as f64 {
            Ok(Timestamp {
                millis: millis.round() as i64,
                in_seconds: seconds,
            })
        } else {
            Err(E::custom(format_args!("{number} is beyond any date")))
        }
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Timestamp, E> {
        let digits = text.trim();
        match (digits.parse::<i64>(), digits.parse::<f64>()) {
            (Ok(whole), _) => self.visit_i64(whole),
            (_, Ok(number)) => self.visit_f64(number),
            _ => Err(E::custom("not a number of milliseconds or seconds")),
        }
    }
}
