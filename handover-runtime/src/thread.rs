//! Threads and who owns them.

use std::fmt;

use std::time::Duration;

use handover_protocol::{AccountId, AppId, EventBody, PersonId, Received, Recipient, Timestamp};
use serde::{Deserialize, Serialize};

/// One conversation: an account (Page or Instagram professional account) and a person.
///
/// ```
/// use handover_runtime::ThreadKey;
///
/// let thread = ThreadKey::new("1744550565845823", "1254477777772919");
/// assert_eq!(thread.to_string(), "1744550565845823/1254477777772919");
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct ThreadKey {
    /// The Page or Instagram professional account.
    pub account: AccountId,
    /// The person: a PSID, or on Instagram an IGSID. Empty for events that belong to the account
    /// as a whole, such as `app_roles`; `user_ref:…` for a visitor of a website whom only a plugin
    /// names.
    pub person: PersonId,
}

impl ThreadKey {
    const VISITOR: &str = "user_ref:";

    /// The thread of this account with this person.
    pub fn new(account: impl Into<AccountId>, person: impl Into<PersonId>) -> Self {
        Self {
            account: account.into(),
            person: person.into(),
        }
    }

    /// The thread of an event.
    #[must_use]
    pub fn of(received: &Received) -> Self {
        let event = &received.event;
        let visitor = |user_ref| PersonId::new([Self::VISITOR, user_ref].concat());
        let person = match event.person(&received.account) {
            Some(person) => person.clone(),
            None => event.user_ref().map_or(PersonId::from_static(""), visitor),
        };
        Self {
            account: received.account.clone(),
            person,
        }
    }

    /// The person, unless this is the account's own lane, or that of a visitor without an id.
    #[must_use]
    pub fn person(&self) -> Option<&PersonId> {
        let names_a_person = !self.is_the_accounts() && self.visitor().is_none();
        names_a_person.then_some(&self.person)
    }

    /// Whom a message in this thread goes to: nobody in the account's own lane.
    ///
    /// ```
    /// use handover_protocol::Recipient;
    /// use handover_runtime::ThreadKey;
    ///
    /// let to = |person| ThreadKey::new("1744550565845823", person).recipient();
    /// assert_eq!(to("1254477777772919"), Some(Recipient::id("1254477777772919")));
    /// assert_eq!(to("user_ref:visitor-17"), Some(Recipient::user_ref("visitor-17")));
    /// assert_eq!(to(""), None);
    /// ```
    #[must_use]
    pub fn recipient(&self) -> Option<Recipient> {
        match self.visitor() {
            Some(user_ref) => Some(Recipient::user_ref(user_ref)),
            None => self.person().cloned().map(Recipient::id),
        }
    }

    fn visitor(&self) -> Option<&str> {
        self.person.as_str().strip_prefix(Self::VISITOR)
    }

    /// Whether its events belong to the account as a whole.
    pub(crate) fn is_the_accounts(&self) -> bool {
        self.person.as_str().is_empty()
    }
}

impl fmt::Display for ThreadKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.account, self.person)
    }
}

/// Who owns a thread, as far as the bot can know it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Owner {
    /// Nothing was seen yet that tells.
    #[default]
    Unknown,
    /// This bot, or nobody else as far as it knows: it may speak.
    Bot,
    /// Another app, by id where that is known.
    Other(Option<AppId>),
}

impl fmt::Display for Owner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unknown => f.write_str("unknown"),
            Self::Bot => f.write_str("the bot"),
            Self::Other(Some(id)) => write!(f, "app {id}"),
            Self::Other(None) => f.write_str("another app"),
        }
    }
}

/// The owner of a thread, and how the bot knows.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Ownership {
    /// The owner.
    pub owner: Owner,
    /// Since when it is the owner.
    pub since: Timestamp,
    /// When it was seen last.
    pub seen_at: Timestamp,
    /// The number of the last event that had arrived by then. Later ones may know better.
    pub as_of: u64,
}

impl Ownership {
    /// Control ends 24 hours after the person's last message (protocol: conversation routing), and
    /// no event says so.
    pub(crate) const EXPIRES_AFTER: Duration = Duration::from_secs(24 * 60 * 60);

    /// An owner that was seen at this time, when this was the last event that had arrived.
    pub(crate) fn seen(owner: Owner, seen_at: Timestamp, as_of: u64) -> Self {
        Self {
            owner,
            since: seen_at,
            seen_at,
            as_of,
        }
    }

    /// An owner that an event showed. A change of owner is announced by the platform after it
    /// happened, however late the bot records its own call.
    pub(crate) fn seen_in(
        &self,
        owner: Owner,
        received: &Received,
        received_at: Timestamp,
        sequence: u64,
    ) -> Self {
        let announced = matches!(
            received.event.body,
            EventBody::PassThreadControl(_) | EventBody::TakeThreadControl(_)
        );
        let as_of = if announced {
            sequence.max(self.as_of)
        } else {
            // What an answer of the platform told when this event had arrived weighs more.
            sequence.saturating_sub(1)
        };
        Self::seen(owner, received_at, as_of)
    }

    /// Takes over what is known later; an event that waited may tell of a time gone by.
    pub(crate) fn learn(&mut self, later: Self) {
        if later.as_of < self.as_of {
            return;
        }
        let before = std::mem::replace(self, later);
        match (&before.owner, &self.owner) {
            (Owner::Other(_), Owner::Other(id)) => {
                self.since = before.since;
                if id.is_none() {
                    self.owner = before.owner;
                }
            }
            (owner, now) if owner == now => self.since = before.since,
            _ => {}
        }
    }

    /// The app that certainly owns the thread now, if that is not the bot.
    ///
    /// An unknown owner counts as the bot: the platform itself refuses where that is not so.
    pub(crate) fn other_owner(&self, now: Timestamp) -> Option<&Owner> {
        let is_other = matches!(self.owner, Owner::Other(_));
        (is_other && !self.has_expired(now)).then_some(&self.owner)
    }

    /// Whether nobody may own the thread any more.
    pub(crate) fn has_expired(&self, now: Timestamp) -> bool {
        now.duration_since(self.seen_at) >= Self::EXPIRES_AFTER
    }
}
