//! `HANDOVER_DESCRIBE`: a program that only prints what its bots do.

use std::io::Write;

use super::error::{Error, Result};
use crate::routing::Description;

/// Prints what these bots do if `HANDOVER_DESCRIBE` is set, and returns whether it did. Several bots are
/// printed with their names, in JSON as an object.
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
    // The reader may have closed the pipe.
    let _ = writeln!(std::io::stdout(), "{described}");
    Ok(true)
}
