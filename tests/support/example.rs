//! Runs an example as a program of its own.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use super::directory::Directory;
use super::program::Program;

/// A running example; dropping it ends it.
pub(crate) struct Example {
    program: Program,
    /// Its journal and its `.env`, if any, are its own.
    _directory: Directory,
}

impl Example {
    /// Starts the example with these variables, and none of the bot's others.
    pub(crate) fn start(name: &str, environment: &[(&str, String)]) -> Self {
        let directory = Directory::new();
        let mut command = command(directory.path(), name, environment);
        Self {
            program: Program::start(&mut command).expect("the example starts"),
            _directory: directory,
        }
    }

    /// Runs the example to its end in this directory.
    pub(crate) fn run_in(directory: &Path, name: &str, environment: &[(&str, String)]) -> Output {
        command(directory, name, environment)
            .output()
            .expect("the example runs")
    }

    /// The address of the bot's webhook, once the example listens.
    pub(crate) fn webhook(&mut self) -> String {
        self.program.wait_for("the webhook's address", |line| {
            let (_, address) = line.split_once("the bot listens on ")?;
            Some(address.trim().to_owned())
        })
    }

    /// The address of the simulator's page, once the example has told it.
    pub(crate) fn page(&mut self) -> String {
        self.program.wait_for("the page's address", |line| {
            let at = line.find("http://")?;
            line.contains("Be the customer")
                .then(|| line[at..].trim().to_owned())
        })
    }
}

fn command(directory: &Path, name: &str, environment: &[(&str, String)]) -> Command {
    let mut command = Command::new(binary(name));
    for (variable, _) in std::env::vars_os() {
        let text = variable.to_string_lossy();
        if text.starts_with("MESSENGER_")
            || text.starts_with("GRAPH_API_")
            || text.starts_with("HANDOVER_")
        {
            command.env_remove(variable);
        }
    }
    let variables = environment.iter().map(|(name, value)| (name, value));
    command.envs(variables).current_dir(directory);
    command
}

/// The example's program, built anew if its source is newer.
fn binary(name: &str) -> PathBuf {
    let test = std::env::current_exe().expect("a test is a program");
    let profile = test
        .ancestors()
        .nth(2)
        .expect("tests live in target/<profile>/deps");
    let release = profile.ends_with("release").then_some("--release");
    let built = Command::new(env!("CARGO"))
        .args(["build", "--quiet", "--example", name])
        .args(release)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .status();
    assert!(
        built.expect("cargo runs").success(),
        "the example {name} does not build"
    );
    profile.join("examples").join(name)
}
