//! A program that is only asked what its bots do.

use std::collections::BTreeMap;
use std::io::Write;

use super::{Description, Row};
use crate::error::{Error, Result};

impl Description {
    /// Prints what these bots do if `HANDOVER_DESCRIBE` asks for it, and says whether it did. Of
    /// several, each is called by its name; in JSON they are an object.
    #[doc(hidden)]
    pub fn tell_if_asked(bots: &[(&str, Self)]) -> Result<bool> {
        let Ok(format) = std::env::var("HANDOVER_DESCRIBE") else {
            return Ok(false);
        };
        let told = match bots {
            [(_, bot)] => bot.in_format(&format),
            bots => all_in_format(bots, &format),
        };
        let told = told.ok_or_else(|| {
            Error::other(format!(
                "HANDOVER_DESCRIBE=`{format}`: write text, markdown, mermaid or json"
            ))
        })?;
        // Nobody may be left to read it.
        let _ = writeln!(std::io::stdout(), "{told}");
        Ok(true)
    }

    /// In the form of this name; none has another.
    fn in_format(&self, name: &str) -> Option<String> {
        Some(match name {
            "text" | "1" => self.to_string(),
            "markdown" => self.markdown(),
            "mermaid" => self.mermaid(),
            "json" => self.json(),
            _ => return None,
        })
    }
}

fn all_in_format(bots: &[(&str, Description)], format: &str) -> Option<String> {
    if format == "json" {
        let rows = bots.iter().map(|(name, bot)| (*name, &bot.rows));
        return serde_json::to_string(&rows.collect::<BTreeMap<_, &Vec<Row>>>()).ok();
    }
    let heading = match format {
        "markdown" => "## ",
        "mermaid" => "%% ",
        _ => "",
    };
    let told = bots
        .iter()
        .map(|(name, bot)| Some(format!("{heading}{name}\n\n{}", bot.in_format(format)?)));
    Some(told.collect::<Option<Vec<_>>>()?.join("\n\n"))
}
