use handover_protocol::AccountId;
use serde::{Deserialize, Serialize};

use crate::routing::meta::Meta;
use crate::routing::webhook_fields::{WebhookFields, accounts_of};
use crate::target::TargetApp;
use crate::trigger::TriggerKind;

/// What the columns of a table are called.
pub(super) const HEADERS: [&str; 6] = [
    "#",
    "handler",
    "waits for",
    "hands off to",
    "where",
    "what it does",
];

/// One route of a bot. None of its texts has line breaks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct DescribedRoute {
    /// The function, with its module inside the crate.
    pub handler: String,
    /// The attribute, as it would be written.
    pub waits_for: String,
    /// The app that gets the thread, if it is handed off.
    pub hands_off_to: Option<String>,
    /// File and line of the attribute.
    pub place: String,
    /// The first paragraph of the doc comment.
    pub summary: String,
    /// The accounts that it is limited to; empty if it takes all.
    pub accounts: Vec<AccountId>,
    /// The webhook fields that it needs.
    pub webhook_fields: WebhookFields,
}

impl DescribedRoute {
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
            accounts: accounts_of(meta),
            webhook_fields: WebhookFields::of(meta),
        }
    }
}

impl DescribedRoute {
    /// Whether it takes events of this account.
    #[must_use]
    pub fn concerns(&self, account: &AccountId) -> bool {
        self.accounts.is_empty() || self.accounts.contains(account)
    }
}

/// The attribute, as it would be written.
fn waits_for(meta: &Meta) -> String {
    let name = meta.trigger.name();
    let keys: Vec<_> = meta.keys.iter().map(ToString::to_string).collect();
    let name = match (meta.trigger, meta.signal()) {
        (TriggerKind::Signal, Some(signal)) => format!("{name} `{}`", signal.name),
        _ => name.to_owned(),
    };
    if keys.is_empty() {
        return name;
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
