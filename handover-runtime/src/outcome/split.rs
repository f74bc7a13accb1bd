//! Splits a text that is too long for one message.

use std::sync::LazyLock;

use handover_protocol::{Object, OutgoingMessage, limits};
use regex::Regex;

use super::limits::is_blank;

/// Splits a message into as many as its text needs. The parts besides the text go with the last.
pub(crate) fn messages(mut message: OutgoingMessage, product: &Object) -> Vec<OutgoingMessage> {
    let Some(text) = message.text.take() else {
        return vec![message];
    };
    let mut parts = parts(&text, product);
    let last = parts.pop().unwrap_or(&text);
    message.text = Some(last.to_owned());
    let mut messages = Vec::with_capacity(parts.len() + 1);
    messages.extend(parts.into_iter().map(OutgoingMessage::text));
    messages.push(message);
    messages
}

/// Removes the white space at the cuts.
fn parts<'t>(text: &'t str, product: &Object) -> Vec<&'t str> {
    match product {
        Object::Instagram => cut_by(text, |rest| {
            let most = limits::TEXT_BYTES_INSTAGRAM;
            (rest.len() > most).then(|| rest.floor_char_boundary(most))
        }),
        _ => cut_by(text, |rest| {
            bytes_of(rest, limits::TEXT_CHARS_MESSENGER - 1)
        }),
    }
}

/// Splits the text into parts of at most this many characters that fit into a message.
pub(super) fn into<'t>(text: &'t str, most: usize, product: &Object) -> Vec<&'t str> {
    let parts = cut_by(text, |rest| bytes_of(rest, most));
    let parts = parts
        .into_iter()
        .flat_map(|part| self::parts(part, product));
    parts.collect()
}

/// Returns the beginning of the text, of at most this many characters. Does not split an accent, flag or
/// emoji, unless it is longer than that alone.
pub(super) fn shortened(text: &str, most: usize) -> &str {
    let Some(room) = bytes_of(text, most) else {
        return text;
    };
    let mut places = (0..=room).rev().filter(|at| text.is_char_boundary(*at));
    let whole = places.find(|at| {
        let (before, after) = text.split_at(*at);
        *at > 0 && ends_sign(before, after)
    });
    text[..whole.unwrap_or(room)].trim_end()
}

fn cut_by(text: &str, room: impl Fn(&str) -> Option<usize>) -> Vec<&str> {
    let mut parts = Vec::new();
    let mut rest = text;
    while let Some(room) = room(rest) {
        let (part, after) = rest.split_at(cut(rest, room));
        parts.push(part.trim_end());
        rest = after.trim_start();
    }
    parts.push(rest);
    parts.retain(|part| !is_blank(part));
    parts
}

/// Returns how many bytes this many characters have, if the text has more.
fn bytes_of(text: &str, most: usize) -> Option<usize> {
    let (at, _) = text.char_indices().nth(most)?;
    Some(at)
}

/// Finds the cut. It leaves the message at least half full.
fn cut(text: &str, room: usize) -> usize {
    let last = |is_place: fn(&str, &str) -> bool| {
        let mut places = (room / 2..=room).rev();
        places.find(|at| {
            let halves = text.split_at_checked(*at);
            halves.is_some_and(|(before, after)| is_place(before, after))
        })
    };
    last(ends_sentence)
        .or_else(|| last(ends_line))
        .or_else(|| last(ends_word))
        .or_else(|| last(ends_sign))
        .unwrap_or(room)
}

fn ends_sentence(before: &str, after: &str) -> bool {
    let said = before.trim_end_matches(['"', '\'', ')', ']', '”', '’', '»', '」', '』']);
    let ended = said.ends_with(['.', '!', '?', '…']) && ends_word(before, after);
    // No space follows these.
    ended || said.ends_with(['。', '！', '？'])
}

fn ends_line(_: &str, after: &str) -> bool {
    after.starts_with(['\n', '\r'])
}

fn ends_word(_: &str, after: &str) -> bool {
    after.starts_with(char::is_whitespace)
}

/// Whether the cut does not split an accent, skin colour or the like from its character.
fn ends_sign(before: &str, after: &str) -> bool {
    const JOINER: char = '\u{200d}';
    let (Some(last), Some(next)) = (before.chars().next_back(), after.chars().next()) else {
        return true;
    };
    let is_flag_letter = |c: char| matches!(c, '\u{1f1e6}'..='\u{1f1ff}');
    let halves_a_flag = || {
        let letters = before.chars().rev().take_while(|c| is_flag_letter(*c));
        is_flag_letter(next) && letters.count() % 2 == 1
    };
    // Parts of a Korean syllable.
    let halves_a_syllable =
        matches!(last, '\u{1100}'..='\u{11ff}') && matches!(next, '\u{1160}'..='\u{11ff}');
    last != JOINER
        && !extends(next)
        && !halves_a_flag()
        && !halves_a_syllable
        && (last, next) != ('\r', '\n')
}

/// Whether the character belongs to the one before it.
fn extends(c: char) -> bool {
    static MARK: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"^\p{M}$").ok());
    match c {
        '\u{200d}' | '\u{1f3fb}'..='\u{1f3ff}' | '\u{e0020}'..='\u{e007f}' => true,
        '\0'..='\u{2ff}' => false,
        _ => MARK
            .as_ref()
            .is_some_and(|mark| mark.is_match(c.encode_utf8(&mut [0; 4]))),
    }
}

