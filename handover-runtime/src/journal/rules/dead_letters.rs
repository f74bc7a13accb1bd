//! What was given up is handled or sent again, where the storage keeps no rows.

use std::sync::Arc;

use handover_protocol::Timestamp;

use super::{JournalRules, Silences, may_silence};
use crate::internal_event::{InternalEvent, InternalEventBody, ThreadEvent};
use crate::journal::storage::HeldDeadLetter;
use crate::journal::{DeadLetterContent, QueuedCall, ReceiptStatus};

impl JournalRules {
    /// Puts a dead letter behind what waits in its thread.
    pub(in crate::journal) fn take_up_again(&mut self, held: HeldDeadLetter, now: Timestamp) {
        let HeldDeadLetter {
            letter,
            own,
            object,
        } = held;
        let key = letter.thread;
        match letter.content {
            DeadLetterContent::Event(received) => {
                // What a person wrote long ago opens no window now.
                let happened_at = received.event.timestamp.filter(|_| own.is_none());
                let at = happened_at.map_or(letter.at, |at| at.min(letter.at));
                let event = match own {
                    Some(own) => ThreadEvent::Own(self.renewed(own, now)),
                    None => ThreadEvent::Platform(received.clone()),
                };
                let silences = match may_silence(&received) {
                    true => Silences::Maybe(None),
                    false => Silences::No,
                };
                self.add_event(key, event, None, at, silences);
            }
            DeadLetterContent::Call(call) => {
                let again = QueuedCall::again(&call, object);
                self.queue(&key, vec![again], false, now);
            }
            DeadLetterContent::Notice(notice) => self.queue_notice(notice, now),
        }
    }

    /// A signal is handled however late it is, and its receipt waits again.
    fn renewed(&mut self, own: Arc<InternalEvent>, now: Timestamp) -> Arc<InternalEvent> {
        let InternalEventBody::Signal(signal) = &own.body else {
            return own;
        };
        if let Some(number) = signal.receipt {
            self.note_receipt(number, ReceiptStatus::Waiting, now);
        }
        let mut signal = signal.clone();
        signal.expires_at = None;
        InternalEvent::new(own.object.clone(), InternalEventBody::Signal(signal))
    }
}
