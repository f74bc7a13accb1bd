use std::fmt;
use std::time::Duration;

use crate::server::TimelineItem;

/// Timeout of [`Simulator::wait_until`](crate::Simulator::wait_until). Prints the description and
/// the timeline.
pub struct TimedOut {
    what: String,
    after: Duration,
    timeline: Vec<TimelineItem>,
}

impl TimedOut {
    pub(crate) fn new(what: &str, after: Duration, timeline: Vec<TimelineItem>) -> Self {
        Self {
            what: what.to_owned(),
            after,
            timeline,
        }
    }
}

impl std::error::Error for TimedOut {}

impl fmt::Display for TimedOut {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "not within {:?}: {}\n\n", self.after, self.what)?;
        if self.timeline.is_empty() {
            return f.write_str("No webhook was sent and no call was made.");
        }
        f.write_str("What the simulator saw:")?;
        self.timeline
            .iter()
            .try_for_each(|item| write!(f, "\n{item}"))
    }
}

/// Like `Display`, so that `unwrap` in a test prints something to read.
impl fmt::Debug for TimedOut {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
