//! What became of signals and messages that were sent from outside a handler.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use handover_protocol::Timestamp;
use serde::{Deserialize, Serialize};
use tokio::sync::watch;

use super::QueuedCall;
use super::arrivals::Arrivals;
use super::privacy::ExportedRow;
use super::rules::DedupeKey;
use crate::failure_kind::FailureKind;
use crate::internal_event::InternalEvent;
use crate::thread::ThreadKey;

/// Status of a signal or message that was sent from outside a handler.
///
/// The JSON is that of the HTTP API: `{"status": "sent", "message_id": "m_…"}`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "status", rename_all = "snake_case")]
#[non_exhaustive]
pub enum ReceiptStatus {
    /// It is stored, and waits for its turn.
    Waiting,
    /// It waits until the bot may speak in the thread, as
    /// [`hold_until_back`](crate::Message::hold_until_back) asked.
    Held,
    /// Only of a signal: its handler ran, and said nothing.
    Handled,
    /// The platform accepted the message; of several, the last. Of a signal: what its handler said.
    Sent {
        /// The platform's id of the message, if its answer arrived.
        message_id: Option<String>,
    },
    /// It was given up.
    Failed {
        /// What kind of failure it is.
        kind: FailureKind,
        /// Why, in words.
        reason: String,
        /// The platform's error code; `None` if the bot did not try.
        code: Option<i64>,
        /// The platform's error subcode.
        subcode: Option<i64>,
    },
}

impl ReceiptStatus {
    /// Whether the status is final: [`Handled`](Self::Handled), [`Sent`](Self::Sent) or
    /// [`Failed`](Self::Failed).
    #[must_use]
    pub const fn is_final(&self) -> bool {
        !matches!(self, Self::Waiting | Self::Held)
    }

    /// Returns the name in JSON.
    #[must_use]
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Held => "held",
            Self::Handled => "handled",
            Self::Sent { .. } => "sent",
            Self::Failed { .. } => "failed",
        }
    }

    pub(crate) fn failed(kind: FailureKind, reason: impl Into<String>) -> Self {
        Self::Failed {
            kind,
            reason: reason.into(),
            code: None,
            subcode: None,
        }
    }
}

/// The number of a receipt that another node will store.
pub(crate) const FORWARDED: u64 = 0;

/// A receipt as it is stored; the JSON is what other programs are given.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(crate) struct StoredReceipt {
    /// Its number in the journal.
    #[serde(skip)]
    pub(crate) number: u64,
    /// The sender's name for what was sent; each thread has its own.
    pub(crate) id: String,
    #[serde(flatten)]
    pub(crate) thread: ThreadKey,
    /// The signal's name; none of a message.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) signal: Option<String>,
    /// Of what was sent: the same id with another content is a mistake.
    #[serde(skip)]
    pub(crate) digest: DedupeKey,
    #[serde(flatten)]
    pub(crate) status: ReceiptStatus,
    pub(crate) created_at: Timestamp,
    pub(crate) changed_at: Timestamp,
}

impl StoredReceipt {
    /// As it is handed to the person.
    pub(super) fn exported(&self) -> ExportedRow {
        let mut content = serde_json::to_value(&self.status).unwrap_or_default();
        content["id"] = self.id.clone().into();
        let name = self.signal.as_deref().unwrap_or("message");
        ExportedRow::new(name, self.created_at, content)
    }
}

/// Something to store from outside a handler, once for each id.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Submission {
    pub(crate) thread: ThreadKey,
    pub(crate) id: String,
    pub(crate) digest: DedupeKey,
    pub(crate) content: Submitted,
}

/// What is submitted.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Submitted {
    /// A signal, for now or for later.
    Signal(
        #[serde(with = "super::forward::shared")] Arc<InternalEvent>,
        Option<Timestamp>,
    ),
    /// A message, in as many calls as it takes.
    Calls(Vec<QueuedCall>),
}

impl Submitted {
    /// The signal's name.
    pub(crate) fn signal(&self) -> Option<String> {
        match self {
            Self::Signal(own, _) => own.signal().map(|signal| signal.name.clone()),
            Self::Calls(_) => None,
        }
    }
}

/// What [`Journal::submit`](super::Journal::submit) gives.
#[derive(Clone, Debug)]
pub(crate) struct SubmitResult {
    pub(crate) receipt: StoredReceipt,
    pub(crate) found: SubmitStatus,
}

/// Whether something was submitted before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SubmitStatus {
    /// It is new, and stored.
    New,
    /// It was stored before.
    Same,
    /// Something else was stored under its id.
    Other,
}

/// Who waits for receipts, and for events of a thread. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub(crate) struct Watchers {
    receipts: Arc<Mutex<HashMap<u64, watch::Sender<()>>>>,
    pub(super) arrivals: Arrivals,
}

impl Watchers {
    /// More are looked through for those that nobody waits for any more.
    const MANY: usize = 1024;

    /// Hears of every change of this receipt from now on. Ends when the journal is closed.
    pub(super) fn watch(&self, number: u64) -> watch::Receiver<()> {
        let mut all = self.lock();
        if all.len() >= Self::MANY {
            all.retain(|_, one| one.receiver_count() > 0);
        }
        all.entry(number).or_default().subscribe()
    }

    /// These have changed.
    pub(super) fn tell(&self, numbers: &[u64]) {
        if numbers.is_empty() {
            return;
        }
        let mut all = self.lock();
        for number in numbers {
            if let Some(one) = all.get(number)
                && one.send(()).is_err()
            {
                all.remove(number);
            }
        }
    }

    /// Nothing changes any more.
    pub(super) fn close(&self) {
        self.lock().clear();
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<u64, watch::Sender<()>>> {
        // The map is whole after every statement.
        self.receipts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
