//! Threads and who owns them.

use std::borrow::Cow;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use std::time::Duration;

use handover_protocol::{AccountId, AppId, EventBody, PersonId, Received, Recipient, Timestamp};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::event_time::EventTime;

/// Key of a thread: an account (Page or Instagram professional account) and the other party.
///
/// ```
/// use handover_runtime::ThreadKey;
///
/// let thread = ThreadKey::new("1744550565845823", "1254477777772919");
/// assert_eq!(thread.to_string(), "1744550565845823/1254477777772919");
/// ```
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct ThreadKey {
    /// The Page or Instagram professional account.
    pub account: AccountId,
    /// The other party.
    #[serde(rename = "person")]
    pub party: ThreadParty,
}

/// The other party of a thread.
///
/// As text: the id of the person, `user_ref:…` for a visitor, and empty for the account itself.
///
/// ```
/// use handover_runtime::ThreadParty;
///
/// let visitor = ThreadParty::Visitor("visitor-17".into());
/// assert_eq!(visitor.to_string(), "user_ref:visitor-17");
/// assert_eq!(ThreadParty::from("user_ref:visitor-17"), visitor);
/// assert_eq!(ThreadParty::from(""), ThreadParty::Account);
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ThreadParty {
    /// A person, by id: a PSID, or on Instagram an IGSID.
    Person(PersonId),
    /// A visitor of a website without an id yet, by the `user_ref` of a plugin.
    Visitor(Arc<str>),
    /// The account itself, for events such as `app_roles`.
    Account,
}

/// Ids of people differ from account to account, so the account does not enter, but for its own
/// thread: the journal looks threads up many times for each message.
impl Hash for ThreadKey {
    fn hash<H: Hasher>(&self, state: &mut H) {
        let text = match &self.party {
            ThreadParty::Person(person) => person.as_str(),
            ThreadParty::Visitor(user_ref) => user_ref,
            ThreadParty::Account => self.account.as_str(),
        };
        state.write(text.as_bytes());
    }
}

impl ThreadKey {
    /// Creates the key of a thread of this account. [`ThreadParty`] describes which text is which party.
    pub fn new(account: impl Into<AccountId>, party: impl Into<ThreadParty>) -> Self {
        Self {
            account: account.into(),
            party: party.into(),
        }
    }

    /// The thread of an event.
    #[must_use]
    pub fn of(received: &Received) -> Self {
        let event = &received.event;
        let party = match (event.person(&received.account), event.user_ref()) {
            (Some(person), _) => person.clone().into(),
            (None, Some(user_ref)) => ThreadParty::Visitor(user_ref.into()),
            (None, None) => ThreadParty::Account,
        };
        Self::new(received.account.clone(), party)
    }

    /// The thread of what concerns the account as a whole.
    pub(crate) fn of_account(&self) -> Self {
        Self::new(self.account.clone(), ThreadParty::Account)
    }

    /// The person, unless this is the thread of the account or of a visitor without an id.
    #[must_use]
    pub fn person(&self) -> Option<&PersonId> {
        match &self.party {
            ThreadParty::Person(person) => Some(person),
            ThreadParty::Visitor(_) | ThreadParty::Account => None,
        }
    }

    /// How an event of the account as a whole names the person in its JSON, such as a comment of theirs.
    pub(crate) fn quoted_person(&self) -> Option<String> {
        self.person().map(|person| format!("\"{person}\""))
    }

    /// Recipient of a message in this thread; `None` in the thread of the account itself.
    ///
    /// ```
    /// use handover_protocol::Recipient;
    /// use handover_runtime::ThreadKey;
    ///
    /// let to = |party| ThreadKey::new("1744550565845823", party).recipient();
    /// assert_eq!(to("1254477777772919"), Some(Recipient::id("1254477777772919")));
    /// assert_eq!(to("user_ref:visitor-17"), Some(Recipient::user_ref("visitor-17")));
    /// assert_eq!(to(""), None);
    /// ```
    #[must_use]
    pub fn recipient(&self) -> Option<Recipient> {
        match &self.party {
            ThreadParty::Person(person) => Some(Recipient::id(person.clone())),
            ThreadParty::Visitor(user_ref) => Some(Recipient::user_ref(&**user_ref)),
            ThreadParty::Account => None,
        }
    }
}

impl fmt::Display for ThreadKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.account, self.party)
    }
}

impl ThreadParty {
    const VISITOR: &str = "user_ref:";

    /// Text form, as the journal stores it.
    pub(crate) fn as_text(&self) -> Cow<'_, str> {
        match self {
            Self::Person(person) => person.as_str().into(),
            Self::Visitor(user_ref) => [Self::VISITOR, user_ref].concat().into(),
            Self::Account => "".into(),
        }
    }
}

