//! The storage that keeps nothing: the rules hold everything.

use handover_protocol::Timestamp;
use std::collections::VecDeque;

use foldhash::HashSet;

use super::{Count, Storage, StorageError};
use crate::journal::rules::{Change, DedupeKey, Found, Stored, Wanted};
use crate::journal::{DeadLetter, DeadLetterContent};
use crate::thread::ThreadKey;

/// How many dedupe keys are remembered.
const REMEMBERED_KEYS: usize = 100_000;
/// How many dead letters are kept.
const KEPT_DEAD_LETTERS: usize = 10_000;

/// Dedupe keys and dead letters, the last of them.
#[derive(Debug, Default)]
pub(in crate::journal) struct Memory {
    keys: HashSet<DedupeKey>,
    keys_in_order: VecDeque<DedupeKey>,
    dead_letters: VecDeque<DeadLetter>,
    last_dead_letter: u64,
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

    fn keep(
        &mut self,
        thread: ThreadKey,
        content: DeadLetterContent,
        cause: String,
        at: Timestamp,
    ) {
        if self.dead_letters.len() == KEPT_DEAD_LETTERS {
            self.dead_letters.pop_front();
        }
        self.last_dead_letter += 1;
        self.dead_letters.push_back(DeadLetter {
            id: self.last_dead_letter,
            thread,
            content,
            cause,
            at,
        });
    }
}

impl Storage for Memory {
    fn is_durable(&self) -> bool {
        false
    }

    fn load(&mut self, _: Timestamp, _: Timestamp) -> Result<Stored, StorageError> {
        Ok(Stored::default())
    }

    fn has_foreign_changes(&mut self) -> Result<bool, StorageError> {
        Ok(false)
    }

    fn read(&mut self, wanted: &Wanted) -> Result<Found, StorageError> {
        let known = wanted.keys.iter().filter(|key| self.keys.contains(*key));
        Ok(Found {
            known: known.copied().collect(),
            ..Found::default()
        })
    }

    fn commit(&mut self, changes: Vec<Change>) -> Result<(), StorageError> {
        for change in changes {
            match change {
                Change::Remembered(key) => self.remember(key),
                Change::DeadEvent {
                    thread,
                    event: Some(event),
                    cause,
                    at,
                    ..
                } => {
                    let content = DeadLetterContent::Event(event.received(&thread));
                    self.keep(thread, content, cause, at);
                }
                Change::DeadCall {
                    thread,
                    call: Some(call),
                    cause,
                    at,
                    ..
                } => self.keep(thread, DeadLetterContent::Call(call), cause, at),
                Change::MessageForgotten { thread, mid, .. } => {
                    let letters = self.dead_letters.iter_mut();
                    for letter in letters.filter(|letter| letter.thread == thread) {
                        letter.forget(&mid);
                    }
                }
                _ => {}
            }
        }
        Ok(())
    }

    fn dead_letters(&mut self) -> Result<Vec<DeadLetter>, StorageError> {
        Ok(self.dead_letters.iter().cloned().collect())
    }

    fn figures(&self, _: Timestamp) -> Option<Count> {
        None
    }

    fn close(&mut self) -> Result<(), StorageError> {
        Ok(())
    }
}
