use std::fmt;
use std::time::{SystemTime, UNIX_EPOCH};

/// How long ago something was, or how long it is until then, for people to read.
pub(crate) struct Age {
    ms: i64,
}

impl Age {
    /// Of a time in ms since 1970.
    pub(crate) fn of(at: i64) -> Self {
        Self { ms: now() - at }
    }
}

/// The time in ms since 1970.
pub(crate) fn now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.map_or(0, |since| {
        i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
    })
}

impl fmt::Display for Age {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = self.ms.unsigned_abs() / 1000;
        let (number, unit) = match seconds {
            0..60 => (seconds, "s"),
            60..3600 => (seconds / 60, "min"),
            3600..172_800 => (seconds / 3600, "h"),
            _ => (seconds / 86_400, "d"),
        };
        match self.ms {
            ..0 => write!(f, "in {number} {unit}"),
            _ => write!(f, "{number} {unit} ago"),
        }
    }
}
