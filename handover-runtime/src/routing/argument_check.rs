//! Arguments that a handler can never be given, found by the compiler.

use super::key::Key;
use super::meta::Meta;
use super::reachability::{ConstString, same};
use crate::extract::{Argument, ArgumentSource, PayloadShape};

/// Fails to compile if the handler's argument at `at` has nothing to come from: no `regex`, no
/// session that is still free, a `payload` that does not fill it.
///
/// # Panics
///
/// While compiling, with what is missing.
#[expect(clippy::panic, reason = "the only way to fail while compiling")]
#[track_caller]
pub const fn check_argument(handler: &Meta, at: usize) {
    match handler.arguments[at].source {
        ArgumentSource::Event | ArgumentSource::Signal(_) | ArgumentSource::History => {}
        ArgumentSource::Payload(shape) => {
            if !has_payload(handler.keys) && !matches!(shape, PayloadShape::One) {
                panic!(
                    "nothing fills this argument: it takes captures, and the attribute has no `payload` with a pattern such as `payload = \"ORDER:{{id}}\"`"
                )
            }
            check_patterns(shape, handler.keys);
        }
        ArgumentSource::Captures if !has_regex(handler.keys) => {
            panic!("nothing is captured: `#[on_message]` needs the key `regex` for this argument")
        }
        ArgumentSource::Captures => {}
        ArgumentSource::Session(session) if has_session(handler.arguments, at, session.part) => {
            panic!("a handler takes one session, and an argument before this one takes it already")
        }
        ArgumentSource::Session(_) => {}
    }
}

/// Fails to compile if a handler of signals does not say by its arguments which signal it takes.
///
/// # Panics
///
/// While compiling, with what is missing.
#[expect(clippy::panic, reason = "the only way to fail while compiling")]
#[track_caller]
pub const fn check_signal(handler: &Meta) {
    let mut signals = 0;
    let mut at = 0;
    while at < handler.arguments.len() {
        if matches!(handler.arguments[at].source, ArgumentSource::Signal(_)) {
            signals += 1;
        }
        at += 1;
    }
    if signals == 0 {
        panic!(
            "the handler does not say which signal it takes: give it an argument `Signal<T>`, where `T` derives `Signal`"
        );
    }
    if signals > 1 {
        panic!("a handler takes one signal: leave one `Signal<T>`, and write a handler for each")
    }
}

const fn has_regex(keys: &[Key]) -> bool {
    match keys {
        [] => false,
        [Key::Regex(_), ..] => true,
        [_, others @ ..] => has_regex(others),
    }
}

const fn has_payload(keys: &[Key]) -> bool {
    match keys {
        [] => false,
        [Key::Payload(_), ..] => true,
        [_, others @ ..] => has_payload(others),
    }
}

/// Whether one of the arguments before `end` is this part of the session.
const fn has_session(arguments: &[Argument], end: usize, part: Option<&str>) -> bool {
    if end == 0 {
        return false;
    }
    let is_it = match (arguments[end - 1].source, part) {
        (ArgumentSource::Session(other), Some(part)) => match other.part {
            Some(other) => same(other.as_bytes(), part.as_bytes()),
            None => false,
        },
        (ArgumentSource::Session(other), None) => other.part.is_none(),
        _ => false,
    };
    is_it || has_session(arguments, end - 1, part)
}

#[track_caller]
const fn check_patterns(shape: PayloadShape, keys: &[Key]) {
    let mut key = 0;
    while key < keys.len() {
        if let Key::Payload(patterns) = keys[key] {
            let mut pattern = 0;
            while pattern < patterns.len() {
                check(shape, patterns[pattern]);
                pattern += 1;
            }
        }
        key += 1;
    }
}

#[expect(clippy::panic, reason = "the only way to fail while compiling")]
#[track_caller]
const fn check(shape: PayloadShape, pattern: &str) {
    let captures = count(pattern.as_bytes());
    let (fits, takes) = match shape {
        PayloadShape::One => (captures <= 1, "this argument takes one value"),
        PayloadShape::Several(wanted) => (
            captures == wanted,
            "this argument takes one capture for each of its parts",
        ),
        PayloadShape::Named(names) => (
            captures == names.len() && all_captured(pattern.as_bytes(), names),
            "this argument takes a capture for each of its fields, under the field's name",
        ),
    };
    if !fits {
        let text = ConstString::new()
            .then("the pattern `")
            .then(pattern)
            .then("` does not fill it: ")
            .then(takes);
        panic!("{}", text.as_str());
    }
}

/// Counts the `{name}`s.
const fn count(pattern: &[u8]) -> usize {
    let mut rest = pattern;
    let mut found = 0;
    loop {
        rest = match rest {
            [] => return found,
            [b'{', b'{', tail @ ..] | [b'}', b'}', tail @ ..] => tail,
            [b'{', tail @ ..] => {
                found += 1;
                tail
            }
            [_, tail @ ..] => tail,
        };
    }
}

const fn all_captured(pattern: &[u8], names: &[&str]) -> bool {
    let mut at = 0;
    while at < names.len() {
        if !captures(pattern, names[at].as_bytes()) {
            return false;
        }
        at += 1;
    }
    true
}

const fn captures(pattern: &[u8], name: &[u8]) -> bool {
    let mut rest = pattern;
    loop {
        rest = match rest {
            [] => return false,
            [b'{', b'{', tail @ ..] | [b'}', b'}', tail @ ..] => tail,
            [b'{', tail @ ..] => {
                if starts_with(tail, name) {
                    return true;
                }
                tail
            }
            [_, tail @ ..] => tail,
        };
    }
}

/// Whether `text` is `name` and a closing brace.
const fn starts_with(text: &[u8], name: &[u8]) -> bool {
    match (text, name) {
        ([b'}', ..], []) => true,
        ([a, text @ ..], [b, name @ ..]) if *a == *b => starts_with(text, name),
        _ => false,
    }
}
