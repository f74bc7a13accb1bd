//! What the handlers of a list may cover between them, so that the compiler compares few of them one
//! by one.

use super::key::{Field, Key};
use super::meta::Meta;
use crate::trigger::TriggerKind;

/// A handler covers another only if it takes the other's kind of event whatever is in it, or if one of
/// its values is the first of a key of the other.
pub(super) struct Candidates {
    /// A bit for each kind of event that is taken without regard to a value.
    kinds: u32,
    /// A bit for each hash of a value.
    values: [u64; WORDS],
}

const WORDS: usize = 1024;

impl Candidates {
    pub(super) const fn new() -> Self {
        Self {
            kinds: 0,
            values: [0; WORDS],
        }
    }

    pub(super) const fn add(&mut self, handler: &Meta) {
        let mut asks_for_values = false;
        let mut key = 0;
        while key < handler.keys.len() {
            let values = values_of(&handler.keys[key]);
            let mut at = 0;
            while at < values.len() {
                let (word, bit) = place(values[at]);
                self.values[word] |= bit;
                asks_for_values = true;
                at += 1;
            }
            key += 1;
        }
        if !asks_for_values {
            self.kinds |= match handler.trigger {
                TriggerKind::Event => u32::MAX,
                kind => 1 << kind as u32,
            };
        }
    }

    pub(super) const fn may_cover(&self, handler: &Meta) -> bool {
        if self.kinds & 1 << handler.trigger as u32 != 0 {
            return true;
        }
        let mut key = 0;
        while key < handler.keys.len() {
            if let [first, ..] = values_of(&handler.keys[key]) {
                let (word, bit) = place(first);
                if self.values[word] & bit != 0 {
                    return true;
                }
            }
            key += 1;
        }
        false
    }
}

/// The values of which an event has to have one. A pattern is none, nor are words, nor is what a trigger
/// may say as well.
const fn values_of(key: &'static Key) -> &'static [&'static str] {
    match key {
        Key::Text(values) => values,
        Key::Payload(values) if !has_pattern(values) => values,
        Key::Regex(regex) => std::slice::from_ref(regex),
        Key::Is(field, values) if !matches!(field, Field::Kind) => values,
        _ => &[],
    }
}

const fn has_pattern(payloads: &[&str]) -> bool {
    let mut at = 0;
    while at < payloads.len() {
        let mut rest = payloads[at].as_bytes();
        while let [byte, tail @ ..] = rest {
            if matches!(byte, b'{' | b'}') {
                return true;
            }
            rest = tail;
        }
        at += 1;
    }
    false
}

/// The same for values that differ in case or in space around them.
const fn place(value: &str) -> (usize, u64) {
    let mut rest = value.as_bytes().trim_ascii();
    let mut hash: u32 = 0;
    while let [byte, tail @ ..] = rest {
        hash = (hash ^ (*byte | 0x20) as u32).wrapping_mul(0x9e37_79b1);
        rest = tail;
    }
    ((hash >> 22) as usize, 1 << (hash >> 16 & 63))
}
