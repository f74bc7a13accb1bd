//! Text of errors, as one line of a log: with its causes, and without secrets.

/// Formats an error and its causes on one line. Line breaks in foreign messages become spaces.
#[must_use]
pub fn with_causes(error: &(dyn std::error::Error + 'static)) -> String {
    let causes = std::iter::successors(Some(error), |error| error.source());
    let mut texts: Vec<String> = Vec::new();
    for cause in causes {
        let text = cause.to_string().replace(char::is_control, " ");
        // Many errors repeat their cause.
        if !texts.iter().any(|earlier| earlier.contains(&text)) {
            texts.push(text);
        }
    }
    texts.join(": ")
}

/// What somebody's code said when it panicked.
pub(crate) fn of_panic(panic: &(dyn std::any::Any + Send)) -> &str {
    let text = panic.downcast_ref::<&str>().copied();
    text.or_else(|| panic.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("without a message")
}

/// From this length on, a text that happens to contain the secret is unlikely.
const LONG: usize = 8;

/// Replaces a secret in foreign text. A short one, such as a placeholder from a trial, is replaced only as a
/// whole word: the text would not be readable otherwise.
#[must_use]
pub fn without_secret(text: &str, secret: &str) -> String {
    let mut rest = text;
    let mut shown = String::with_capacity(text.len());
    while let Some(at) = (!secret.is_empty()).then(|| rest.find(secret)).flatten() {
        let (before, found) = rest.split_at(at);
        let after = &found[secret.len()..];
        let is_inside_a_word = shown
            .chars()
            .chain(before.chars())
            .next_back()
            .is_some_and(char::is_alphanumeric)
            || after.starts_with(char::is_alphanumeric);
        shown.push_str(before);
        shown.push_str(if secret.len() < LONG && is_inside_a_word {
            secret
        } else {
            "[secret]"
        });
        rest = after;
    }
    shown.push_str(rest);
    shown
}

/// Replaces all but the scheme of a text that may be an address with a password, which may be anywhere in what
/// is not understood. Other texts stay.
#[must_use]
pub fn without_password(text: &str) -> String {
    let is_of_scheme = |letter: char| letter.is_ascii_alphanumeric() || "+-.\"'".contains(letter);
    match text.split_once("://") {
        Some((scheme, _)) if scheme.chars().all(is_of_scheme) => format!("{scheme}://…"),
        None if !text.contains('@') && !text.contains("password=") => text.to_owned(),
        _ => "…".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::{without_password, without_secret};

    #[test]
    fn an_address_is_shown_by_its_scheme() {
        for (text, shown) in [
            ("postgre://bot:pw@db/bot", "postgre://…"),
            ("POSTGRES://bot:pw@db/bot", "POSTGRES://…"),
            ("\"postgres://bot:pw@db/bot\"", "\"postgres://…"),
            ("bot:pw@db://bot", "…"),
            ("bot:pw@db", "…"),
            ("host=db password=pw", "…"),
            ("mysql:handover", "mysql:handover"),
        ] {
            assert_eq!(without_password(text), shown);
        }
    }

    #[test]
    fn a_short_secret_is_a_whole_word() {
        assert_eq!(without_secret("messages of s", "s"), "messages of [secret]");
        assert_eq!(without_secret("token=abc&x", "abc"), "token=[secret]&x");
        assert_eq!(without_secret("abcabc abc", "abc"), "abcabc [secret]");
        assert_eq!(without_secret("äabc", "abc"), "äabc");
    }

    #[test]
    fn a_long_secret_is_found_inside_words() {
        let text = "token EAAG12345678end, EAAG12345678";
        assert_eq!(
            without_secret(text, "EAAG12345678"),
            "token [secret]end, [secret]"
        );
        assert_eq!(without_secret(text, ""), text);
    }
}
