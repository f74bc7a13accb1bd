//! `handover new`: creates a project that builds, passes its test and runs.

mod name;
mod source;
mod template;

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{self, Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};

use clap::Args;
use clap::builder::PossibleValuesParser;
use thiserror::Error;

use super::CommandResult;
use crate::command_error::CommandError;
use crate::terminal::{BOLD, GOOD, paint, say, say_json};
use name::ProjectName;
use source::{DependencySource, InvalidSource};

/// Create a project: a bot with its scenario test, Dockerfile, systemd unit and CI
///
/// It builds, passes its test and runs, against the simulator until it is configured. handover is not published
/// yet, so --path or --git says where it comes from.
#[derive(Args)]
pub(crate) struct New {
    /// The folder to create; its last part is the name of the project
    #[arg(value_name = "NAME")]
    folder: PathBuf,
    /// The template
    #[arg(long, default_value = "live-chat", value_parser = PossibleValuesParser::new(template::names()))]
    template: String,
    /// Depend on handover in this folder, a clone of its repository
    #[arg(long, value_name = "FOLDER", conflicts_with = "git")]
    path: Option<PathBuf>,
    /// Depend on handover in this Git repository
    #[arg(long, value_name = "URL")]
    git: Option<String>,
    /// Do not create a Git repository
    #[arg(long)]
    no_git: bool,
    /// Print the result as JSON
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Error)]
enum NewError {
    #[error("{} exists already; choose another name, or delete it first", folder.display())]
    Exists { folder: PathBuf },
    #[error("cannot write {}; check that you may write there", path.display())]
    Unwritable { path: PathBuf, source: io::Error },
}

impl New {
    pub(crate) fn run(self) -> CommandResult {
        let name = ProjectName::of(&self.folder).map_err(CommandError::usage)?;
        if self.folder.exists() {
            let folder = self.folder;
            return Err(CommandError::usage(NewError::Exists { folder }));
        }
        let source = self.source().map_err(CommandError::usage)?;
        let mut files = template::files(&self.template, &name, &source);
        if is_in_workspace(&self.folder) {
            stand_alone(&mut files);
        }
        for (path, content) in &files {
            write(&self.folder.join(path), content)?;
        }
        if !self.no_git {
            make_repository(&self.folder);
        }
        if self.json {
            let paths = files.keys().map(|path| path.display().to_string());
            let paths: Vec<_> = paths.collect();
            say_json(&serde_json::json!({
                "name": name.as_str(), "template": self.template, "folder": self.folder, "files": paths,
            }));
        } else {
            self.say_how_to_go_on(&name);
        }
        Ok(ExitCode::SUCCESS)
    }

    fn source(&self) -> Result<DependencySource, InvalidSource> {
        match (&self.path, &self.git) {
            (Some(path), _) => DependencySource::folder(path),
            (None, Some(url)) => Ok(DependencySource::Git(url.clone())),
            (None, None) => Err(InvalidSource::NotPublished),
        }
    }

    fn say_how_to_go_on(&self, name: &ProjectName) {
        let written = format!(
            "created {} from the template {}",
            name.as_str(),
            self.template
        );
        say(paint(GOOD, written));
        say(format_args!(
            "\n  {}\n  {}  runs the bot with a simulator, and opens its page\n  {}    plays the conversation in tests/conversation.rs\n",
            paint(BOLD, format_args!("cd {}", self.folder.display())),
            paint(BOLD, "handover dev"),
            paint(BOLD, "cargo test")
        ));
    }
}

fn write(path: &Path, content: &str) -> Result<(), NewError> {
    let folder = path.parent().unwrap_or(path);
    let written = fs::create_dir_all(folder).and_then(|()| fs::write(path, content));
    written.map_err(|source| NewError::Unwritable {
        path: path.to_owned(),
        source,
    })
}

/// Whether Cargo would add the project to another workspace.
fn is_in_workspace(folder: &Path) -> bool {
    let Ok(folder) = path::absolute(folder) else {
        return false;
    };
    let is_workspace = |folder: &Path| {
        let manifest = fs::read_to_string(folder.join("Cargo.toml")).unwrap_or_default();
        manifest.lines().any(|line| line.starts_with("[workspace"))
    };
    folder.ancestors().skip(1).any(is_workspace)
}

fn stand_alone(files: &mut BTreeMap<PathBuf, String>) {
    if let Some(manifest) = files.get_mut(Path::new("Cargo.toml")) {
        manifest.push_str("\n# It is not part of the workspace around it.\n[workspace]\n");
    }
}

/// Creates a repository as `cargo new` does, unless the folder is in one already or Git is missing.
fn make_repository(folder: &Path) {
    let git = |arguments: &[&str]| {
        let mut git = Command::new("git");
        git.args(arguments).current_dir(folder);
        git.stdout(Stdio::null()).stderr(Stdio::null()).status()
    };
    let is_inside =
        git(&["rev-parse", "--is-inside-work-tree"]).is_ok_and(|status| status.success());
    if !is_inside {
        // The project is complete without.
        let _ = git(&["init", "--quiet"]);
    }
}
