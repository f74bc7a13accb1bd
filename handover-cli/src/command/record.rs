//! `handover record`: a bot whose webhooks and calls are recorded.

use std::path::{Path, PathBuf};
use std::process::{ExitCode, ExitStatus, Stdio};
use std::{fs, io};

use clap::Args;
use handover::shutdown_signal;
use thiserror::Error;
use tokio::process::Command;

use super::CommandResult;
use crate::child::ask_to_stop;
use crate::terminal::{BOLD, DIM, paint, say};

/// Run a bot and record its webhooks and calls, to compare the simulator with the platform
///
/// Starts the program and sets HANDOVER_RECORD, as you can do yourself where the bot runs: only the bot sees both
/// its webhooks and its calls in the clear. Tokens and secrets are left out; ids, names and texts are replaced by
/// pseudonyms. `handover-sim check FILE` compares the recording with the rules of the simulator.
#[derive(Args)]
pub(crate) struct RecordCommand {
    /// File of the recording. If it exists, the recording gets a free name beside it
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    /// The program and its arguments. Default: `cargo run`
    #[arg(last = true, value_name = "PROGRAM")]
    program: Vec<String>,
}

#[derive(Debug, Error)]
pub(crate) enum RecordError {
    #[error("{program} cannot be started; write the program of the bot behind `--`")]
    Start { program: String, source: io::Error },
    #[error("the folder {} for the recording does not exist", path.display())]
    NoFolder { path: PathBuf },
}

impl RecordCommand {
    pub(crate) async fn run(self) -> CommandResult {
        // The program may change its folder.
        let out = std::path::absolute(&self.out)?;
        let folder = out.parent().unwrap_or(Path::new("/"));
        if !folder.is_dir() {
            let path = folder.to_owned();
            return Err(RecordError::NoFolder { path }.into());
        }
        let before = recordings(&out);
        let mut words = self.program;
        if words.is_empty() {
            // Set where the command was called as `cargo handover`.
            let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned());
            words = vec![cargo, "run".to_owned()];
        }
        let program = words.remove(0);
        let stop = shutdown_signal();
        let child = Command::new(&program)
            .args(words)
            .env("HANDOVER_RECORD", &out)
            .stdin(Stdio::inherit())
            .spawn();
        let mut child = child.map_err(|source| RecordError::Start { program, source })?;
        let status = tokio::select! {
            ended = child.wait() => ended?,
            () = stop => {
                // The recording ends with it. A shell's Ctrl-C has reached it already.
                ask_to_stop(&mut child);
                child.wait().await?
            }
        };
        match newest(&out, &before) {
            Some(file) => say(format_args!(
                "recorded {}; compare it with the simulator: {}",
                paint(BOLD, file.display()),
                paint(BOLD, format_args!("handover-sim check {}", file.display()))
            )),
            None => say(paint(
                DIM,
                "nothing was recorded: is it a bot of this version of handover?",
            )),
        }
        Ok(code(status))
    }
}

/// The exit code of the program.
fn code(status: ExitStatus) -> ExitCode {
    let code = status.code().and_then(|code| u8::try_from(code).ok());
    code.map_or(ExitCode::FAILURE, ExitCode::from)
}

/// The recordings of this name that are there.
fn recordings(out: &Path) -> Vec<PathBuf> {
    let stem = out
        .file_stem()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned();
    let entries = out.parent().and_then(|folder| fs::read_dir(folder).ok());
    let paths = entries
        .into_iter()
        .flatten()
        .filter_map(|entry| Some(entry.ok()?.path()));
    let is_of_it = |path: &PathBuf| {
        let name = path.file_stem().unwrap_or_default().to_string_lossy();
        let number = name.strip_prefix(&*stem);
        path.extension() == out.extension()
            && number.is_some_and(|rest| rest.is_empty() || rest.starts_with('-'))
    };
    paths.filter(is_of_it).collect()
}

fn newest(out: &Path, before: &[PathBuf]) -> Option<PathBuf> {
    let new = recordings(out)
        .into_iter()
        .filter(|path| !before.contains(path));
    new.max_by_key(|path| fs::metadata(path).and_then(|about| about.modified()).ok())
}
