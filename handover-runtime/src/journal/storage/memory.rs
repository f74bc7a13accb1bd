//! The storage that keeps nothing: the rules hold everything.

use std::collections::VecDeque;
use std::sync::Arc;

use foldhash::{HashMap, HashSet};
use handover_protocol::{AccountId, Object, Timestamp};

use super::{Count, ReadExport, Replay, Replayed, Storage, StorageError};
use crate::internal_event::{InternalEvent, InternalEventBody, ThreadEvent};
use crate::journal::rules::{
    DedupeKey, DeletionChange, JournalSnapshot, ReadRequest, ReadResult, RowChange,
};
use crate::journal::{
    DeadLetter, DeadLetterContent, DeletionStatus, Forgotten, LaneScope, PendingDeletion,
    StoredReceipt,
};
use crate::thread::ThreadKey;

/// How many dedupe keys are remembered.
const REMEMBERED_KEYS: usize = 100_000;
/// How many receipts are kept.
const KEPT_RECEIPTS: usize = 100_000;
/// How many dead letters are kept.
const KEPT_DEAD_LETTERS: usize = 10_000;

/// Dedupe keys and dead letters, the last of them.
#[derive(Debug, Default)]
pub(in crate::journal) struct Memory {
    keys: HashSet<DedupeKey>,
    keys_in_order: VecDeque<DedupeKey>,
    dead_letters: VecDeque<HeldDeadLetter>,
    last_dead_letter: u64,
    /// How many dead letters went since that was asked.
    dead_letters_gone: u64,
    receipts: HashMap<u64, StoredReceipt>,
    receipt_numbers: HashMap<(ThreadKey, String), u64>,
    receipts_in_order: VecDeque<u64>,
    deletions: Vec<(PendingDeletion, Option<Timestamp>)>,
    /// What went with threads that were forgotten.
    forgotten: Vec<(ThreadKey, Forgotten)>,
}

/// A dead letter, with what is needed to put it back.
#[derive(Clone, Debug)]
pub(in crate::journal) struct HeldDeadLetter {
    pub(in crate::journal) letter: DeadLetter,
    /// The event, if the bot made it itself.
    pub(in crate::journal) own: Option<Arc<InternalEvent>>,
    /// The product of the thread.
    pub(in crate::journal) object: Object,
}

impl HeldDeadLetter {
    fn takes_back(&self) -> bool {
        let body = self.own.as_ref().map(|own| &own.body);
        matches!(body, Some(InternalEventBody::TakeBack { .. }))
    }
}

impl Memory {
    fn remember(&mut self, key: DedupeKey) {
        self.keys.insert(key);
        self.keys_in_order.push_back(key);
        if self.keys_in_order.len() > REMEMBERED_KEYS
            && let Some(oldest) = self.keys_in_order.pop_front()
        {
            self.keys.remove(&oldest);
        }
    }

    fn keep_receipt(&mut self, receipt: StoredReceipt) {
        let key = (receipt.thread.clone(), receipt.id.clone());
        self.receipt_numbers.insert(key, receipt.number);
        self.receipts_in_order.push_back(receipt.number);
        self.receipts.insert(receipt.number, receipt);
        if self.receipts_in_order.len() > KEPT_RECEIPTS
            && let Some(oldest) = self.receipts_in_order.pop_front()
            && let Some(receipt) = self.receipts.remove(&oldest)
        {
            self.receipt_numbers.remove(&(receipt.thread, receipt.id));
        }
    }

    fn keep(&mut self, mut held: HeldDeadLetter) {
        if self.dead_letters.len() == KEPT_DEAD_LETTERS {
            self.dead_letters.pop_front();
            self.dead_letters_gone += 1;
        }
        self.last_dead_letter += 1;
        held.letter.id = self.last_dead_letter;
        self.dead_letters.push_back(held);
    }
}

impl Storage for Memory {
    fn is_durable(&self) -> bool {
        false
    }

    fn load(&mut self, _: Timestamp, _: Timestamp) -> Result<JournalSnapshot, StorageError> {
        Ok(JournalSnapshot::default())
    }

    fn has_foreign_changes(&mut self) -> Result<bool, StorageError> {
        Ok(false)
    }

    fn read(&mut self, request: &ReadRequest) -> Result<ReadResult, StorageError> {
        let known = request.keys.iter().filter(|key| self.keys.contains(*key));
        let receipts = request.receipts.iter().filter_map(|key| {
            let number = self.receipt_numbers.get(key)?;
            self.receipts.get(number).cloned()
        });
        Ok(ReadResult {
            known: known.copied().collect(),
            receipts: receipts.collect(),
            ..ReadResult::default()
        })
    }

