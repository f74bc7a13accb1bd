use super::row::{DescribedRoute, HEADERS};

pub(super) fn table(rows: &[DescribedRoute]) -> String {
    let mut lines = vec![line(&HEADERS), "|---".repeat(HEADERS.len()) + "|"];
    lines.extend(rows.iter().zip(1..).map(|row| line(&cells(row))));
    lines.join("\n")
}

fn cells((row, number): (&DescribedRoute, usize)) -> [String; HEADERS.len()] {
    [
        number.to_string(),
        code(&row.handler),
        code(&row.waits_for),
        row.hands_off_to.as_deref().map(literal).unwrap_or_default(),
        code(&row.place),
        escape_pipes(&row.summary),
    ]
}

fn line<T: AsRef<str>>(cells: &[T; HEADERS.len()]) -> String {
    format!("| {} |", cells.each_ref().map(AsRef::as_ref).join(" | "))
}

/// A code span can hold neither a backtick nor a backslash before a pipe: Markdown has no escape
/// for them.
fn code(text: &str) -> String {
    if text.contains('`') || text.contains(r"\|") {
        return format!("<code>{}</code>", literal(text));
    }
    format!("`{}`", escape_pipes(text))
}

/// Text in which nothing is Markdown: what could be, becomes a reference to the character.
fn literal(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        if c.is_alphanumeric() || c == ' ' {
            escaped.push(c);
        } else {
            escaped += &format!("&#{};", u32::from(c));
        }
    }
    escaped
}

/// Keeps pipes from ending the cell. One that is escaped already stays as it is.
fn escape_pipes(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    let mut after_backslash = false;
    for c in text.chars() {
        if c == '|' && !after_backslash {
            escaped.push('\\');
        }
        escaped.push(c);
        after_backslash = c == '\\' && !after_backslash;
    }
    escaped
}
