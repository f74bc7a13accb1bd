//! How long old rows are kept.

use std::time::Duration;

/// How long a [`Journal`](crate::journal::Journal) keeps old rows.
///
/// ```
/// use std::time::Duration;
/// use handover_runtime::journal::Retention;
///
/// let week = Duration::from_secs(7 * 24 * 3600);
/// let retention = Retention::default().settled(week);
/// assert_eq!(retention.settled, week);
/// assert_eq!(retention.seen, week);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Retention {
    /// Settled events, to inspect and replay them. Default: 3 days.
    pub settled: Duration,
    /// Dedupe keys of redelivered events, and receipts of what was sent from outside a handler. Default:
    /// 7 days. The platform repeats deliveries for up to 36 hours (protocol: acknowledgement, retries,
    /// order).
    pub seen: Duration,
    /// Sessions, with what else is known of a thread, after nothing has changed in it: for ever.
    pub sessions: Option<Duration>,
    /// Dead letters: for ever.
    pub dead_letters: Option<Duration>,
}

impl Default for Retention {
    fn default() -> Self {
        const DAY: Duration = Duration::from_secs(24 * 3600);
        Self {
            settled: DAY * 3,
            seen: DAY * 7,
            sessions: None,
            dead_letters: None,
        }
    }
}

impl Retention {
    /// How long settled events are kept. Default: 3 days.
    #[must_use]
    pub fn settled(mut self, settled: Duration) -> Self {
        self.settled = settled;
        self
    }

    /// How long redelivered events are recognised. Default: 7 days.
    #[must_use]
    pub fn seen(mut self, seen: Duration) -> Self {
        self.seen = seen;
        self
    }

    /// How long a session is kept after nothing has changed in its thread, and with it what else is known
    /// of the thread: owner, pause, window. Threads with something to do are left alone. Default: for ever.
    #[must_use]
    pub fn sessions(mut self, time: Duration) -> Self {
        self.sessions = Some(time);
        self
    }

    /// How long dead letters are kept. Default: for ever.
    #[must_use]
    pub fn dead_letters(mut self, time: Duration) -> Self {
        self.dead_letters = Some(time);
        self
    }
}

/// How long it is remembered that a request for deletion was carried out.
pub(super) const DELETIONS: Duration = Duration::from_secs(90 * 24 * 3600);
