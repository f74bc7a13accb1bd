//! What was settled or given up is put back, behind what waits in its thread.

use std::sync::Arc;

use handover_protocol::Timestamp;

use super::{JournalRules, Silences};
use crate::internal_event::ThreadEvent;
use crate::journal::{QueuedCall, ReceiptStatus};
use crate::notice::Notice;
use crate::thread::ThreadKey;

impl JournalRules {
    /// An event is handled again. Its dedupe key stays as it is.
    pub(in crate::journal) fn put_event_back(
        &mut self,
        thread: ThreadKey,
        event: ThreadEvent,
        received_at: Timestamp,
        now: Timestamp,
    ) {
        let receipt = event.own().and_then(|own| own.signal()?.receipt);
        if let Some(receipt) = receipt {
            self.note_receipt(receipt, ReceiptStatus::Waiting, now);
        }
        self.add_event(thread, event, None, received_at, Silences::No);
    }

    /// A call is made again.
    pub(in crate::journal) fn put_call_back(
        &mut self,
        thread: &ThreadKey,
        call: QueuedCall,
        now: Timestamp,
    ) {
        self.queue(thread, vec![call], false, now);
    }

    /// A notice is delivered again, under its id but with the age of a new one.
    pub(in crate::journal) fn put_notice_back(&mut self, notice: Notice, now: Timestamp) {
        self.queue_notice(Arc::new(notice), now);
    }
}
