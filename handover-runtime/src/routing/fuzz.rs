//! What a fuzzer runs with any bytes: patterns, regular expressions and words, and what they find in
//! what a person has written.

#![allow(clippy::expect_used, reason = "a panic is what the fuzzer looks for")]

use regex::{Regex, RegexSet};

use super::pattern::Pattern;
use super::words::Words;
use crate::extract::captures::groups;

/// A key of a handler in the first line, and what a person sent in the others.
pub fn filters(input: &[u8]) {
    let text = String::from_utf8_lossy(input);
    let (key, said) = text.split_once('\n').unwrap_or((&text, ""));
    pattern(key, said);
    regex(key, said);
    words(key, said);
}

/// What a pattern captures makes the payload again, put in its places.
fn pattern(pattern: &str, payload: &str) {
    let parts = parts(pattern);
    let compiled = Pattern::new(pattern);
    let Some(parts) = parts else {
        // The attribute refuses it; the bot does not start, and does not panic.
        let _ = compiled.map(|compiled| compiled.captures(payload));
        return;
    };
    let compiled = compiled.expect("the attribute accepts this pattern");
    let Some(captured) = compiled.captures(payload) else {
        return;
    };
    let mut values = captured.iter();
    let mut again = String::new();
    for part in parts {
        match part {
            PatternPart::Literal(text) => again.push_str(&text),
            PatternPart::Capture(name) => {
                let (captured, value) = values.next().expect("a value for each name");
                assert_eq!(captured.as_deref(), Some(name), "{pattern}");
                let value = value.as_deref().expect("a value");
                assert!(!value.is_empty(), "{pattern}");
                again.push_str(value);
            }
        }
    }
    assert_eq!(again, payload, "{pattern}");
}

enum PatternPart<'a> {
    Literal(String),
    Capture(&'a str),
}

/// The parts of a pattern that the attribute accepts: its names are plain and each is there once.
fn parts(pattern: &str) -> Option<Vec<PatternPart<'_>>> {
    let mut parts = Vec::new();
    let mut names = Vec::new();
    let mut rest = pattern;
    while let Some(brace) = rest.find(['{', '}']) {
        let (literal, tail) = rest.split_at(brace);
        parts.push(PatternPart::Literal(literal.to_owned()));
        if tail.starts_with("{{") || tail.starts_with("}}") {
            parts.push(PatternPart::Literal(tail[..1].to_owned()));
            rest = &tail[2..];
            continue;
        }
        let (name, after) = tail.strip_prefix('{')?.split_once('}')?;
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
        let is_name = name.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_')
            && name.bytes().all(plain);
        if !is_name || names.contains(&name) {
            return None;
        }
        names.push(name);
        parts.push(PatternPart::Capture(name));
        rest = after;
    }
    parts.push(PatternPart::Literal(rest.to_owned()));
    Some(parts)
}

/// The search for all expressions at once agrees with each by itself.
fn regex(pattern: &str, text: &str) {
    let Ok(regex) = Regex::new(pattern) else {
        return;
    };
    let found = groups(&regex, text);
    if let Ok(set) = RegexSet::new([pattern, "agent"]) {
        let in_set = set.matches(text).matched(0);
        assert_eq!(found.is_some(), in_set, "{pattern:?} in {text:?}");
    }
    if let Some(groups) = found {
        let whole = groups[0].1.as_deref().expect("the whole match");
        assert!(text.contains(whole));
    }
}

/// A phrase is found in itself, with other words around it, and in any case.
fn words(phrase: &str, text: &str) {
    let wanted = Words::of(phrase);
    let _ = Words::of(text).contain(&wanted);
    let has_words = Words::of(phrase).contain(&wanted);
    if has_words && phrase.is_ascii() {
        for around in [
            format!("please {phrase} now"),
            phrase.to_ascii_uppercase(),
            format!("{text}\n\n {phrase} \n\n{text}"),
        ] {
            assert!(
                Words::of(&around).contain(&wanted),
                "{phrase:?} in {around:?}"
            );
        }
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn filters() {
        handover_testkit::fuzz::fuzz("filters", super::filters);
    }
}
