use std::time::Duration;

use handover_protocol::{AccountId, AppId, Object, Timestamp};

use super::Backlog;
use crate::thread::{KnownOwner, Owner};

/// What a journal holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Figures {
    /// How much is waiting.
    pub(crate) backlog: Backlog,
    /// When the oldest event arrived that is not settled.
    pub(crate) oldest_event_at: Option<Timestamp>,
    /// When the oldest call was queued that is not sent.
    pub(crate) oldest_call_at: Option<Timestamp>,
    /// The threads that are known.
    pub(crate) threads: ThreadCounts,
}

/// Of which lanes figures are, where several nodes share a journal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum LaneScope {
    /// Those of this node.
    Node,
    /// All.
    All,
}

/// How much waits in all lanes, whichever node works them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct TotalBacklog {
    pub(crate) events: usize,
    pub(crate) calls: usize,
    pub(crate) notices: usize,
    pub(crate) dead_letters: usize,
}

impl From<Backlog> for TotalBacklog {
    fn from(backlog: Backlog) -> Self {
        Self {
            events: backlog.events,
            calls: backlog.calls,
            notices: backlog.notices,
            dead_letters: backlog.dead_letters,
        }
    }
}

/// Status of a node among those that share a journal.
#[cfg_attr(not(feature = "postgres"), allow(dead_code))]
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct NodeStatus {
    /// The machine and the number of the process.
    pub(crate) name: String,
    /// Whether its lease holds: otherwise it is starting, or cut off.
    pub(crate) has_lease: bool,
    /// How many of the 256 lanes it works.
    pub(crate) lanes: usize,
    /// How many nodes there are, itself included.
    pub(crate) nodes: usize,
    /// How many lanes have come to it or gone from it since it started.
    pub(crate) moves: u64,
    /// Accounts for which a node has paused sending.
    pub(crate) pauses: Vec<SharedPause>,
}

/// An account for which sending was paused when the last process ended. Other nodes tell of theirs by their
/// [`NodeStatus`].
#[cfg_attr(not(feature = "sqlite"), allow(dead_code))]
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct StoredPause {
    pub(crate) account: AccountId,
    pub(crate) until: Timestamp,
    pub(crate) reason: String,
}

/// A pause of sending for an account, which all nodes keep.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct SharedPause {
    pub(crate) account: AccountId,
    pub(crate) object: Object,
    /// How long it lasts from now on; `None` until there is another access token.
    pub(crate) left: Option<Duration>,
    /// By what a node recognises the token that was refused.
    pub(crate) token: Option<String>,
    pub(crate) reason: String,
}

/// What a node sees of the rows that several nodes share.
#[cfg_attr(not(feature = "postgres"), allow(dead_code))]
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct SharedFigures {
    /// How much other nodes have stored for its lanes that it has not taken up.
    pub(crate) arrivals: u64,
    /// How long the oldest of that has waited.
    pub(crate) lag: Duration,
    /// When the oldest event of its lanes arrived that is not settled.
    pub(crate) oldest_event_at: Option<Timestamp>,
    /// Rows that were deleted or replaced and are not vacuumed yet, by table.
    pub(crate) dead_tuples: Vec<(String, u64)>,
}

/// How many threads are whose, as far as the bot has seen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct ThreadCounts {
    /// The bot's.
    pub(crate) bot: usize,
    /// Those of the Page Inbox or the Instagram Inbox.
    pub(crate) inbox: usize,
    /// Those of other apps.
    pub(crate) app: usize,
    /// Idle or unknown ones: control ends 24 hours after it was seen last.
    pub(crate) unknown: usize,
}

impl ThreadCounts {
    pub(super) fn count(&mut self, ownership: &KnownOwner, now: Timestamp, threads: usize) {
        let of = match &ownership.owner {
            _ if ownership.has_expired(now) => &mut self.unknown,
            Owner::Unknown | Owner::Nobody => &mut self.unknown,
            Owner::Bot => &mut self.bot,
            Owner::Other(Some(app)) if is_inbox(app) => &mut self.inbox,
            Owner::Other(_) => &mut self.app,
        };
        *of += threads;
    }
}

fn is_inbox(app: &AppId) -> bool {
    *app == AppId::PAGE_INBOX || *app == AppId::INSTAGRAM_INBOX
}
