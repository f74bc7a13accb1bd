//! Payload patterns: `"ORDER:{id}"` fits `ORDER:42` and captures `42` as `id`.

use regex::Regex;

use crate::extract::Groups;
use crate::extract::captures::groups;

/// A payload to compare with. `{name}` captures; `{{` and `}}` are literal braces.
pub(super) enum Pattern {
    /// Without names.
    Literal(String),
    Named(Regex),
}

impl Pattern {
    pub(super) fn new(pattern: &str) -> Result<Self, regex::Error> {
        let (mut literal, mut regex) = (String::new(), String::from("(?s)^"));
        let mut has_names = false;
        let mut rest = pattern;
        while let Some(brace) = rest.find(['{', '}']) {
            let (before, tail) = rest.split_at(brace);
            let doubled = tail.starts_with("{{") || tail.starts_with("}}");
            let (text, name, after) = match tail.split_once('}') {
                _ if doubled => (&tail[..1], None, &tail[2..]),
                Some((name, after)) => ("", Some(name), after),
                None => (tail, None, ""),
            };
            for text in [before, text] {
                literal.push_str(text);
                regex.push_str(&regex::escape(text));
            }
            if let Some(name) = name {
                let name = name.trim_start_matches('{').trim();
                regex.push_str(&format!("(?<{name}>.+?)"));
                has_names = true;
            }
            rest = after;
        }
        if !has_names {
            return Ok(Self::Literal(literal + rest));
        }
        regex.push_str(&regex::escape(rest));
        regex.push('$');
        Regex::new(&regex).map(Self::Named)
    }

    /// The named captures, in order; none for a payload without names.
    pub(super) fn captures(&self, payload: &str) -> Option<Groups> {
        match self {
            Self::Literal(literal) => (literal == payload).then(Groups::new),
            // To look for captures allocates, even if there are none.
            Self::Named(regex) if !regex.is_match(payload) => None,
            Self::Named(regex) => {
                groups(regex, payload).map(|groups| groups.into_iter().skip(1).collect())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn captured(pattern: &str, payload: &str) -> Option<Vec<String>> {
        let groups = Pattern::new(pattern).unwrap().captures(payload)?;
        Some(groups.into_iter().filter_map(|(_, value)| value).collect())
    }

    #[test]
    fn names_capture_and_everything_else_is_literal() {
        assert_eq!(captured("ORDER:{id}", "ORDER:42"), Some(vec!["42".into()]));
        assert_eq!(
            captured("{a}/{b}", "x/y/z"),
            Some(vec!["x".into(), "y/z".into()])
        );
        assert_eq!(captured("a.b", "a.b"), Some(vec![]));
        assert_eq!(captured("a.b", "axb"), None);
        assert_eq!(captured("ORDER:{id}", "ORDER:"), None);
        assert_eq!(captured("ORDER:{id}", "XORDER:1"), None);
        assert_eq!(captured("{{{id}}}", "{7}"), Some(vec!["7".into()]));
        assert_eq!(captured("line {n}", "line 1\n2"), Some(vec!["1\n2".into()]));
    }
}
