//! Output, with colours only on a terminal.

mod age;
mod progress;
mod table;

use std::fmt::{self, Display};
use std::io::Write;

use clap::builder::styling::{AnsiColor, Style};
use serde::Serialize;

pub(crate) use age::{Age, now};
pub(crate) use progress::Progress;
pub(crate) use table::TextTable;

pub(crate) const GOOD: Style = AnsiColor::Green.on_default();
pub(crate) const BAD: Style = AnsiColor::Red.on_default().bold();
pub(crate) const WARN: Style = AnsiColor::Yellow.on_default();
pub(crate) const NAME: Style = AnsiColor::Cyan.on_default();
pub(crate) const DIM: Style = Style::new().dimmed();
pub(crate) const BOLD: Style = Style::new().bold();

/// A value with a style.
pub(crate) fn paint<T: Display>(style: Style, what: T) -> Styled<T> {
    Styled { style, what }
}

pub(crate) struct Styled<T> {
    style: Style,
    what: T,
}

impl<T: Display> Display for Styled<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { style, what } = self;
        write!(f, "{style}{what}{style:#}")
    }
}

/// Prints a line. Ignores a closed pipe.
pub(crate) fn say(line: impl Display) {
    let _ = writeln!(anstream::stdout(), "{line}");
}

/// Prints one JSON value on one line.
pub(crate) fn say_json(value: &impl Serialize) {
    if let Ok(json) = serde_json::to_string(value) {
        say(json);
    }
}

/// Prints a line for people, on standard error.
pub(crate) fn remark(line: impl Display) {
    let _ = writeln!(anstream::stderr(), "{line}");
}

pub(crate) fn complain(what: &impl Display) {
    remark(format_args!("{}: {what}", paint(BAD, "error")));
}

/// `1 event`, `2 events`.
pub(crate) fn plural(count: u64, what: &str) -> String {
    match count {
        1 => format!("1 {what}"),
        count => format!("{count} {what}s"),
    }
}

/// Shortens foreign text to one line of at most this length.
pub(crate) fn excerpt(text: &str, length: usize) -> String {
    let mut characters = text.chars().map(|c| if c.is_control() { ' ' } else { c });
    let mut short: String = characters.by_ref().take(length).collect();
    if characters.next().is_some() {
        short.push('…');
    }
    short
}
