//! The routing table, for people to read.

mod markdown;
mod mermaid;
mod plain;
mod row;

use std::fmt;

use row::Row;

use super::meta::Meta;
use crate::target::TargetApp;
use crate::trigger::TriggerKind;

/// What a bot does: its routes in the order in which they are asked, with what each waits for, to
/// whom it hands the thread, where it stands, and the first paragraph of its doc comment.
///
/// [`Bot::describe`](crate::Bot::describe) makes it. Printed, it is a table in plain text:
///
/// ```
/// use handover_runtime::{Bot, Routes};
///
/// let bot = Bot::new(Routes::default());
/// assert_eq!(
///     bot.describe().to_string(),
///     "#  handler  waits for  hands off to  where  what it does",
/// );
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Description {
    rows: Vec<Row>,
}

impl Description {
    /// Of handlers in listed order, each with the app that it hands the thread to.
    pub(crate) fn new<'a>(
        handlers: impl IntoIterator<Item = (&'a Meta, Option<TargetApp>)>,
    ) -> Self {
        let (fallbacks, listed): (Vec<_>, Vec<_>) = handlers
            .into_iter()
            .partition(|(meta, _)| meta.trigger == TriggerKind::Fallback);
        let in_order = listed.into_iter().chain(fallbacks);
        Self {
            rows: in_order
                .map(|(meta, handoff)| Row::new(meta, handoff))
                .collect(),
        }
    }

    /// A Markdown table, for a README or a wiki. Doc comments are Markdown and stay so.
    ///
    /// ```
    /// use handover_runtime::Bot;
    ///
    /// fn save(bot: &Bot) -> std::io::Result<()> {
    ///     std::fs::write("ROUTES.md", bot.describe().markdown())
    /// }
    /// ```
    #[must_use]
    pub fn markdown(&self) -> String {
        markdown::table(&self.rows)
    }

    /// A [Mermaid](https://mermaid.js.org) flowchart: the way of an event from route to route. In
    /// Markdown it goes into a code block of the language `mermaid`, which GitHub draws.
    ///
    /// Where the handlers stand is left to the tables.
    ///
    /// ```
    /// use handover_runtime::{Bot, Routes};
    ///
    /// let chart = Bot::new(Routes::default()).describe().mermaid();
    /// assert!(chart.starts_with("flowchart TD\n"));
    /// ```
    #[must_use]
    pub fn mermaid(&self) -> String {
        mermaid::flowchart(&self.rows)
    }
}

impl fmt::Display for Description {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&plain::table(&self.rows))
    }
}
