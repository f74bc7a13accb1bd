//! `handover routes`: what the bot does, route by route.

use std::path::PathBuf;
use std::process::{ExitCode, Stdio};

use clap::Args;
use handover_runtime::description::DescribedProgram;
use thiserror::Error;

use super::CommandResult;
use crate::browser;
use crate::cargo_target::CargoTarget;
use crate::routes_page;
use crate::terminal::say;

/// Show the bot's routes: the events that each handler takes, and where it hands over
///
/// Builds the project in this folder and asks the bot itself. Without Cargo, start the program with
/// HANDOVER_DESCRIBE=text, markdown, mermaid or json to print the same.
#[derive(Args)]
pub(crate) struct RoutesCommand {
    /// As a table in Markdown
    #[arg(long, conflicts_with_all = ["mermaid", "json"])]
    markdown: bool,
    /// As a flowchart in Mermaid
    #[arg(long, conflicts_with = "json")]
    mermaid: bool,
    /// As JSON
    #[arg(long)]
    json: bool,
    /// As a diagram in the browser
    #[arg(long, conflicts_with_all = ["markdown", "mermaid", "json"])]
    open: bool,
    /// As a diagram in this file, a web page by itself
    #[arg(long, value_name = "FILE", conflicts_with_all = ["markdown", "mermaid", "json", "open"])]
    html: Option<PathBuf>,
    #[command(flatten)]
    target: CargoTarget,
    /// Arguments for the bot
    #[arg(last = true, value_name = "ARGUMENTS")]
    arguments: Vec<String>,
}

#[derive(Debug, Error)]
pub(crate) enum RoutesError {
    #[error("cargo cannot be run; install Rust with rustup, or add ~/.cargo/bin to PATH")]
    NoCargo { source: std::io::Error },
    #[error("the bot could not be built, or failed; see the messages above")]
    Failed,
    #[error(
        "the program ended without printing its routes: does it call `handover::run` or `Bot::into_parts`, and is its `handover` as new as this command?"
    )]
    Silent,
    #[error(
        "the bot's description of its routes cannot be read: is its `handover` as new as this command?"
    )]
    Unreadable { source: serde_json::Error },
    #[error("the diagram cannot be written to {}", path.display())]
    Unwritable {
        path: PathBuf,
        source: std::io::Error,
    },
}

impl RoutesCommand {
    pub(crate) fn run(self) -> CommandResult {
        if self.open || self.html.is_some() {
            return self.draw();
        }
        let format = match &self {
            Self { markdown: true, .. } => "markdown",
            Self { mermaid: true, .. } => "mermaid",
            Self { json: true, .. } => "json",
            _ => "text",
        };
        say(ask(&self.target, format, &self.arguments)?.trim_end());
        Ok(ExitCode::SUCCESS)
    }

    /// Writes the diagram, and opens it unless a file was named.
    fn draw(&self) -> CommandResult {
        let described = ask(&self.target, "json", &self.arguments)?;
        let described: DescribedProgram = serde_json::from_str(described.trim())
            .map_err(|source| RoutesError::Unreadable { source })?;
        let page = routes_page::page(&described);
        match &self.html {
            Some(path) => {
                std::fs::write(path, page).map_err(|source| RoutesError::Unwritable {
                    path: path.clone(),
                    source,
                })?;
                say(format!("wrote {}", path.display()));
            }
            None => {
                let path = browser::open("handover-routes", &page)?;
                say(format!("opened {}", path.display()));
            }
        }
        Ok(ExitCode::SUCCESS)
    }
}

/// Builds the bot and returns its description of its routes.
pub(crate) fn ask(
    target: &CargoTarget,
    format: &str,
    arguments: &[String],
) -> Result<String, RoutesError> {
    let mut cargo = target.cargo("run");
    if format == "json" {
        cargo.arg("--quiet");
    }
    cargo.arg("--").args(arguments);
    cargo
        .env("HANDOVER_DESCRIBE", format)
        .stderr(Stdio::inherit());
    let output = cargo.output();
    let output = output.map_err(|source| RoutesError::NoCargo { source })?;
    if !output.status.success() {
        return Err(RoutesError::Failed);
    }
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    if said.trim().is_empty() {
        return Err(RoutesError::Silent);
    }
    Ok(said)
}
