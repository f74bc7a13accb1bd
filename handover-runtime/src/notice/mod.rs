//! What colleagues hear of a thread, and where they hear it.

mod notifier;
mod signature;
mod slack;

use std::fmt;
use std::sync::Arc;

use handover_protocol::{AppId, Object, Timestamp};
use serde::{Deserialize, Serialize};

pub(crate) use notifier::Address;
pub use notifier::{Notifier, NotifierError};

use crate::thread::{KnownOwner, ThreadKey};

/// Something that happened to a thread, on its way to a [`Notifier`] or a handler of `#[on_handoff]`.
///
/// A webhook gets it as JSON. The times are UTC; what is not known is left out:
///
/// ```json
/// {
///   "type": "thread.handed_over",
///   "timestamp": "2026-11-29T07:45:05.120Z",
///   "data": {
///     "account": "1744550565845823",
///     "person": "1254477777772919",
///     "product": "page",
///     "app": "263902037430900",
///     "since": "2026-11-29T07:45:05.120Z",
///     "note": "asked for a person"
///   }
/// }
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Notice {
    /// Its id, the same at each attempt to deliver it.
    pub id: String,
    /// The name of the notifier that it goes to; `on_handoff` for a handler.
    pub notifier: String,
    /// What happened.
    pub kind: NoticeKind,
    /// When it happened.
    pub at: Timestamp,
    /// The thread.
    pub thread: ThreadKey,
    /// The product of the thread.
    pub product: Object,
    /// The other app: the one that has the thread now, or that had it before it was returned.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub app: Option<AppId>,
    /// Since when that app has the thread, or had it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<Timestamp>,
    /// The metadata of the handoff, or with which the thread was returned.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

impl Notice {
    /// The notifier by which a handler goes.
    pub(crate) const HANDLER: &'static str = "on_handoff";

    /// For unit tests: this has happened to a thread on Messenger.
    ///
    /// ```
    /// use handover_runtime::{Notice, NoticeKind, ThreadKey};
    ///
    /// let thread = ThreadKey::new("1744550565845823", "1254477777772919");
    /// assert_eq!(Notice::new(NoticeKind::Unclaimed, thread).note, None);
    /// ```
    #[must_use]
    pub fn new(kind: NoticeKind, thread: ThreadKey) -> Self {
        Self {
            id: "notice_0".to_owned(),
            notifier: Self::HANDLER.to_owned(),
            kind,
            at: Timestamp::default(),
            thread,
            product: Object::Page,
            app: None,
            since: None,
            note: None,
        }
    }
}

/// Kind of a notice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum NoticeKind {
    /// The bot has handed it to another app. On the wire `thread.handed_over`.
    HandedOver,
    /// Nobody has answered within `unclaimed_after`, and the bot takes it back. On the wire
    /// `thread.unclaimed`.
    Unclaimed,
    /// The bot owns it again, returned by any app. On the wire `thread.returned`.
    Returned,
}

impl NoticeKind {
    /// Its name, as in the [column `kind`](Notice) and in metrics.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::HandedOver => "handed_over",
            Self::Unclaimed => "unclaimed",
            Self::Returned => "returned",
        }
    }
}

impl fmt::Display for NoticeKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What a notice says, before it is known which notifiers want it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct News {
    pub(crate) kind: NoticeKind,
    pub(crate) app: Option<AppId>,
    pub(crate) since: Option<Timestamp>,
    pub(crate) note: Option<String>,
}

impl News {
    /// Of a thread with this owner, which is another app, or was before.
    pub(crate) fn of(kind: NoticeKind, owner: &KnownOwner, note: Option<String>) -> Self {
        Self {
            kind,
            app: owner.app().cloned(),
            since: Some(owner.since),
            note,
        }
    }

    /// The notice for one notifier.
    pub(crate) fn to(
        &self,
        notifier: &str,
        product: &Object,
        thread: &ThreadKey,
        at: Timestamp,
    ) -> Notice {
        Notice {
            id: format!("notice_{:016x}", fastrand::u64(..)),
            notifier: notifier.to_owned(),
            kind: self.kind,
            at,
            thread: thread.clone(),
            product: product.clone(),
            app: self.app.clone(),
            since: self.since,
            note: self.note.clone(),
        }
    }
}

/// Which notifiers want which notices. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub(crate) struct Listeners {
    all: Option<Arc<[Listener]>>,
    /// Whether a handler waits for notices as well.
    handler: bool,
    /// Of the thread.
    product: Object,
}

#[derive(Clone, Debug)]
struct Listener {
    name: Arc<str>,
    kinds: Vec<NoticeKind>,
}

impl Listeners {
    pub(crate) fn of<'a>(notifiers: impl IntoIterator<Item = &'a Notifier>) -> Self {
        let listeners = notifiers.into_iter().map(|notifier| Listener {
            name: notifier.name.clone(),
            kinds: notifier.kinds.clone(),
        });
        Self::from(listeners.collect::<Vec<_>>())
    }

    fn from(all: Vec<Listener>) -> Self {
        Self {
            all: (!all.is_empty()).then(|| all.into()),
            handler: false,
            product: Object::default(),
        }
    }

    /// These, and a handler if there is one.
    pub(crate) fn with_handler(mut self, handler: bool) -> Self {
        self.handler = handler;
        self
    }

    /// These and others.
    pub(crate) fn and(&self, notifiers: &[Notifier]) -> Self {
        if notifiers.is_empty() {
            return self.clone();
        }
        let own = Self::of(notifiers);
        let both = self.all.iter().chain(&own.all);
        Self::from(both.flat_map(|all| all.iter().cloned()).collect()).with_handler(self.handler)
    }

    /// The same for a thread of this product.
    pub(crate) fn in_product(mut self, product: &Object) -> Self {
        if self.all.is_some() || self.handler {
            self.product = product.clone();
        }
        self
    }

    pub(crate) const fn has_handler(&self) -> bool {
        self.handler
    }

    pub(crate) const fn product(&self) -> &Object {
        &self.product
    }

    /// The names of those that want notices of this kind.
    pub(crate) fn of_kind(&self, kind: NoticeKind) -> impl Iterator<Item = &Arc<str>> {
        let all = self.all.iter().flat_map(|all| all.iter());
        all.filter(move |one| one.kinds.contains(&kind))
            .map(|one| &one.name)
    }
}
