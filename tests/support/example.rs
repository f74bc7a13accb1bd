//! Runs an example as a separate program.

use std::collections::BTreeMap;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Output};
use std::sync::{Arc, Mutex, PoisonError};

use handover_testkit::cargo::cargo;

use super::directory::Directory;
use super::program::Program;

/// A running example; dropping it ends it.
pub(crate) struct Example {
    program: Program,
    /// Its journal and its `.env`, if any, are there.
    _directory: Arc<Directory>,
}

impl Example {
    /// Starts the example with these variables, and none of the bot's others.
    pub(crate) fn start(name: &str, environment: &[(&str, String)]) -> Self {
        Self::start_in(&Arc::new(Directory::new()), name, environment)
    }

    /// The same in a directory in which one may have run before.
    pub(crate) fn start_in(
        directory: &Arc<Directory>,
        name: &str,
        environment: &[(&str, String)],
    ) -> Self {
        Self::start_by(command(directory.path(), name, environment), directory)
    }

    /// The same where no file may become longer than this many KiB, until
    /// [`may_write`](Self::may_write).
    pub(crate) fn start_on_a_full_disk(
        directory: &Arc<Directory>,
        name: &str,
        environment: &[(&str, String)],
        kib: u32,
    ) -> Self {
        let example = command(directory.path(), name, environment);
        let mut shell = Command::new("bash");
        // Otherwise writing more is a signal that ends the program.
        let limited = format!("trap '' XFSZ; ulimit -Sf {kib}; exec \"$0\"");
        shell.args(["-c", &limited]).arg(example.get_program());
        for (name, value) in example.get_envs() {
            match value {
                Some(value) => shell.env(name, value),
                None => shell.env_remove(name),
            };
        }
        shell.current_dir(directory.path());
        Self::start_by(shell, directory)
    }

    fn start_by(mut command: Command, directory: &Arc<Directory>) -> Self {
        Self {
            program: Program::start(&mut command).expect("the example starts"),
            _directory: directory.clone(),
        }
    }

    /// There is room on the disk again.
    pub(crate) fn may_write(&self) {
        let process = format!("--pid={}", self.program.id());
        run("prlimit", &[&process, "--fsize=unlimited"]);
    }

    /// Asks it to stop, as a service manager does, and says how it ended.
    pub(crate) fn stop(mut self) -> ExitStatus {
        self.ask_to_stop();
        self.program.ended()
    }

    pub(crate) fn ask_to_stop(&self) {
        run("kill", &["-TERM", &self.program.id().to_string()]);
    }

    /// The most memory that it has had at once, in MiB.
    pub(crate) fn peak_memory(&self) -> u64 {
        let status = format!("/proc/{}/status", self.program.id());
        let status = std::fs::read_to_string(status).expect("it runs");
        let peak = status.lines().find_map(|line| {
            let kib = line.strip_prefix("VmHWM:")?.strip_suffix("kB")?;
            kib.trim().parse::<u64>().ok()
        });
        peak.expect("the system says") / 1024
    }

    /// Waits for a line of its log.
    pub(crate) fn logs(&mut self, text: &str) {
        self.program
            .wait_for(text, |line| line.contains(text).then_some(()));
    }

    pub(crate) fn ended(mut self) -> ExitStatus {
        self.program.ended()
    }

    /// Runs the example to its end in this directory.
    pub(crate) fn run_in(
        directory: &Path,
        name: &str,
        arguments: &[&str],
        environment: &[(&str, String)],
    ) -> Output {
        let mut example = command(directory, name, environment);
        example.args(arguments).output().expect("the example runs")
    }

    /// The address of the bot's webhook, once the example listens.
    pub(crate) fn webhook(&mut self) -> String {
        self.program.wait_for("the webhook's address", |line| {
            let (_, address) = line.split_once("the bot listens on ")?;
            Some(address.trim().to_owned())
        })
    }

    /// The address of the simulator's page, once the example has printed it.
    pub(crate) fn page(&mut self) -> String {
        self.program.wait_for("the page's address", |line| {
            let at = line.find("http://")?;
            line.contains("Be the customer")
                .then(|| line[at..].trim().to_owned())
        })
    }
}

fn run(program: &str, arguments: &[&str]) {
    let status = Command::new(program).args(arguments).status();
    assert!(status.expect("it is installed").success(), "{program}");
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

/// The example's program, built again if its source is newer. Cargo is asked once for each: it looks through
/// all crates every time, and lets only one in.
pub(crate) fn binary(name: &str) -> PathBuf {
    static BUILT: Mutex<BTreeMap<String, PathBuf>> = Mutex::new(BTreeMap::new());
    let mut built = BUILT.lock().unwrap_or_else(PoisonError::into_inner);
    let path = built.entry(name.to_owned());
    path.or_insert_with(|| build(name)).clone()
}

/// One test at a time runs cargo, for cargo lets only one in: behind one that builds, a program that is
/// started by `cargo run` would be late.
pub(crate) fn alone_with_cargo() -> File {
    let lock = File::create(Path::new(env!("CARGO_TARGET_TMPDIR")).join("cargo.lock"));
    let lock = lock.expect("the target directory can be written");
    lock.lock().expect("the file can be locked");
    lock
}

fn build(name: &str) -> PathBuf {
    let test = std::env::current_exe().expect("a test is a program");
    let profile = test
        .ancestors()
        .nth(2)
        .expect("tests live in target/<profile>/deps");
    let release = profile.ends_with("release").then_some("--release");
    let _alone = alone_with_cargo();
    let built = cargo()
        // With the features of `./test`, which has built it.
        .args([
            "build",
            "--quiet",
            "--locked",
            "--workspace",
            "--exclude=handover-crash",
            "--example",
            name,
        ])
        .args(release)
        .current_dir(super::root())
        .status();
    assert!(
        built.expect("cargo runs").success(),
        "the example {name} does not build"
    );
    profile.join("examples").join(name)
}