impl From<PersonId> for ThreadParty {
    fn from(person: PersonId) -> Self {
        match person.as_str().strip_prefix(Self::VISITOR) {
            Some(user_ref) => Self::Visitor(user_ref.into()),
            None if person.as_str().is_empty() => Self::Account,
            None => Self::Person(person),
        }
    }
}

impl From<&str> for ThreadParty {
    fn from(text: &str) -> Self {
        PersonId::from(text).into()
    }
}

impl From<String> for ThreadParty {
    fn from(text: String) -> Self {
        PersonId::from(text).into()
    }
}

impl fmt::Display for ThreadParty {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Person(person) => person.fmt(f),
            Self::Visitor(user_ref) => write!(f, "{}{user_ref}", Self::VISITOR),
            Self::Account => Ok(()),
        }
    }
}

impl Serialize for ThreadParty {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for ThreadParty {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        PersonId::deserialize(deserializer).map(Self::from)
    }
}

/// Owner of a thread, as far as the bot knows.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Owner {
    /// No event has shown the owner yet, or it is not certain any more that another app is.
    #[default]
    Unknown,
    /// This bot, or no other app as far as the bot knows: it may answer.
    Bot,
    /// No app: the bot has released the thread.
    Nobody,
    /// Another app, by id if that is known.
    Other(Option<AppId>),
}

impl fmt::Display for Owner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unknown => f.write_str("unknown"),
            Self::Bot => f.write_str("the bot"),
            Self::Nobody => f.write_str("nobody"),
            Self::Other(Some(id)) => write!(f, "app {id}"),
            Self::Other(None) => f.write_str("another app"),
        }
    }
}

/// Who may speak in a thread: its owner, and whether the bot is paused beside a human.
///
/// As an argument of a handler, it is what the bot knows when the handler is called:
///
/// ```
/// use handover_runtime::{Owner, Ownership};
///
/// async fn log_owner(ownership: Ownership) {
///     if let Owner::Other(app) = &ownership.owner {
///         println!("{app:?} has the thread since {:?}", ownership.since);
///     }
/// }
/// # let _ = log_owner(Ownership::default());
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Ownership {
    /// The owner, as far as the bot knows.
    pub owner: Owner,
    /// Since when; `None` while the owner is unknown.
    pub since: Option<Timestamp>,
    /// Until when the bot is silent because a human answers beside it; `None` if it is not.
    pub paused_until: Option<Timestamp>,
}

impl Ownership {
    /// For unit tests: this owner, and no pause.
    #[must_use]
    pub fn new(owner: Owner) -> Self {
        Self {
            owner,
            ..Self::default()
        }
    }
}

/// Time until which the bot and humans may answer in a thread, by the platform's rules.
///
/// A bot may answer for 24 hours after the person last wrote or tapped something (protocol: windows and
/// tags), by the timestamp of the event, which may arrive late.
///
/// ```
/// use handover_runtime::Window;
///
/// async fn remind(window: Window) -> Option<&'static str> {
///     window.is_open().then_some("Your basket is waiting.")
/// }
/// # let _ = remind(Window::since(None, Default::default()));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Window {
    /// Until when the bot may answer. `None` if the bot does not know when the person last wrote:
    /// never, as far as it heard, or while another app had the thread and nothing came on standby.
    pub open_until: Option<Timestamp>,
    /// Until when a human may answer, with the tag `HUMAN_AGENT`: 7 days after the person last wrote.
    /// `None` as for `open_until`.
    pub human_agent_until: Option<Timestamp>,
    now: Timestamp,
}

impl Window {
    const DAY: Duration = Duration::from_secs(24 * 60 * 60);

    /// The window at the time `now`, if the person last wrote at `wrote_at`. For unit tests.
    #[must_use]
    pub fn since(wrote_at: Option<Timestamp>, now: Timestamp) -> Self {
        Self {
            open_until: wrote_at.map(|at| at + Self::DAY),
            human_agent_until: wrote_at.map(|at| at + 7 * Self::DAY),
            now,
        }
    }

    /// Whether the bot may answer now. Yes where it does not know: the platform decides then.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.open_until.is_none_or(|until| self.now <= until)
    }

    /// Whether a human may answer now, with the tag `HUMAN_AGENT`. Yes where the bot does not know.
    #[must_use]
    pub fn is_open_to_humans(&self) -> bool {
        self.human_agent_until.is_none_or(|until| self.now <= until)
    }

    /// For how long the bot may still answer; `None` if it does not know.
    ///
    /// ```
    /// use std::time::Duration;
    /// use handover_runtime::Window;
    ///
    /// let hour = Duration::from_secs(3600);
    /// let wrote_at = Default::default();
    /// let window = Window::since(Some(wrote_at), wrote_at + 23 * hour);
    /// assert_eq!(window.left(), Some(hour));
    /// ```
    #[must_use]
    pub fn left(&self) -> Option<Duration> {
        self.open_until.map(|until| until.duration_since(self.now))
    }
}