#[cfg(test)]
mod tests {
    use handover_protocol::QuickReply;
    use proptest::prelude::*;

    use super::*;

    fn texts(text: &str, product: &Object) -> Vec<String> {
        let parts = messages(OutgoingMessage::text(text), product);
        parts.into_iter().filter_map(|part| part.text).collect()
    }

    fn fits(text: &str, product: &Object) -> bool {
        match product {
            Object::Instagram => text.len() <= 1000,
            _ => text.chars().count() < 2000,
        }
    }

    fn filled(sentence: &str, count: usize) -> String {
        vec![sentence; count].join(" ")
    }

    #[test]
    fn a_text_at_the_limit_stays_whole() {
        for (product, most) in [(Object::Page, 1999), (Object::Instagram, 1000)] {
            let text = "x".repeat(most);
            assert_eq!(texts(&text, &product), [text.as_str()]);
            let longer = format!("{text}x");
            assert_eq!(texts(&longer, &product), [text.as_str(), "x"]);
        }
        let wide = "ß".repeat(1999);
        assert_eq!(texts(&wide, &Object::Page), [wide.as_str()]);
        assert_eq!(texts(&wide, &Object::Instagram).len(), 4, "bytes count");
    }

    #[test]
    fn sentences_stay_whole() {
        let text = filled("The ship sails at 8.30 (as she said \"yesterday!\")", 60);
        for product in [Object::Page, Object::Instagram] {
            for part in texts(&text, &product) {
                assert!(
                    part.starts_with("The ship") && part.ends_with("\")"),
                    "{part}"
                );
            }
        }
        for part in texts(&"船は八時に出る。".repeat(200), &Object::Instagram) {
            assert!(part.starts_with('船') && part.ends_with('。'), "{part}");
        }
    }

    #[test]
    fn without_sentences_lines_stay_whole_and_then_words() {
        let lines = vec!["a line without an end"; 200].join("\n");
        let words = filled("word", 900);
        for product in [Object::Page, Object::Instagram] {
            for part in texts(&lines, &product) {
                assert!(
                    part.starts_with("a line") && part.ends_with("an end"),
                    "{part}"
                );
            }
            for part in texts(&words, &product) {
                assert!(part.split(' ').all(|word| word == "word"), "{part}");
            }
        }
    }

    #[test]
    fn what_is_one_sign_is_not_torn() {
        let family = "👩\u{200d}👩\u{200d}👧\u{200d}👦";
        for before in 0..20 {
            let text = format!("{}{}", "x".repeat(before), family.repeat(300));
            for part in texts(&text, &Object::Instagram) {
                let families = part.trim_start_matches('x');
                assert_eq!(families.replace(family, ""), "", "{part}");
            }
        }
    }

    #[test]
    fn a_shortened_text_ends_with_a_whole_sign() {
        for sign in [
            "👩\u{200d}👧",
            "🇩🇪",
            "e\u{301}",
            "👍🏽",
            "한",
            "नि",
            "🏴\u{e0067}\u{e0062}\u{e007f}",
        ] {
            let text = sign.repeat(30);
            let short = shortened(&text, 20);
            assert_eq!(short.replace(sign, ""), "", "{short:?}");
            assert!(!short.is_empty() && short.chars().count() <= 20);
        }
        let torn = format!("a{}", "\u{301}".repeat(40));
        assert_eq!(shortened(&torn, 20).chars().count(), 20);
        assert_eq!(shortened("short", 20), "short");
    }

    #[test]
    fn what_belongs_to_the_message_goes_with_its_last_part() {
        let whole = OutgoingMessage {
            quick_replies: vec![QuickReply::user_email()],
            metadata: Some("m".to_owned()),
            ..OutgoingMessage::text(filled("A sentence.", 300))
        };
        let parts = messages(whole.clone(), &Object::Page);
        let [first, last] = parts.as_slice() else {
            unreachable!("{parts:?}")
        };
        assert!(first.quick_replies.is_empty() && first.metadata.is_none());
        assert_eq!(last.quick_replies, whole.quick_replies);
        assert_eq!(last.metadata, whole.metadata);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn the_parts_are_the_text(
            text in "([a-zß。.!?😀\u{301}\u{200d} \n\t\"]{0,40}|[a-z]{1,700}){0,60}",
            on_instagram: bool,
        ) {
            let product = if on_instagram { Object::Instagram } else { Object::Page };
            let parts = texts(&text, &product);
            let mut rest = text.as_str();
            for (at, part) in parts.iter().enumerate() {
                prop_assert!(fits(part, &product), "{} bytes", part.len());
                prop_assert!(parts.len() == 1 || !part.trim().is_empty());
                if at > 0 {
                    rest = rest.trim_start();
                }
                let after = rest.strip_prefix(part.as_str());
                prop_assert!(after.is_some(), "{part:?} is not next in {rest:?}");
                rest = after.unwrap_or_default();
            }
            prop_assert_eq!(rest.trim(), "");
        }
    }
}
