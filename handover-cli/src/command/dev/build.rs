//! Building with Cargo, which prints errors itself.

use std::path::PathBuf;
use std::process::Stdio;
use std::time::{Duration, Instant};

use serde_json::Value;
use thiserror::Error;

use crate::cargo_target::CargoTarget;

/// A built bot.
pub(super) struct Program {
    pub(super) path: PathBuf,
    pub(super) took: Duration,
}

#[derive(Debug, Error)]
pub(super) enum BuildError {
    #[error("it does not build")]
    Code,
    #[error("cargo cannot be run; install Rust with rustup, or add ~/.cargo/bin to PATH")]
    NoCargo { source: std::io::Error },
    #[error("the project has no program to run; is this the folder of a bot?")]
    NoProgram,
    #[error("the project has several programs; select one with --bin or --example: {}", names.join(", "))]
    Several { names: Vec<String> },
}

pub(super) async fn build(target: &CargoTarget) -> Result<Program, BuildError> {
    let began = Instant::now();
    let mut cargo = tokio::process::Command::from(target.cargo("build"));
    cargo.arg("--message-format=json-render-diagnostics");
    cargo.stdin(Stdio::null()).stdout(Stdio::piped());
    // `output()` would keep the compiler's words from the terminal.
    let output = match cargo.kill_on_drop(true).spawn() {
        Ok(cargo) => cargo.wait_with_output().await,
        Err(error) => Err(error),
    };
    let output = output.map_err(|source| BuildError::NoCargo { source })?;
    if !output.status.success() {
        return Err(BuildError::Code);
    }
    let said = String::from_utf8_lossy(&output.stdout);
    let programs: Vec<_> = said.lines().filter_map(program).collect();
    match programs.as_slice() {
        [] => Err(BuildError::NoProgram),
        [(_, path)] => Ok(Program {
            path: path.clone(),
            took: began.elapsed(),
        }),
        several => Err(BuildError::Several {
            names: several.iter().map(|(name, _)| name.clone()).collect(),
        }),
    }
}

/// Returns the name and the path, if this line of Cargo's output has a program.
fn program(line: &str) -> Option<(String, PathBuf)> {
    let message: Value = serde_json::from_str(line).ok()?;
    let path = message["executable"].as_str()?;
    Some((message["target"]["name"].as_str()?.to_owned(), path.into()))
}