    fn commit(&mut self, changes: Vec<RowChange>) -> Result<(), StorageError> {
        for change in changes {
            match change {
                RowChange::Remembered(key) => self.remember(key),
                RowChange::Receipt(receipt) => self.keep_receipt(receipt),
                RowChange::ReceiptChanged { number, status, at } => {
                    if let Some(receipt) = self.receipts.get_mut(&number) {
                        receipt.status = status;
                        receipt.changed_at = at;
                    }
                }
                RowChange::DeadEvent {
                    thread,
                    event: Some(event),
                    cause,
                    at,
                    ..
                } => {
                    let content = DeadLetterContent::Event(event.received(&thread));
                    self.keep(HeldDeadLetter {
                        letter: DeadLetter::new(thread, content, cause, at),
                        object: event.object().clone(),
                        own: match event {
                            ThreadEvent::Own(own) => Some(own),
                            ThreadEvent::Platform(_) => None,
                        },
                    });
                }
                RowChange::DeadCall {
                    thread,
                    call: Some(call),
                    object,
                    cause,
                    at,
                    ..
                } => {
                    let content = DeadLetterContent::Call(call);
                    self.keep(HeldDeadLetter {
                        letter: DeadLetter::new(thread, content, cause, at),
                        object,
                        own: None,
                    });
                }
                RowChange::DeadNotice { notice, cause, at } => {
                    let thread = notice.thread.clone();
                    let object = notice.product.clone();
                    let content = DeadLetterContent::Notice(notice);
                    self.keep(HeldDeadLetter {
                        letter: DeadLetter::new(thread, content, cause, at),
                        object,
                        own: None,
                    });
                }
                RowChange::Deletion(DeletionChange::Requested(deletion)) => {
                    self.deletions.push((deletion, None));
                }
                RowChange::Deletion(DeletionChange::Done { code, at }) => {
                    let mut deletions = self.deletions.iter_mut();
                    if let Some((deletion, done)) = deletions.find(|(it, _)| it.code == code) {
                        deletion.user.clear();
                        *done = Some(at);
                    }
                }
                RowChange::ThreadForgotten { thread, .. } => {
                    let before = self.dead_letters.len();
                    self.dead_letters
                        .retain(|one| !one.letter.concerns(&thread));
                    let dead_letters = (before - self.dead_letters.len()) as u64;
                    let numbers = self
                        .receipt_numbers
                        .extract_if(|(key, _), _| *key == thread);
                    let mut receipts = 0;
                    for (_, number) in numbers {
                        self.receipts.remove(&number);
                        receipts += 1;
                    }
                    let forgotten = Forgotten {
                        dead_letters,
                        receipts,
                        ..Forgotten::default()
                    };
                    self.forgotten.push((thread, forgotten));
                }
                RowChange::MessageForgotten { thread, mid, .. } => {
                    let letters = self.dead_letters.iter_mut().map(|held| &mut held.letter);
                    for letter in letters.filter(|letter| letter.thread == thread) {
                        letter.forget(&mid);
                    }
                }
                _ => {}
            }
        }
        Ok(())
    }

    fn forgotten(&mut self, thread: &ThreadKey) -> Forgotten {
        Forgotten::take_of(&mut self.forgotten, thread)
    }

    fn expired(&mut self, _: Timestamp) -> Result<Vec<ThreadKey>, StorageError> {
        Ok(Vec::new())
    }

    fn dead_letters_gone(&mut self) -> u64 {
        std::mem::take(&mut self.dead_letters_gone)
    }

    fn erase(&mut self) -> Result<(), StorageError> {
        Ok(())
    }

    fn export(&self, _: &ThreadKey) -> Option<ReadExport> {
        None
    }

    fn receipts(&self, thread: &ThreadKey) -> Vec<StoredReceipt> {
        let receipts = self.receipts_in_order.iter();
        let receipts = receipts.filter_map(|number| self.receipts.get(number));
        receipts
            .filter(|receipt| receipt.thread == *thread)
            .cloned()
            .collect()
    }

    fn take_backs(&mut self, account: &AccountId) -> Vec<(ThreadKey, Arc<InternalEvent>)> {
        let is_one =
            |held: &HeldDeadLetter| held.takes_back() && held.letter.thread.account == *account;
        let (taken, kept) = std::mem::take(&mut self.dead_letters)
            .into_iter()
            .partition::<Vec<_>, _>(is_one);
        self.dead_letters = kept.into();
        self.dead_letters_gone += taken.len() as u64;
        let taken = taken.into_iter();
        taken
            .filter_map(|held| Some((held.letter.thread, held.own?)))
            .collect()
    }

    fn held_dead_letters(&self, replay: &Replay) -> Vec<HeldDeadLetter> {
        let held = self.dead_letters.iter();
        held.filter(|held| replay.selects(&held.letter))
            .cloned()
            .collect()
    }

    fn pending_deletions(&mut self) -> Result<Vec<PendingDeletion>, StorageError> {
        let pending = self.deletions.iter().filter(|(_, done)| done.is_none());
        Ok(pending.map(|(deletion, _)| deletion.clone()).collect())
    }

    fn deletion(&mut self, code: &str) -> Result<Option<DeletionStatus>, StorageError> {
        let mut deletions = self.deletions.iter();
        let found = deletions.find(|(deletion, _)| deletion.code == code);
        Ok(found.map(|(deletion, done_at)| DeletionStatus {
            requested_at: deletion.requested_at,
            done_at: *done_at,
        }))
    }

    fn dead_letters(&mut self) -> Result<Vec<DeadLetter>, StorageError> {
        let held = self.dead_letters.iter();
        Ok(held.map(|held| held.letter.clone()).collect())
    }

    fn discard(&mut self, ids: &[u64]) -> Result<u64, StorageError> {
        let before = self.dead_letters.len();
        self.dead_letters
            .retain(|one| !ids.contains(&one.letter.id));
        Ok((before - self.dead_letters.len()) as u64)
    }

    /// The engine knows more.
    fn preview(&mut self, _: &Replay) -> Result<Vec<Replayed>, StorageError> {
        Ok(Vec::new())
    }

    fn figures(&self, _: Timestamp, _: LaneScope) -> Option<Count> {
        None
    }

    /// Nothing is kept that could be.
    fn replay(&mut self, _: &Replay) -> Result<Vec<Replayed>, StorageError> {
        Ok(Vec::new())
    }

    fn close(&mut self) -> Result<(), StorageError> {
        Ok(())
    }
}
