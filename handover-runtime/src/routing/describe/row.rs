use serde::Serialize;

use crate::routing::meta::Meta;
use crate::target::TargetApp;

/// What the columns of a table are called.
pub(super) const HEADERS: [&str; 6] = [
    "#",
    "handler",
    "waits for",
    "hands off to",
    "where",
    "what it does",
];

/// One route. None of its texts has line breaks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(super) struct RouteRow {
    /// With its module inside the crate, for handlers of several modules may share a name.
    pub(super) handler: String,
    pub(super) waits_for: String,
    pub(super) hands_off_to: Option<String>,
    pub(super) place: String,
    pub(super) summary: String,
}

impl RouteRow {
    pub(super) fn new(meta: &Meta, handoff: Option<TargetApp>) -> Self {
        let handler = match meta.module.split_once("::") {
            Some((_, module)) => format!("{module}::{}", meta.name),
            None => meta.name.to_owned(),
        };
        Self {
            handler,
            waits_for: one_line(&waits_for(meta)),
            hands_off_to: handoff.map(|app| one_line(&app.to_string())),
            place: one_line(&format!("{}:{}", meta.file, meta.line)),
            summary: one_line(&first_paragraph(meta.doc)),
        }
    }
}

/// The attribute, as it would be written.
fn waits_for(meta: &Meta) -> String {
    let name = meta.trigger.name();
    let keys: Vec<_> = meta.keys.iter().map(ToString::to_string).collect();
    if keys.is_empty() {
        return name.to_owned();
    }
    format!("{name}({})", keys.join(", "))
}

fn first_paragraph(doc: &str) -> String {
    let lines = doc.lines().map(str::trim);
    let paragraph = lines
        .skip_while(|line| line.is_empty())
        .take_while(|line| !line.is_empty());
    let words: Vec<_> = paragraph.flat_map(str::split_whitespace).collect();
    words.join(" ")
}

fn one_line(text: &str) -> String {
    text.replace(char::is_control, " ")
}
