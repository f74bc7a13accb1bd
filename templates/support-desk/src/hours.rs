use std::fmt;
use std::ops::Range;
use std::time::{SystemTime, UNIX_EPOCH};

/// Hours of the day (UTC) in which agents answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OfficeHours(pub Range<u64>);

impl OfficeHours {
    pub(crate) fn are_now(&self) -> bool {
        let since = SystemTime::now().duration_since(UNIX_EPOCH);
        let hour = since.map_or(0, |since| since.as_secs() / 3600 % 24);
        self.0.contains(&hour)
    }
}

impl Default for OfficeHours {
    fn default() -> Self {
        Self(8..18)
    }
}

impl fmt::Display for OfficeHours {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "from {} to {} (UTC)", self.0.start, self.0.end)
    }
}
