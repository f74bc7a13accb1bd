//! `HANDOVER_DESCRIBE`: a program that is only asked what its bots do.

use std::io::Write;

use super::error::{Error, Result};
use crate::routing::Description;

/// Prints what these bots do if `HANDOVER_DESCRIBE` asks for it, and says whether it did. Of several,
/// each is called by its name; in JSON they are an object.
#[doc(hidden)]
pub fn describe_if_asked(bots: &[(&str, Description)]) -> Result<bool> {
    let Ok(format) = std::env::var("HANDOVER_DESCRIBE") else {
        return Ok(false);
    };
    let described = match bots {
        [(_, bot)] => bot.in_format(&format),
        bots => Description::all_in_format(bots, &format),
    };
    let described = described.ok_or_else(|| {
        Error::other(format!(
            "HANDOVER_DESCRIBE=`{format}`: write text, markdown, mermaid or json"
        ))
    })?;
    // Nobody may be left to read it.
    let _ = writeln!(std::io::stdout(), "{described}");
    Ok(true)
}
