//! Running cargo, and what it cost.

use std::path::Path;
use std::process::Command;

use crate::Result;

/// What a run of cargo left behind.
pub(crate) struct Finished {
    /// Processor seconds, user and system, of cargo and everything it started.
    pub(crate) cpu: f64,
    pub(crate) output: String,
    pub(crate) messages: String,
}

/// Bash waits for its children, so its `time` knows what they used, to the millisecond: asking the
/// system ourselves would take unsafe code or a dependency.
const TIMED: &str = r#"TIMEFORMAT="%3U %3S"; time timeout --foreground 1800 "$@""#;

pub(crate) fn run(directory: &Path, arguments: &[&str]) -> Result<Finished> {
    let finished = Command::new("bash")
        .args(["-c", TIMED, "bash", env!("CARGO")])
        .args(arguments)
        .current_dir(directory)
        .env("CARGO_TARGET_DIR", directory.join("target"))
        .env("CARGO_INCREMENTAL", "0")
        .env("CARGO_TERM_COLOR", "never")
        // A cache would be measured instead of the compiler.
        .env("RUSTC_WRAPPER", "")
        // Allows `-Z` in these two crates. Not in all of them, as dependencies would then choose
        // nightly features; but in every run, as another value makes cargo build them again.
        .env("RUSTC_BOOTSTRAP", "empty,full")
        .env("LC_ALL", "C")
        .output()?;
    let messages = String::from_utf8(finished.stderr)?;
    if !finished.status.success() {
        let command = arguments.join(" ");
        let directory = directory.display();
        return Err(format!("`cargo {command}` failed in {directory}:\n{messages}").into());
    }
    let messages = messages.trim_end();
    let (messages, times) = messages.rsplit_once('\n').unwrap_or(("", messages));
    let mut cpu = 0.0;
    for time in times.split(' ') {
        cpu += time.parse::<f64>()?;
    }
    Ok(Finished {
        cpu,
        output: String::from_utf8(finished.stdout)?,
        messages: messages.to_owned(),
    })
}
