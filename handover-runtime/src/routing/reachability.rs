//! Handlers that can never run, found by the compiler for one list and when the bot starts for
//! lists put together. Everything here is `const` so that both ask the same question.

use super::candidates::Candidates;
use super::key::{Field, Key};
use super::meta::Meta;
use crate::extract::Requirement;
use crate::trigger::TriggerKind;

/// The handlers of a list.
#[derive(Debug)]
pub struct List<const N: usize> {
    handlers: [&'static [Meta]; N],
    /// Which of them an earlier one may cover. To look at every pair takes the compiler long.
    suspects: [bool; N],
}

impl<const N: usize> List<N> {
    /// The handlers with these facts, in listed order.
    #[must_use]
    pub const fn new(handlers: [&'static [Meta]; N]) -> Self {
        let mut suspects = [false; N];
        let mut earlier = Candidates::new();
        let mut at = 0;
        while at < N {
            let mut of_trigger = 0;
            while of_trigger < handlers[at].len() {
                let meta = &handlers[at][of_trigger];
                suspects[at] = suspects[at] || earlier.may_cover(meta);
                earlier.add(meta);
                of_trigger += 1;
            }
            at += 1;
        }
        Self { handlers, suspects }
    }
}

/// Fails to compile if an earlier handler takes every event that the one at `at` would.
///
/// # Panics
///
/// While compiling, with both names.
#[track_caller]
pub const fn check_reachable<const N: usize>(list: &List<N>, at: usize) {
    if !list.suspects[at] {
        return;
    }
    let mut earlier = 0;
    while earlier < at {
        let mut one = 0;
        while one < list.handlers[earlier].len() {
            let mut later = 0;
            while later < list.handlers[at].len() {
                fail_if_covered(&list.handlers[earlier][one], &list.handlers[at][later]);
                later += 1;
            }
            one += 1;
        }
        earlier += 1;
    }
}

/// Fails to compile if an earlier trigger of the same function takes every event that the one at `at`
/// would.
///
/// # Panics
///
/// While compiling.
#[expect(clippy::panic, reason = "the only way to fail while compiling")]
#[track_caller]
pub const fn check_trigger(triggers: &[Meta], at: usize) {
    let mut earlier = 0;
    while earlier < at {
        if covers(&triggers[earlier], &triggers[at]) {
            panic!(
                "this can never run: an attribute above it already takes every event it would; leave it out"
            );
        }
        earlier += 1;
    }
}

#[expect(clippy::panic, reason = "the only way to fail while compiling")]
#[track_caller]
const fn fail_if_covered(earlier: &Meta, later: &Meta) {
    if covers(earlier, later) {
        let text = ConstString::new()
            .then("handler `")
            .then(later.name)
            .then("` can never run: `")
            .then(earlier.name)
            .then("`, earlier in this list, already takes every event it would");
        panic!("{}", text.as_str());
    }
}

/// Whether `earlier` takes every event that `later` would.
pub(super) const fn covers(earlier: &Meta, later: &Meta) -> bool {
    takes_kind(earlier, later.trigger)
        && takes_signal(earlier, later)
        && keys_imply(later, earlier)
        && needs_are_met(earlier, later)
}

const fn takes_kind(earlier: &Meta, kind: TriggerKind) -> bool {
    // A fallback comes last, wherever it is listed.
    if matches!(kind, TriggerKind::Fallback) || matches!(earlier.trigger, TriggerKind::Fallback) {
        return matches!(kind, TriggerKind::Fallback)
            && matches!(earlier.trigger, TriggerKind::Fallback);
    }
    if matches!(earlier.trigger, TriggerKind::Event) {
        return !matches!(
            kind,
            TriggerKind::Standby
                | TriggerKind::Timer
                | TriggerKind::Handoff
                | TriggerKind::HandoffFailed
                | TriggerKind::SendFailed
                | TriggerKind::Signal
                | TriggerKind::MessageDeleted
                | TriggerKind::Error
        );
    }
    earlier.trigger as u8 == kind as u8
}

/// Whether both take the same signal, if they wait for one.
const fn takes_signal(earlier: &Meta, later: &Meta) -> bool {
    if !matches!(later.trigger, TriggerKind::Signal) {
        return true;
    }
    match (earlier.signal(), later.signal()) {
        (Some(earlier), Some(later)) => same(earlier.name.as_bytes(), later.name.as_bytes()),
        _ => false,
    }
}

/// Whether an event that fits the keys of `later` fits those of `earlier`.
const fn keys_imply(later: &Meta, earlier: &Meta) -> bool {
    let mut wanted = 0;
    while wanted < earlier.keys.len() {
        let key = &earlier.keys[wanted];
        let asks_nothing = matches!(key, Key::Pace(_) | Key::Typing(_));
        let mut implied = asks_nothing || kind_implies(later.trigger, key);
        let mut given = 0;
        while given < later.keys.len() && !implied {
            implied = implies(&later.keys[given], key);
            given += 1;
        }
        if !implied {
            return false;
        }
        wanted += 1;
    }
    true
}

/// Whether a trigger alone says what `on_event(name = …)` asks for.
const fn kind_implies(kind: TriggerKind, key: &Key) -> bool {
    let Key::Is(Field::Kind, names) = key else {
        return false;
    };
    // `on_message` waits for `message`: the attribute is the wire name with `on_` before it.
    let (_, name) = kind.name().as_bytes().split_at(3);
    !matches!(kind, TriggerKind::Event | TriggerKind::Standby) && contains_bytes(names, name)
}

const fn implies(given: &Key, wanted: &Key) -> bool {
    match (given, wanted) {
        (Key::Text(given), Key::Text(wanted)) => all_texts_in(given, wanted),
        (Key::Text(given) | Key::Words(given), Key::Words(wanted)) => {
            all_contain_words(given, wanted)
        }
        (Key::Regex(given), Key::Regex(wanted)) => same(given.as_bytes(), wanted.as_bytes()),
        (Key::Payload(given), Key::Payload(wanted)) => all_payloads_fit(given, wanted),
        (Key::Is(field, given), Key::Is(other, wanted)) => {
            *field as u8 == *other as u8 && all_in(given, wanted)
        }
        (Key::App(place, given), Key::App(other, wanted)) => {
            *place as u8 == *other as u8 && given.is(*wanted)
        }
        _ => false,
    }
}

/// Whether every event for `later` carries what the arguments of `earlier` need.
const fn needs_are_met(earlier: &Meta, later: &Meta) -> bool {
    let mut at = 0;
    while at < earlier.arguments.len() {
        if !is_carried(earlier.arguments[at].need, later) {
            return false;
        }
        at += 1;
    }
    true
}

const fn is_carried(need: Requirement, later: &Meta) -> bool {
    match need {
        Requirement::Nothing => return true,
        Requirement::Unpredictable => return false,
        Requirement::Text | Requirement::Attachment | Requirement::Payload => {}
    }
    let mut at = 0;
    while at < later.keys.len() {
        let carried = match later.keys[at] {
            Key::Text(_) | Key::Words(_) | Key::Regex(_) => matches!(need, Requirement::Text),
            Key::Payload(_) | Key::Is(Field::QuickReply, _) => matches!(need, Requirement::Payload),
            Key::Is(Field::Attachment, _) => matches!(need, Requirement::Attachment),
            _ => false,
        };
        if carried {
            return true;
        }
        at += 1;
    }
    at = 0;
    while at < later.arguments.len() {
        if later.arguments[at].need as u8 == need as u8 {
            return true;
        }
        at += 1;
    }
    false
}

pub(super) const fn same(a: &[u8], b: &[u8]) -> bool {
    if a.len() != b.len() {
        return false;
    }
    let mut at = 0;
    while at < a.len() {
        if a[at] != b[at] {
            return false;
        }
        at += 1;
    }
    true
}

const fn contains_bytes(set: &[&str], value: &[u8]) -> bool {
    let mut at = 0;
    while at < set.len() {
        if same(set[at].as_bytes(), value) {
            return true;
        }
        at += 1;
    }
    false
}

const fn all_in(given: &[&str], wanted: &[&str]) -> bool {
    let mut at = 0;
    while at < given.len() {
        if !contains_bytes(wanted, given[at].as_bytes()) {
            return false;
        }
        at += 1;
    }
    true
}

const fn all_texts_in(given: &[&str], wanted: &[&str]) -> bool {
    let mut at = 0;
    while at < given.len() {
        let text = given[at].as_bytes().trim_ascii();
        let mut found = false;
        let mut other = 0;
        while other < wanted.len() && !found {
            found = text.eq_ignore_ascii_case(wanted[other].as_bytes().trim_ascii());
            other += 1;
        }
        if !found {
            return false;
        }
        at += 1;
    }
    true
}

/// Whether each text contains one of the phrases. Only white space is taken as the end of a word, and
/// only ASCII letters as the same in another case: less than is found in events, and never more.
const fn all_contain_words(texts: &[&str], phrases: &[&str]) -> bool {
    let mut at = 0;
    while at < texts.len() {
        let mut found = false;
        let mut other = 0;
        while other < phrases.len() && !found {
            found = contains_phrase(texts[at].as_bytes(), phrases[other].as_bytes());
            other += 1;
        }
        if !found {
            return false;
        }
        at += 1;
    }
    true
}

const fn contains_phrase(text: &[u8], phrase: &[u8]) -> bool {
    let mut rest = text.trim_ascii_start();
    while !rest.is_empty() {
        if starts_with_phrase(rest, phrase) {
            return true;
        }
        rest = first_word(rest).1;
    }
    false
}

const fn starts_with_phrase(mut text: &[u8], phrase: &[u8]) -> bool {
    let mut phrase = phrase.trim_ascii_start();
    while !phrase.is_empty() {
        let (given, later) = first_word(text);
        let (wanted, others) = first_word(phrase);
        if !given.eq_ignore_ascii_case(wanted) {
            return false;
        }
        (text, phrase) = (later, others);
    }
    true
}

/// The bytes up to white space, and what comes after that. The text does not begin with white space.
const fn first_word(text: &[u8]) -> (&[u8], &[u8]) {
    let mut end = 0;
    while end < text.len() && !text[end].is_ascii_whitespace() {
        end += 1;
    }
    let (word, rest) = text.split_at(end);
    (word, rest.trim_ascii_start())
}

const fn all_payloads_fit(given: &[&str], wanted: &[&str]) -> bool {
    let mut at = 0;
    while at < given.len() {
        let payload = given[at].as_bytes();
        let mut fits = contains_bytes(wanted, payload);
        let mut pattern = 0;
        // A pattern is only compared literally.
        while pattern < wanted.len() && !fits && !has_brace(payload) {
            fits = fits_pattern(payload, wanted[pattern].as_bytes());
            pattern += 1;
        }
        if !fits {
            return false;
        }
        at += 1;
    }
    true
}

const fn has_brace(text: &[u8]) -> bool {
    let mut at = 0;
    while at < text.len() {
        if text[at] == b'{' || text[at] == b'}' {
            return true;
        }
        at += 1;
    }
    false
}

/// `pattern` as in [`Pattern`](super::pattern::Pattern); `{name}` matches one byte or more.
const fn fits_pattern(text: &[u8], pattern: &[u8]) -> bool {
    let [first, rest @ ..] = pattern else {
        return text.is_empty();
    };
    let doubled = matches!(rest, [second, ..] if *second == *first);
    if *first == b'{' && !doubled {
        let mut after = rest;
        while let [byte, tail @ ..] = after {
            after = tail;
            if *byte == b'}' {
                break;
            }
        }
        let mut taken = 1;
        while taken <= text.len() {
            if fits_pattern(text.split_at(taken).1, after) {
                return true;
            }
            taken += 1;
        }
        return false;
    }
    let rest = if (*first == b'{' || *first == b'}') && doubled {
        rest.split_at(1).1
    } else {
        rest
    };
    match text {
        [byte, tail @ ..] if *byte == *first => fits_pattern(tail, rest),
        _ => false,
    }
}

/// A message put together at compile time.
pub(super) struct ConstString {
    bytes: [u8; 512],
    length: usize,
}

impl ConstString {
    pub(super) const fn new() -> Self {
        Self {
            bytes: [0; 512],
            length: 0,
        }
    }

    pub(super) const fn then(mut self, text: &str) -> Self {
        let text = text.as_bytes();
        let mut at = 0;
        while at < text.len() && self.length < self.bytes.len() {
            self.bytes[self.length] = text[at];
            self.length += 1;
            at += 1;
        }
        self
    }

    pub(super) const fn as_str(&self) -> &str {
        match core::str::from_utf8(self.bytes.split_at(self.length).0) {
            Ok(text) => text,
            // Only a name cut in the middle of a letter is none.
            Err(_) => "a handler can never run, or its pattern does not fit its arguments",
        }
    }
}
