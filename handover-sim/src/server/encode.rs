use std::fmt::Write;

use handover_protocol::Envelope;
use serde::Serialize;

/// A value of the protocol as JSON. They are made of objects with string keys, texts and whole
/// numbers, which always have a JSON form.
pub(super) fn to_json<T: Serialize>(value: &T) -> String {
    serde_json::to_string(value).unwrap_or_default()
}

/// JSON as the platform's webhooks have it: non-ASCII as `\u00e4` with lower-case digits, `/` as
/// `\/`. Receivers that check the signature over a re-encoded body are found out by this.
pub(super) fn encode(envelope: &Envelope) -> String {
    escape(&to_json(envelope))
}

/// Both kinds of characters occur within strings only, so the text can be escaped as a whole.
fn escape(json: &str) -> String {
    let mut escaped = String::with_capacity(json.len() + json.len() / 8);
    for character in json.chars() {
        match character {
            '/' => escaped.push_str("\\/"),
            ascii if ascii.is_ascii() => escaped.push(ascii),
            other => {
                for unit in other.encode_utf16(&mut [0; 2]) {
                    // Writing into a string cannot fail.
                    let _ = write!(escaped, "\\u{unit:04x}");
                }
            }
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::escape;

    #[test]
    fn escapes_as_the_platform_does() {
        assert_eq!(
            escape(r#"{"a":"Käse / 👋","b":"\n\"q\""}"#),
            r#"{"a":"K\u00e4se \/ \ud83d\udc4b","b":"\n\"q\""}"#
        );
    }
}
