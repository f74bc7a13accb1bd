//! Regular expressions, as far as they can be judged without a parser: what is refused here, the
//! `regex` crate refuses too. What it refuses besides is found when the bot starts.

use syn::LitStr;

use crate::diag::error_at;

pub(super) fn check(regex: &LitStr) -> syn::Result<()> {
    let text = regex.value();
    if let Some((inner, flags)) = javascript(&text) {
        let flags = if flags.is_empty() {
            String::new()
        } else {
            format!("(?{flags})")
        };
        return Err(error_at!(
            regex,
            "a regular expression needs no slashes between the quotes: `{flags}{inner}`"
        ));
    }
    let mut reader = Reader {
        rest: &text,
        names: Vec::new(),
    };
    match reader.expression() {
        Err(Mistake(mistake)) => Err(error_at!(
            regex,
            "this is not a regular expression: {mistake}"
        )),
        Ok(()) | Err(NotSure) => Ok(()),
    }
}

/// Why reading ended early.
enum Stop {
    Mistake(&'static str),
    /// It may be right or wrong.
    NotSure,
}

use Stop::{Mistake, NotSure};

const NO_BACK_REFERENCES: &str =
    "it cannot refer to what a group has found: `\\1` and `\\k<name>` are not supported";

/// The expression and the flags of `/expression/flags`, as JavaScript writes it.
fn javascript(text: &str) -> Option<(&str, String)> {
    let (inner, flags) = text.strip_prefix('/')?.rsplit_once('/')?;
    let are_flags = flags.chars().all(|flag| "dgimsuvy".contains(flag));
    let known = flags.chars().filter(|flag| "ims".contains(*flag)).collect();
    // A path such as `/help/` is searched for as it is, and asks for nothing that a flag says.
    let is_path = flags.is_empty() && !inner.contains(['^', '$', '\\', '(', '[', '+', '*']);
    (are_flags && !inner.is_empty() && !inner.contains('/') && !is_path).then_some((inner, known))
}

/// What is still to be read, and the names of groups so far.
struct Reader<'a> {
    rest: &'a str,
    names: Vec<&'a str>,
}

impl<'a> Reader<'a> {
    fn expression(&mut self) -> Result<(), Stop> {
        let mut open = 0_usize;
        // Whether there is something that `*` could repeat.
        let mut repeatable = false;
        while let Some(letter) = self.next() {
            repeatable = match letter {
                '(' if self.group()? => {
                    open += 1;
                    false
                }
                '(' | '|' => false,
                ')' if open == 0 => {
                    return Err(Mistake("a `)` closes nothing; the letter itself is `\\)`"));
                }
                ')' => {
                    open -= 1;
                    true
                }
                '*' | '+' | '?' | '{' if !repeatable => {
                    return Err(Mistake(
                        "`*`, `+`, `?` or `{` has nothing before it to repeat; the letters themselves are `\\*`, `\\+`, `\\?` and `\\{`",
                    ));
                }
                '{' if !self.skip_past('}') => {
                    return Err(Mistake("a `{` is not closed; the letter itself is `\\{`"));
                }
                '[' => {
                    self.class()?;
                    true
                }
                '\\' => {
                    self.escaped()?;
                    true
                }
                _ => true,
            };
        }
        match open {
            0 => Ok(()),
            _ => Err(Mistake("a `(` is not closed; the letter itself is `\\(`")),
        }
    }

    /// What follows the parenthesis; whether it is a group at all, and not flags for what comes.
    fn group(&mut self) -> Result<bool, Stop> {
        let look_around = ["?=", "?!", "?<=", "?<!"];
        if look_around.iter().any(|start| self.rest.starts_with(start)) {
            return Err(Mistake(
                "it cannot look around: `(?=`, `(?!`, `(?<=` and `(?<!` are not supported",
            ));
        }
        if self.rest.starts_with("?P=") || self.rest.starts_with("?P>") {
            return Err(Mistake(NO_BACK_REFERENCES));
        }
        if self.rest.starts_with("?>") {
            return Err(Mistake("groups such as `(?>` are not supported"));
        }
        if self.skip("?P<") || self.skip("?<") {
            let start = self.rest;
            if !self.skip_past('>') {
                return Err(NotSure);
            }
            let name = &start[..start.len() - self.rest.len() - 1];
            if self.names.contains(&name) {
                return Err(Mistake("two groups have one name, and each needs its own"));
            }
            self.names.push(name);
            return Ok(true);
        }
        if !self.skip("?") {
            return Ok(true);
        }
        loop {
            match self.next() {
                Some(':') => return Ok(true),
                Some(')') => return Ok(false),
                // In an expression with comments, anything can be anywhere.
                Some('x') | None => return Err(NotSure),
                Some(_) => {}
            }
        }
    }