/// The owner of a thread, and how the bot knows.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct KnownOwner {
    /// The owner.
    pub(crate) owner: Owner,
    /// Start of the ownership.
    pub(crate) since: Timestamp,
    /// Time of the last event that showed it.
    pub(crate) seen_at: Timestamp,
    /// Number of the last event that had arrived by then. Later events are more recent.
    pub(crate) as_of: u64,
    /// When the last handover happened that an event announced, by the platform's clock. An event from before that
    /// arrives late, and shows an owner of earlier. The bot's own calls do not count: they are known by the bot's
    /// clock, and if that is ahead, later handovers would pass for earlier ones.
    pub(crate) confirmed_at: Timestamp,
}

impl KnownOwner {
    /// Control ends 24 hours after the person's last message (protocol: conversation routing), and
    /// no event says so.
    pub(crate) const EXPIRES_AFTER: Duration = Duration::from_secs(24 * 60 * 60);

    /// An owner that was seen at this time, after the event with this number.
    pub(crate) fn seen(owner: Owner, seen_at: Timestamp, as_of: u64) -> Self {
        Self {
            owner,
            since: seen_at,
            seen_at,
            as_of,
            confirmed_at: Timestamp::UNIX_EPOCH,
        }
    }

    /// Whether a handover that is known happened after this event.
    pub(crate) fn is_newer_than(&self, time: &EventTime) -> bool {
        self.is_newer_by(Duration::ZERO, time)
    }

    /// Whether it happened at least so long after this event.
    pub(crate) fn is_newer_by(&self, least: Duration, time: &EventTime) -> bool {
        time.stamp
            .is_some_and(|stamp| stamp + least < self.confirmed_at)
    }

    /// An owner that an event showed. A change of owner is announced by the platform after it
    /// happened, however late the bot records its own call.
    pub(crate) fn seen_in(&self, owner: Owner, received: &Received, time: &EventTime) -> Self {
        let announced = matches!(
            received.event.body,
            EventBody::PassThreadControl(_) | EventBody::TakeThreadControl(_)
        );
        let as_of = if announced {
            time.sequence.max(self.as_of)
        } else {
            // A response of the platform that came after this event takes precedence.
            time.sequence.saturating_sub(1)
        };
        let confirmed_at = time.stamp.filter(|_| announced);
        Self {
            confirmed_at: confirmed_at.unwrap_or(Timestamp::UNIX_EPOCH),
            ..Self::seen(owner, time.at, as_of)
        }
    }

    /// Takes over a later observation. Ignores an older one: the event may have waited.
    pub(crate) fn learn(&mut self, later: Self) {
        if later.as_of < self.as_of {
            return;
        }
        let before = std::mem::replace(self, later);
        self.confirmed_at = self.confirmed_at.max(before.confirmed_at);
        match (&before.owner, &self.owner) {
            (Owner::Other(_), Owner::Other(id)) => {
                if id.is_none() {
                    self.owner = before.owner;
                }
            }
            (owner, now) if owner == now => {}
            _ => return,
        }
        self.since = before.since;
        // The event may have happened before the last one.
        self.seen_at = self.seen_at.max(before.seen_at);
    }

    /// The app that owns it, if that is another and known.
    pub(crate) fn app(&self) -> Option<&AppId> {
        match &self.owner {
            Owner::Other(app) => app.as_ref(),
            Owner::Unknown | Owner::Bot | Owner::Nobody => None,
        }
    }

    /// Returns the other app that certainly owns the thread now.
    ///
    /// An unknown owner counts as the bot: the platform refuses the call if that is wrong.
    pub(crate) fn other_owner(&self, now: Timestamp) -> Option<&Owner> {
        let is_other = matches!(self.owner, Owner::Other(_));
        (is_other && !self.has_expired(now)).then_some(&self.owner)
    }

    /// When an owner that is not seen again may own the thread no more.
    pub(crate) fn expires_at(&self) -> Timestamp {
        self.seen_at + Self::EXPIRES_AFTER
    }

    /// Whether the ownership has expired.
    pub(crate) fn has_expired(&self, now: Timestamp) -> bool {
        now.duration_since(self.seen_at) >= Self::EXPIRES_AFTER
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_read_back_is_what_was_written() {
        for party in [
            ThreadParty::Person("1254477777772919".into()),
            ThreadParty::Visitor("visitor-17".into()),
            ThreadParty::Account,
        ] {
            assert_eq!(party.as_text(), party.to_string());
            assert_eq!(ThreadParty::from(&*party.as_text()), party);
            let key = ThreadKey::new("1744550565845823", party.clone());
            let json = serde_json::to_value(&key).unwrap();
            assert_eq!(json["person"], party.to_string());
            assert_eq!(serde_json::from_value::<ThreadKey>(json).unwrap(), key);
        }
    }

    #[test]
    fn keys_are_as_small_as_their_two_ids() {
        assert_eq!(size_of::<ThreadKey>(), 2 * size_of::<PersonId>());
    }
}
