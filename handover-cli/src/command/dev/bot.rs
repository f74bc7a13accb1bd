//! Processes of the bots.

use std::future::pending;
use std::io;
use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use thiserror::Error;
use tokio::process::{Child, Command};
use tokio::time::timeout;

use super::bot_setup::BotSetup;
use super::build::Program;
use super::dev_store::DevStore;
use crate::child::ask_to_stop;

/// How long a bot may take to stop.
const GRACE: Duration = Duration::from_secs(5);

/// A running bot. Killed on drop.
pub(super) struct BotProcess {
    child: Child,
    name: String,
    address: SocketAddr,
}

#[derive(Debug, Error)]
pub(super) enum BotError {
    #[error("{} was built and cannot be started", path.display())]
    Start { path: PathBuf, source: io::Error },
}

pub(super) fn start(
    program: &Program,
    setups: &[BotSetup],
    store: &DevStore,
    graph_url: &str,
    arguments: &[String],
) -> Result<Vec<BotProcess>, BotError> {
    let start = |bot_setup: &BotSetup| {
        let path = program.path.clone();
        let mut command = command(&path);
        command.args(&bot_setup.name).args(arguments);
        command.envs(
            bot_setup
                .variables
                .iter()
                .map(|(name, value)| (name, value)),
        );
        command
            .env("GRAPH_API_URL", graph_url)
            .env("GRAPH_API_APPSECRET_PROOF", "false");
        command
            .env("HOST", "127.0.0.1")
            .env("PORT", bot_setup.address.port().to_string());
        command.env("HANDOVER_STORE", store.of(bot_setup.name.as_deref()));
        if setups.len() > 1 {
            // Their usual port is the same.
            command.env("HANDOVER_OPERATIONS", "off");
        }
        if std::env::var_os("RUST_LOG").is_none() {
            // What it receives and calls is printed here.
            command.env("RUST_LOG", "warn");
        }
        match command.stdin(Stdio::null()).kill_on_drop(true).spawn() {
            Ok(child) => Ok(BotProcess {
                child,
                name: bot_setup.name().to_owned(),
                address: bot_setup.address,
            }),
            Err(source) => Err(BotError::Start { path, source }),
        }
    };
    setups.iter().map(start).collect()
}

#[cfg(target_os = "linux")]
fn command(path: &Path) -> Command {
    super::parent_death::bound_to_this_process(path)
}

/// On other systems, bots survive a kill of `handover dev`.
#[cfg(not(target_os = "linux"))]
fn command(path: &Path) -> Command {
    Command::new(path)
}

/// Waits until one of them exits, and returns its message.
pub(super) async fn ended(bots: &mut Vec<BotProcess>) -> String {
    loop {
        let ended = bots
            .iter_mut()
            .position(|bot| matches!(bot.child.try_wait(), Ok(Some(_))));
        if let Some(ended) = ended {
            return bots.remove(ended).ended().await;
        }
        if bots.is_empty() {
            return pending().await;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

impl BotProcess {
    async fn ended(mut self) -> String {
        let status = self.child.wait().await;
        let status = status.map_or_else(|error| error.to_string(), |status| status.to_string());
        let summary = format!("{} ended by itself ({status})", self.name);
        match TcpListener::bind(self.address) {
            Ok(_) => summary,
            Err(_) => format!(
                "{summary}; port {} is used by another program: stop that, or use `--bot-port`",
                self.address.port()
            ),
        }
    }
}

/// Asks the bots to stop, and kills those that do not.
pub(super) async fn stop(bots: &mut Vec<BotProcess>) {
    for bot in bots.iter_mut() {
        ask_to_stop(&mut bot.child);
    }
    for BotProcess { child, .. } in bots.iter_mut() {
        if timeout(GRACE, child.wait()).await.is_err() {
            // It may have ended in between.
            let _ = child.kill().await;
        }
    }
    bots.clear();
}
