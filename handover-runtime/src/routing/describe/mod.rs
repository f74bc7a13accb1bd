//! The routing table, for people to read.

mod markdown;
mod mermaid;
mod plain;
mod row;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use handover_protocol::{AccountId, Object};
use serde::{Deserialize, Serialize};

pub use row::DescribedRoute;

use super::route::Route;
use super::routes::Routes;
use crate::trigger::TriggerKind;

/// Description of a bot: its routes in order of precedence, each with its filter, its handoff, its
/// location, and the first paragraph of its doc comment.
///
/// Returned by [`Bot::describe`](crate::Bot::describe). Its `Display` is a table in plain text:
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
    rows: Vec<DescribedRoute>,
}

/// What a program prints that is started with `HANDOVER_DESCRIBE=json`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(untagged)]
pub enum DescribedProgram {
    /// The routes of its bot.
    Bot(Vec<DescribedRoute>),
    /// The routes of its bots, by their names.
    Bots(BTreeMap<String, Vec<DescribedRoute>>),
}

impl DescribedProgram {
    /// The routes of all bots.
    pub fn routes(&self) -> impl Iterator<Item = &DescribedRoute> {
        let (one, several) = match self {
            Self::Bot(routes) => (Some(routes), None),
            Self::Bots(bots) => (None, Some(bots.values())),
        };
        one.into_iter()
            .chain(several.into_iter().flatten())
            .flatten()
    }
}

impl Description {
    /// In the format of this name, if there is one.
    pub(crate) fn in_format(&self, name: &str) -> Option<String> {
        Some(match name {
            "text" | "1" => self.to_string(),
            "markdown" => self.markdown(),
            "mermaid" => self.mermaid(),
            "json" => self.json(),
            _ => return None,
        })
    }

    /// All of several bots in the format of this name, each called by its name; in JSON an object.
    pub(crate) fn all_in_format(bots: &[(&str, Self)], format: &str) -> Option<String> {
        if format == "json" {
            let rows = bots
                .iter()
                .map(|(name, bot)| ((*name).to_owned(), bot.rows.clone()));
            return serde_json::to_string(&DescribedProgram::Bots(rows.collect())).ok();
        }
        let heading = match format {
            "markdown" => "## ",
            "mermaid" => "%% ",
            _ => "",
        };
        let descriptions = bots
            .iter()
            .map(|(name, bot)| Some(format!("{heading}{name}\n\n{}", bot.in_format(format)?)));
        Some(descriptions.collect::<Option<Vec<_>>>()?.join("\n\n"))
    }

    pub(crate) fn of<S>(routes: &Routes<S>) -> Self {
        let is_fallback = |route: &&Route<S>| route.meta().trigger == TriggerKind::Fallback;
        let (fallbacks, listed): (Vec<_>, Vec<_>) = routes.routes.iter().partition(is_fallback);
        let in_order = listed.into_iter().chain(fallbacks);
        let row = |route: &Route<S>| DescribedRoute::new(route.meta(), route.handoff);
        Self {
            rows: in_order.map(row).collect(),
        }
    }

    /// The webhook fields that the handlers for this account need.
    pub(crate) fn webhook_fields(&self, account: &AccountId, product: &Object) -> BTreeSet<String> {
        let routes = self.rows.iter().filter(|route| route.concerns(account));
        let fields = routes.flat_map(|route| route.webhook_fields.of_product(product).all());
        fields.map(str::to_owned).collect()
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
    /// Only the tables show the location of handlers.
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

impl Description {
    /// A JSON array with an object per route, for programs.
    ///
    /// ```json
    /// [{"handler":"to_agent","waits_for":"on_message(text = \"agent\")","hands_off_to":"page_inbox",
    ///   "place":"src/main.rs:7","summary":"Hands the conversation to a person.","accounts":[],
    ///   "webhook_fields":{
    ///     "page":{"required":["messages","messaging_handovers"],
    ///             "recommended":["message_echoes","standby"]},
    ///     "instagram":{"required":["messages","messaging_handover"],
    ///                  "recommended":["messages","standby"]}}}]
    /// ```
    ///
    /// ```
    /// use handover_runtime::{Bot, Routes};
    ///
    /// assert_eq!(Bot::new(Routes::default()).describe().json(), "[]");
    /// ```
    #[must_use]
    pub fn json(&self) -> String {
        // Texts alone: there is nothing that has no JSON form.
        serde_json::to_string(&DescribedProgram::Bot(self.rows.clone())).unwrap_or_default()
    }
}

impl fmt::Display for Description {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&plain::table(&self.rows))
    }
}
