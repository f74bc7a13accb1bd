//! What the journal keeps of a thread, and what comes to it from outside a handler.

use std::time::Duration;

use super::commands::{ChangeThread, KeepHistory, LimitWaiting, RememberSent, Submit};
use super::nodes::until_answered;
use super::rules::{DedupeKey, ReadRequest};
use super::{
    FORWARDED, HistoryRule, Journal, JournalError, ReceiptStatus, StoredReceipt, Submission,
    SubmitResult, SubmitStatus, ThreadChange, ThreadState, Turn, Wakeups,
};
use crate::thread::ThreadKey;

/// The same for a receipt that is waited for.
const LOOK_AT_RECEIPTS_EVERY: Duration = Duration::from_millis(100);

impl Journal {
    /// Returns the state of a thread.
    ///
    /// # Errors
    ///
    /// If the storage fails.
    pub async fn thread(&self, thread: ThreadKey) -> Result<ThreadState, JournalError> {
        self.read(move |engine| engine.thread(&thread)).await
    }

    /// Changes what is kept of a thread, at once and not in the order of its events.
    ///
    /// # Errors
    ///
    /// If the storage fails.
    pub(crate) async fn change_thread(
        &self,
        thread: ThreadKey,
        change: ThreadChange,
    ) -> Result<Wakeups, JournalError> {
        self.execute(ChangeThread { thread, change }).answer().await
    }

    /// Stores a signal or a message from outside a handler, unless its thread knows the id already.
    ///
    /// # Errors
    ///
    /// If the storage fails, or [too much waits](JournalError::Full).
    pub(crate) async fn submit(
        &self,
        submission: Submission,
    ) -> Result<(SubmitResult, Wakeups), JournalError> {
        let submitted = self.execute(Submit {
            submission: Some(submission),
            is_accepted: false,
            answer: None,
        });
        let (mut result, ready) = submitted.answer().await?;
        if result.receipt.number == FORWARDED {
            let (journal, receipt) = (self.clone(), result.receipt.clone());
            let stored = until_answered(move || {
                let (journal, receipt) = (journal.clone(), receipt.clone());
                async move { journal.receipt(receipt.thread, receipt.id).await }
            });
            let stored = stored.await?;
            if stored.digest != result.receipt.digest {
                result.found = SubmitStatus::Other;
            }
            result.receipt = stored;
        }
        Ok((result, ready))
    }

    /// What has become of what was submitted under this id.
    ///
    /// # Errors
    ///
    /// If the storage fails.
    pub(crate) async fn receipt(
        &self,
        thread: ThreadKey,
        id: String,
    ) -> Result<Option<StoredReceipt>, JournalError> {
        self.read(move |engine| {
            let request = ReadRequest {
                receipts: vec![(thread, id)],
                ..ReadRequest::default()
            };
            Ok(engine.storage.read(&request)?.receipts.pop())
        })
        .await
    }

    /// Waits until a receipt says something that is enough.
    ///
    /// # Errors
    ///
    /// If the storage fails, or is closed before.
    pub(crate) async fn receipt_becomes(
        &self,
        receipt: &StoredReceipt,
        is_enough: impl Fn(&ReceiptStatus) -> bool,
    ) -> Result<StoredReceipt, JournalError> {
        let mut changes = self.0.watchers.watch(receipt.number);
        loop {
            let (thread, id) = (receipt.thread.clone(), receipt.id.clone());
            let now = self.receipt(thread, id).await?;
            // It is kept for longer than anybody waits.
            let now = now.unwrap_or_else(|| receipt.clone());
            if is_enough(&now.status) {
                return Ok(now);
            }
            let changed = changes.changed();
            if self.is_shared() {
                // Another node may change it.
                if let Ok(changed) = tokio::time::timeout(LOOK_AT_RECEIPTS_EVERY, changed).await {
                    changed.map_err(|_| JournalError::Closed)?;
                }
            } else {
                changed.await.map_err(|_| JournalError::Closed)?;
            }
        }
    }

    /// Sets how much of each conversation is kept, from the next change on.
    pub(crate) fn keep_history(&self, rule: HistoryRule) {
        // Commands are carried out in order, and nobody waits for this one.
        drop(self.execute(KeepHistory(rule)));
    }

    /// Sets how many events and calls may wait, and as many again of accounts that are paused.
    pub(crate) fn limit_waiting(&self, limit: usize) {
        // As above.
        drop(self.execute(LimitWaiting(limit)));
    }

    /// Remembers a message that was sent past the outbox: its echo, by its dedupe key, is nothing
    /// new. One that came before may have been taken for a human's; what that changed is undone.
    /// `turn` is what it said, if the thread is known for certain.
    ///
    /// # Errors
    ///
    /// If the storage fails.
    pub(crate) async fn remember_sent(
        &self,
        thread: ThreadKey,
        echo: String,
        turn: Option<Turn>,
    ) -> Result<(), JournalError> {
        let sent = RememberSent::new(thread, echo, turn);
        self.execute(sent).answer().await
    }

    /// Whether the echo with this dedupe key is of a message that the bot sent.
    ///
    /// # Errors
    ///
    /// If the storage fails.
    pub(crate) async fn was_sent(&self, echo: String) -> Result<bool, JournalError> {
        self.read(move |engine| {
            let request = ReadRequest {
                keys: vec![DedupeKey::of(&echo).sent()],
                ..ReadRequest::default()
            };
            let found = engine.storage.read(&request)?;
            Ok(!found.known.is_empty())
        })
        .await
    }
}