    /// What follows the bracket, with the brackets inside it.
    fn class(&mut self) -> Result<(), Stop> {
        let mut open = 1_usize;
        self.start_of_class();
        while open > 0 {
            let doubled = ["&&", "--", "~~"];
            if doubled.into_iter().any(|operator| self.skip(operator)) {
                continue;
            }
            match self.letter_of_class()? {
                ']' => open -= 1,
                '[' => {
                    open += 1;
                    self.start_of_class();
                }
                // The end of a range is a letter, even if it is a bracket.
                _ if self.rest.starts_with('-')
                    && !self.rest.starts_with("-]")
                    && !self.rest.starts_with("--") =>
                {
                    self.next();
                    self.letter_of_class()?;
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// A bracket that comes first is a letter.
    fn start_of_class(&mut self) {
        self.skip("^");
        if self.rest.starts_with('-') {
            self.rest = self.rest.trim_start_matches('-');
        } else {
            self.skip("]");
        }
    }

    fn letter_of_class(&mut self) -> Result<char, Stop> {
        match self.next() {
            Some('\\') => {
                self.escaped()?;
                Ok('\\')
            }
            Some(letter) => Ok(letter),
            None => Err(Mistake("a `[` is not closed; the letter itself is `\\[`")),
        }
    }

    fn escaped(&mut self) -> Result<(), Stop> {
        let end = "it ends with a `\\` that escapes nothing; the letter itself is `\\\\`";
        match self.next().ok_or(Mistake(end))? {
            '0'..='9' | 'k' => Err(Mistake(NO_BACK_REFERENCES)),
            // Known elsewhere, and not here.
            'c' | 'e' | 'g' | 'G' | 'h' | 'H' | 'K' | 'N' | 'Q' | 'E' | 'R' | 'X' | 'Z' => Err(
                Mistake("it has an escape that the `regex` crate does not know"),
            ),
            _ => Ok(()),
        }
    }

    fn next(&mut self) -> Option<char> {
        let letter = self.rest.chars().next()?;
        self.rest = &self.rest[letter.len_utf8()..];
        Some(letter)
    }

    fn skip(&mut self, text: &str) -> bool {
        let rest = self.rest.strip_prefix(text);
        self.rest = rest.unwrap_or(self.rest);
        rest.is_some()
    }

    fn skip_past(&mut self, letter: char) -> bool {
        let rest = self.rest.split_once(letter);
        self.rest = rest.map_or(self.rest, |(_, rest)| rest);
        rest.is_some()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{Mistake, Reader};

    fn is_refused(regex: &str) -> bool {
        let mut reader = Reader {
            rest: regex,
            names: Vec::new(),
        };
        matches!(reader.expression(), Err(Mistake(_)))
    }

    #[test]
    fn what_is_surely_wrong_is_refused() {
        for wrong in [
            "(a",
            "a)",
            "a|(b|c",
            "[a",
            "[]",
            "[^]",
            "[a[b]",
            "[A-[]x[",
            "*a",
            "a|+",
            "(?)*",
            "(?:?a)",
            "a(?i)*",
            "{2}",
            "a{2",
            "a\\",
            "[\\",
            "(?=a)",
            "(?<!a)b",
            r"(a)\1",
            r"(?<a>.)\k<a>",
            "(?<a>.)(?<a>.)",
            "(?>a)",
            "(?P<a>.)(?P=a)",
            r"\Z",
            r"\h",
        ] {
            assert!(is_refused(wrong), "{wrong}");
            assert!(regex::Regex::new(wrong).is_err(), "{wrong}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(20_000))]

        #[test]
        fn nothing_that_is_right_is_refused(
            parts in prop::collection::vec(prop::sample::select(&[
                "a", "A", "é", "1", "-", "--", "&&", "~~", "^", "$", ".", "|", "*", "+", "?", "*?", "{", "}",
                "{2}", "{2,}", "{1,3}?", "(", ")", "(?:", "(?i)", "(?i:", "(?-u:", "(?x)", "(?x: ", "(?<n>",
                "(?P<m>", "(?<k[0]>", "[", "]", "[]", "[^", "[^]", "[-", "[a-", "A-[", "[:", ":]", "[[:alpha:]]",
                "\\", "\\(", "\\[", "\\]", "\\d", "\\b", "\\<", "\\1", "\\k", "\\Z", "\\A", "\\p{L}", "\\x{41}", "\\x41", "#", " ", "\n", "<", ">",
            ][..]), 0..9)
        ) {
            let regex = parts.concat();
            if regex::Regex::new(&regex).is_ok() {
                prop_assert!(!is_refused(&regex), "{regex}");
            }
        }
    }
}
