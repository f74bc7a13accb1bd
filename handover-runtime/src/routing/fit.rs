//! Patterns that do not fill the arguments they are for, found by the compiler.

use super::key::Key;
use super::meta::Meta;
use super::reach::Text;
use crate::extract::PayloadShape;

/// Fails to compile if a `payload` of the handler does not fill its argument at `at`.
///
/// # Panics
///
/// While compiling, with the pattern.
#[track_caller]
pub const fn check_payload(handler: &Meta, at: usize) {
    let Some(shape) = handler.arguments[at].payload else {
        return;
    };
    let mut key = 0;
    while key < handler.keys.len() {
        if let Key::Payload(patterns) = handler.keys[key] {
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
        let text = Text::new()
            .then("the pattern `")
            .then(pattern)
            .then("` does not fill it: ")
            .then(takes);
        panic!("{}", text.as_str());
    }
}

/// How many `{name}`s there are.
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
