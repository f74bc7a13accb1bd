//! The bot as a separate process.

use std::fs::OpenOptions;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStderr, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use tokio::sync::{oneshot, watch};

use crate::Result;
use crate::world::{APP, PAGE};

pub(crate) const SECRET: &str = "the app secret";
pub(crate) const DATABASE: &str = "handover.db";
const LOG: &str = "bot.log";
/// What the patch is called that makes a bot of the next version.
pub(crate) const NEXT_VERSION: &str = "next_version";
/// Even the slowest machine has started a bot by then.
const START_TIMEOUT: Duration = Duration::from_secs(60);
const LOOK_AGAIN: Duration = Duration::from_millis(2);

/// How bots are started.
pub(crate) struct Starter {
    directory: PathBuf,
    variables: Vec<(&'static str, String)>,
    /// Milliseconds by which the clock of the next bot is wrong.
    pub(crate) clock_offset: i64,
    /// Whether the next bot is of the next version of the tables, as `mutations/next_version.patch` makes it.
    pub(crate) is_of_next_version: bool,
    /// Where the bot is asked that was started last.
    pub(crate) operations: watch::Sender<Option<String>>,
}

/// A bot that has been started; dropping it kills it.
pub(crate) struct Bot {
    child: Child,
    started: Instant,
    address: oneshot::Receiver<String>,
}

/// What became of a start.
pub(crate) enum Start {
    /// It listens at this address, after this time.
    Ready(String, Duration),
    /// It ended before.
    Ended(ExitStatus),
}

impl Starter {
    pub(crate) fn new(directory: &Path, graph: &str) -> Self {
        let variables = [
            ("MESSENGER_PAGE_ID", PAGE),
            ("MESSENGER_ACCESS_TOKEN", "EAAB-the-access-token"),
            ("MESSENGER_APP_ID", APP),
            ("MESSENGER_APP_SECRET", SECRET),
            ("MESSENGER_VERIFY_TOKEN", "the verify token"),
            ("GRAPH_API_URL", graph),
            ("HANDOVER_STORE", "sqlite:handover.db"),
            ("HANDOVER_OPERATIONS", "127.0.0.1:0"),
            ("HOST", "127.0.0.1"),
            ("PORT", "0"),
            ("RUST_BACKTRACE", "0"),
            (
                "RUST_LOG",
                "warn,handover_runtime::bot=info,handover_runtime::operations=info",
            ),
        ];
        Self {
            directory: directory.to_owned(),
            variables: variables
                .map(|(name, value)| (name, value.to_owned()))
                .into(),
            clock_offset: 0,
            is_of_next_version: false,
            operations: watch::Sender::new(None),
        }
    }

    pub(crate) fn variable(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.variables.push((name, value.into()));
        self
    }

    /// Starts a bot, which ends at the failpoint if there is one.
    pub(crate) fn start(&self, failpoint: Option<&str>) -> Result<Bot> {
        let mut command = Command::new(std::env::current_exe()?);
        let own = |name: &str| {
            ["MESSENGER_", "GRAPH_API_", "HANDOVER_"]
                .iter()
                .any(|prefix| name.starts_with(prefix))
        };
        for (name, _) in std::env::vars_os().filter(|(name, _)| own(&name.to_string_lossy())) {
            command.env_remove(name);
        }
        command
            .arg("bot")
            .current_dir(&self.directory)
            .envs(self.variables.iter().map(|(name, value)| (name, value)))
            .envs(failpoint.map(|name| ("HANDOVER_FAILPOINT", name)))
            .envs(
                self.is_of_next_version
                    .then_some(("HANDOVER_MUTATION", NEXT_VERSION)),
            )
            .env("HANDOVER_CLOCK_OFFSET", self.clock_offset.to_string())
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::piped());
        let started = Instant::now();
        let mut child = command.spawn()?;
        let log = OpenOptions::new()
            .create(true)
            .append(true)
            .open(self.directory.join(LOG))?;
        let (found, address) = oneshot::channel();
        if let Some(errors) = child.stderr.take() {
            let operations = self.operations.clone();
            std::thread::spawn(move || keep_log(errors, log, found, &operations));
        }
        Ok(Bot {
            child,
            started,
            address,
        })
    }

    /// The end of what the bots have printed.
    pub(crate) fn last_words(&self) -> String {
        let log = std::fs::read_to_string(self.directory.join(LOG)).unwrap_or_default();
        let lines: Vec<_> = log.lines().rev().take(20).collect();
        let lines: Vec<_> = lines.into_iter().rev().collect();
        lines.join("\n")
    }
}

impl Bot {
    /// Waits until it listens.
    pub(crate) async fn ready(&mut self) -> Result<Start> {
        let address = tokio::time::timeout(START_TIMEOUT, &mut self.address).await;
        match address {
            Ok(Ok(address)) => Ok(Start::Ready(address, self.started.elapsed())),
            Ok(Err(_)) => Ok(Start::Ended(self.child.wait()?)),
            Err(_) => Err("the bot does not start".into()),
        }
    }

    /// Waits until it ends, but not for longer than this.
    pub(crate) async fn ended_within(&mut self, time: Duration) -> Result<Option<ExitStatus>> {
        let deadline = Instant::now() + time;
        loop {
            if let Some(status) = self.child.try_wait()? {
                return Ok(Some(status));
            }
            if Instant::now() >= deadline {
                return Ok(None);
            }
            tokio::time::sleep(LOOK_AGAIN).await;
        }
    }

    /// SIGKILL: it ends without knowing.
    pub(crate) fn kill(&mut self) -> Result<()> {
        self.child.kill()?;
        self.child.wait()?;
        Ok(())
    }

    /// SIGTERM: it is asked to end.
    pub(crate) fn terminate(&self) -> Result<()> {
        self.signal(Signal::TERM)
    }

    /// SIGSTOP: it is frozen.
    #[cfg(feature = "postgres")]
    pub(crate) fn freeze(&self) -> Result<()> {
        self.signal(Signal::STOP)
    }

    /// SIGCONT: it goes on, and does not know that it was frozen.
    #[cfg(feature = "postgres")]
    pub(crate) fn thaw(&self) -> Result<()> {
        self.signal(Signal::CONT)
    }

    /// The number of the process.
    #[cfg(feature = "postgres")]
    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    fn signal(&self, signal: Signal) -> Result<()> {
        let id = i32::try_from(self.child.id())?;
        let id = Pid::from_raw(id).ok_or("a process has a number")?;
        Ok(kill_process(id, signal)?)
    }
}

impl Drop for Bot {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.kill();
    }
}

/// Writes everything into the log, and finds the address in it.
fn keep_log(
    errors: ChildStderr,
    mut log: impl Write,
    found: oneshot::Sender<String>,
    operations: &watch::Sender<Option<String>>,
) {
    let mut found = Some(found);
    for line in BufReader::new(errors).lines().map_while(Result::ok) {
        if let Some((_, address)) = line.split_once("the bot listens on ")
            && let Some(found) = found.take()
        {
            let _ = found.send(address.trim().to_owned());
        }
        if let Some((_, address)) = line.split_once("metrics are at ") {
            let address = address.trim().trim_end_matches("/metrics");
            operations.send_replace(Some(address.to_owned()));
        }
        let _ = writeln!(log, "{line}");
    }
}
