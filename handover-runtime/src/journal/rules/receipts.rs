//! What is sent from outside a handler, and what becomes of it.

use std::sync::Arc;

use handover_protocol::Timestamp;

use super::{JournalRules, RowChange, StoredTimer};
use crate::internal_event::InternalEvent;
use crate::journal::forward::ForwardedCommand;
use crate::journal::receipt::{
    FORWARDED, ReceiptStatus, StoredReceipt, Submission, SubmitResult, SubmitStatus, Submitted,
};
use crate::journal::{JournalError, give_receipt};
use crate::thread::ThreadKey;

impl JournalRules {
    /// Stores something unless its id is known, or too much waits and no other node has accepted it. The receipt of
    /// that id has to be filled in before.
    pub(in crate::journal) fn submit(
        &mut self,
        new: Submission,
        is_accepted: bool,
        now: Timestamp,
    ) -> Result<SubmitResult, JournalError> {
        let Submission {
            thread,
            id,
            digest,
            content,
        } = new;
        let key = (thread, id);
        if let Some(known) = self.receipts.get(&key) {
            return Ok(SubmitResult {
                found: match known.digest == digest {
                    true => SubmitStatus::Same,
                    false => SubmitStatus::Other,
                },
                receipt: known.clone(),
            });
        }
        if !is_accepted && let Err(full) = self.check_room(&key.0.account) {
            self.forget_if_idle(&key.0);
            return Err(full);
        }
        if !self.owns(&key.0) {
            let (thread, id) = key;
            let receipt = StoredReceipt {
                number: FORWARDED,
                thread: thread.clone(),
                id: id.clone(),
                signal: content.signal(),
                digest,
                status: ReceiptStatus::Waiting,
                created_at: now,
                changed_at: now,
            };
            self.forward(ForwardedCommand::Submit(Submission {
                thread,
                id,
                digest,
                content,
            }));
            let found = SubmitStatus::New;
            return Ok(SubmitResult { receipt, found });
        }
        self.last_receipt += 1;
        let number = self.last_receipt;
        let receipt = StoredReceipt {
            number,
            thread: key.0.clone(),
            id: key.1.clone(),
            signal: content.signal(),
            digest,
            status: ReceiptStatus::Waiting,
            created_at: now,
            changed_at: now,
        };
        self.changes.push(RowChange::Receipt(receipt.clone()));
        let thread = key.0.clone();
        self.receipts.insert(key, receipt.clone());
        match content {
            Submitted::Signal(own, due) => {
                self.add_signal(thread, own.with_receipt(number), due, now);
            }
            Submitted::Calls(mut calls) => {
                give_receipt(&mut calls, number);
                self.queue(&thread, calls, false, now);
            }
        }
        Ok(SubmitResult {
            receipt,
            found: SubmitStatus::New,
        })
    }

    /// A signal joins the events of a thread, at once or later.
    pub(super) fn add_signal(
        &mut self,
        thread: ThreadKey,
        event: Arc<InternalEvent>,
        due: Option<Timestamp>,
        now: Timestamp,
    ) {
        let Some(due) = due.filter(|due| *due > now) else {
            return self.enqueue(thread, event, now);
        };
        // A thread may wait for any number of them.
        let name = format!("signal/{:016x}", fastrand::u64(..));
        self.add_timer(StoredTimer {
            name,
            thread,
            due,
            event,
        });
    }

    /// What has become of something that was submitted.
    pub(super) fn note_receipt(&mut self, number: u64, status: ReceiptStatus, at: Timestamp) {
        self.changed_receipts.push(number);
        self.changes
            .push(RowChange::ReceiptChanged { number, status, at });
    }

    /// The receipts that have changed since the last call.
    pub(in crate::journal) fn take_changed_receipts(&mut self) -> Vec<u64> {
        std::mem::take(&mut self.changed_receipts)
    }
}
