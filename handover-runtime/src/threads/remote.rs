//! Signals that come through the database, from where no node has to be reached.

use std::time::{Duration, Instant};

use handover_protocol::Object;
use serde_json::Value;

use super::SubmitError;
use super::submit::{NewSignal, what};
use crate::journal::{
    FORWARDED, JournalClient, JournalError, PostgresError, ReceiptStatus, StoredReceipt,
};
use crate::thread::{ThreadKey, ThreadParty};

/// How often to look for what has become of a signal.
const LOOK_EVERY: Duration = Duration::from_millis(50);

/// A signal for [`JournalClient::signal`].
#[derive(Clone, Debug, Default)]
pub struct RemoteSignal {
    /// Name of the signal.
    pub name: String,
    /// Content, as JSON.
    pub content: Value,
    /// By what it is known if it is sent again; without one, it is given one.
    pub id: Option<String>,
    /// Whether it waits while somebody else has the thread.
    pub hold_until_back: bool,
    /// Given up unless it is handled within this time.
    pub expires_after: Option<Duration>,
    /// Handled after this time.
    pub after: Option<Duration>,
    /// How long to wait for what becomes of it.
    pub wait: Option<Duration>,
}

impl JournalClient {
    /// Sends a signal into a thread; returns its receipt as the HTTP API gives it. While no node runs, it is
    /// stored for the next one, and the receipt has a `warning`.
    ///
    /// # Errors
    ///
    /// As [`SendSignal`](crate::SendSignal); it is not checked whether the bot speaks for the account.
    pub fn signal(&self, thread: &ThreadKey, signal: RemoteSignal) -> Result<Value, SubmitError> {
        if thread.party == ThreadParty::Account {
            return Err(SubmitError::NoPerson);
        }
        let wait = signal.wait;
        let new = NewSignal {
            name: signal.name,
            content: signal.content,
            id: signal.id,
            holds: signal.hold_until_back,
            expires_after: signal.expires_after,
            after: signal.after,
        };
        let unread = |error: PostgresError| SubmitError::Journal(JournalError::read(error));
        let object = self.object_of(thread).map_err(unread)?;
        let object = object.map_or(Object::Page, Object::from);
        let now = self.now().map_err(unread)?;
        let submission = new.submission(thread.clone(), object, now)?;
        let (id, digest) = (submission.id.clone(), submission.digest);
        if let Some(known) = self.receipt(thread, &id).map_err(unread)? {
            return match known.digest == digest {
                true => self.becomes(known, wait).map_err(unread),
                false => Err(SubmitError::IdConflict {
                    first: what(&known),
                    id,
                }),
            };
        }
        let waiting = StoredReceipt {
            number: FORWARDED,
            thread: thread.clone(),
            id,
            signal: submission.content.signal(),
            digest,
            status: ReceiptStatus::Waiting,
            created_at: now,
            changed_at: now,
        };
        match self.submit(submission).map_err(unstored)? {
            // Somebody else has used the id in the same moment.
            Some(stored) if stored.digest != digest => Err(SubmitError::IdConflict {
                first: what(&stored),
                id: stored.id,
            }),
            Some(stored) => self.becomes(stored, wait).map_err(unread),
            None => {
                let mut receipt = json_of(&waiting);
                receipt["warning"] =
                    "no node runs now: the next one that starts takes the signal up".into();
                Ok(receipt)
            }
        }
    }

    fn becomes(
        &self,
        mut receipt: StoredReceipt,
        wait: Option<Duration>,
    ) -> Result<Value, PostgresError> {
        let deadline = wait.map(|wait| Instant::now() + wait);
        while receipt.status == ReceiptStatus::Waiting
            && deadline.is_some_and(|deadline| Instant::now() < deadline)
        {
            std::thread::sleep(LOOK_EVERY);
            if let Some(now) = self.receipt(&receipt.thread, &receipt.id)? {
                receipt = now;
            }
        }
        Ok(json_of(&receipt))
    }
}

/// Why a signal could not be stored, or is stored without an answer.
fn unstored(error: PostgresError) -> JournalError {
    match error {
        PostgresError::NoAnswer { .. } => JournalError::Unanswered,
        error => JournalError::write(error),
    }
}

fn json_of(receipt: &StoredReceipt) -> Value {
    serde_json::to_value(receipt).unwrap_or_default()
}
