use std::fmt;
use std::time::{Duration, SystemTime};

use handover::protocol::Timestamp;

/// Time since something happened, or until it happens, for people to read.
pub(crate) struct Age {
    time: Duration,
    is_ahead: bool,
}

impl Age {
    pub(crate) fn of(at: Timestamp) -> Self {
        let now = now();
        Self {
            time: at.max(now).duration_since(at.min(now)),
            is_ahead: at > now,
        }
    }
}

/// The system time.
pub(crate) fn now() -> Timestamp {
    SystemTime::now().into()
}

impl fmt::Display for Age {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = self.time.as_secs();
        let (number, unit) = match seconds {
            0..60 => (seconds, "s"),
            60..3600 => (seconds / 60, "min"),
            3600..172_800 => (seconds / 3600, "h"),
            _ => (seconds / 86_400, "d"),
        };
        if self.is_ahead {
            write!(f, "in {number} {unit}")
        } else {
            write!(f, "{number} {unit} ago")
        }
    }
}
