use std::fmt;

use handover_protocol::Timestamp;
use serde::Serialize;

use super::Threads;
use crate::journal::{JournalError, ReceiptStatus, StoredReceipt};
use crate::thread::ThreadKey;

/// Receipt of a signal or message that was sent from outside a handler: id, status and times. Cheap to
/// clone.
///
/// It can be waited for, and looked up later by its id ([`ThreadHandle::receipt`]). Receipts are kept
/// for 7 days after their last change, as [`Retention::seen`](crate::journal::Retention::seen) says.
///
/// ```no_run
/// use handover_runtime::Threads;
/// use handover_runtime::journal::ReceiptStatus;
///
/// # async fn example(threads: Threads) -> Result<(), Box<dyn std::error::Error>> {
/// let thread = threads.of("1744550565845823", "1254477777772919");
/// let receipt = thread.send("Your table is ready.").id("table-7").await?;
/// match receipt.wait().await?.status() {
///     ReceiptStatus::Sent { .. } => println!("sent"),
///     ReceiptStatus::Held => println!("a colleague has the thread; it is sent afterwards"),
///     ReceiptStatus::Failed { reason, .. } => println!("not sent: {reason}"),
///     _ => {}
/// }
/// # Ok(())
/// # }
/// ```
///
/// [`ThreadHandle::receipt`]: crate::ThreadHandle::receipt
#[derive(Clone)]
pub struct Receipt {
    threads: Threads,
    stored: StoredReceipt,
    is_new: bool,
}

impl Receipt {
    pub(super) fn new(threads: Threads, stored: StoredReceipt, is_new: bool) -> Self {
        Self {
            threads,
            stored,
            is_new,
        }
    }

    /// The id that it was sent with, or that it was given.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.stored.id
    }

    /// The thread.
    #[must_use]
    pub fn thread(&self) -> &ThreadKey {
        &self.stored.thread
    }

    /// Name of the signal; `None` for a message.
    #[must_use]
    pub fn signal(&self) -> Option<&str> {
        self.stored.signal.as_deref()
    }

    /// Status when the receipt was obtained.
    #[must_use]
    pub fn status(&self) -> &ReceiptStatus {
        &self.stored.status
    }

    /// Whether it was stored by this call, and not earlier under the same id.
    #[must_use]
    pub fn is_new(&self) -> bool {
        self.is_new
    }

    /// Time at which it was stored.
    #[must_use]
    pub fn created_at(&self) -> Timestamp {
        self.stored.created_at
    }

    /// Time of the last change of the status.
    #[must_use]
    pub fn changed_at(&self) -> Timestamp {
        self.stored.changed_at
    }

    /// Waits until it is sent, handled or held, or failed for good. Put a [`tokio::time::timeout`] around it: the
    /// platform may be down for hours.
    ///
    /// # Errors
    ///
    /// If the store cannot be read, or the bot stops before.
    pub async fn wait(&self) -> Result<Self, JournalError> {
        let is_enough = |status: &ReceiptStatus| *status != ReceiptStatus::Waiting;
        self.becomes(is_enough).await
    }

    /// Waits until it is sent or handled, or failed for good, also while it is held.
    ///
    /// # Errors
    ///
    /// If the store cannot be read, or the bot stops before.
    pub async fn wait_until_final(&self) -> Result<Self, JournalError> {
        self.becomes(ReceiptStatus::is_final).await
    }

    async fn becomes(
        &self,
        is_enough: impl Fn(&ReceiptStatus) -> bool,
    ) -> Result<Self, JournalError> {
        let journal = &self.threads.inner.journal;
        let stored = journal.receipt_becomes(&self.stored, is_enough).await?;
        Ok(Self {
            stored,
            ..self.clone()
        })
    }
}

impl fmt::Debug for Receipt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Receipt")
            .field("id", &self.id())
            .field("thread", self.thread())
            .field("signal", &self.signal())
            .field("status", self.status())
            .finish_non_exhaustive()
    }
}

/// `{"id": "shipped-42", "account": "…", "person": "…", "signal": "shipped", "status": "sent",
/// "message_id": "m_…", "created_at": …, "changed_at": …}`, times in milliseconds since 1970.
impl Serialize for Receipt {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.stored.serialize(serializer)
    }
}
