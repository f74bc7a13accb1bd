//! Payload patterns such as `"ORDER:{id}"`.

use syn::ext::IdentExt;
use syn::parse::Parser;
use syn::{Ident, LitStr};

use crate::diag::error_at;

/// Each brace opens or closes a name that is an identifier, once, or is doubled.
pub(super) fn check(pattern: &LitStr) -> syn::Result<()> {
    let text = pattern.value();
    if let Some(mistake) = foreign(&text) {
        return Err(error_at!(pattern, "{mistake}"));
    }
    let mut names = Vec::new();
    let mut rest = text.as_str();
    while let Some(brace) = rest.find(['{', '}']) {
        let tail = &rest[brace..];
        rest = if tail.starts_with("{{") || tail.starts_with("}}") {
            &tail[2..]
        } else {
            let closed = tail.strip_prefix('{').and_then(|name| name.split_once('}'));
            let Some((name, after)) = closed else {
                return Err(error_at!(
                    pattern,
                    "a brace in a pattern opens or closes a name; write `{{{{` or `}}}}` for the brace itself"
                ));
            };
            // Keywords as well: the name is never written as an identifier.
            if !is_name(name) || name.starts_with("r#") {
                return Err(error_at!(
                    pattern,
                    "`{{{name}}}` is not a capture: its name has letters, digits and `_`, as in `{{id}}`"
                ));
            }
            if names.contains(&name) {
                return Err(error_at!(pattern, "`{{{name}}}` is in this pattern twice"));
            }
            names.push(name);
            after
        };
    }
    Ok(())
}

/// What captures elsewhere and is a part of the payload here.
fn foreign(text: &str) -> Option<String> {
    if let Some(name) = between(text, '<', '>') {
        return Some(format!(
            "a capture needs braces: write `{{{name}}}` for `<{name}>`"
        ));
    }
    if text.contains("${") {
        return Some("a capture is `{id}`, without `$` before it".to_owned());
    }
    if ["\\d", "\\w", ".*", ".+", "(?"]
        .iter()
        .any(|part| text.contains(part))
    {
        return Some(
            "a pattern is no regular expression: a capture such as `{id}` takes any text"
                .to_owned(),
        );
    }
    if ["%s", "%d", "%i"].iter().any(|part| text.contains(part)) {
        return Some("a capture has a name in braces, such as `{id}`".to_owned());
    }
    if text == "*" {
        return Some(
            "without the key `payload`, the handler takes any payload: leave it out".to_owned(),
        );
    }
    let is_separator = |letter: Option<char>| letter.is_none_or(|letter| !letter.is_alphanumeric());
    let globs = text.match_indices('*').any(|(at, _)| {
        is_separator(text[..at].chars().next_back()) && is_separator(text[at + 1..].chars().next())
            || at + 1 == text.len()
    });
    globs.then(|| {
        "`*` is an ordinary character: write a capture such as `{rest}` for any text".to_owned()
    })
}

/// An identifier and nothing else: for the parser, `a//b` is one, and a comment.
fn is_name(text: &str) -> bool {
    let name = Ident::parse_any.parse_str(text);
    name.is_ok_and(|name| name == text.trim())
}

/// An identifier between these two.
pub(super) fn between(text: &str, open: char, close: char) -> Option<&str> {
    text.match_indices(open).find_map(|(at, _)| {
        let (name, _) = text[at + open.len_utf8()..].split_once(close)?;
        is_name(name).then_some(name)
    })
}

/// A string that is compared as it is has no captures.
pub(super) fn none(key: &str, text: &LitStr) -> syn::Result<()> {
    let value = text.value();
    let written = between(&value, '{', '}').map(|name| format!("{{{name}}}"));
    let written = written.or_else(|| between(&value, '<', '>').map(|name| format!("<{name}>")));
    let Some(written) = written else {
        return Ok(());
    };
    Err(match key {
        "text" | "words" => error_at!(
            text,
            "`{key}` captures nothing, so `{written}` would have to be written by the person: use `regex` with a group such as `(?<id>\\d+)`, and take `Captures`"
        ),
        "quick_reply" => error_at!(
            text,
            "`quick_reply` captures nothing, so `{written}` would have to be in the payload: list the payloads, or leave the key out and take `Payload<T>`"
        ),
        _ => error_at!(
            text,
            "`{key}` captures nothing, so `{written}` would have to be there as it is: list the values, or ask in `when`"
        ),
    })
}
