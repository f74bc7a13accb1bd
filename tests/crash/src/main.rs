//! Kills a bot again and again, cuts its power, and looks for what got lost.
//!
//! The bot is this program, too, started as a separate process. Everything around it is played
//! here: the people who write, the inbox that takes threads over, the webhooks of the platform, and
//! a Graph API that fails as real ones do. `docs/reliability.md` says what is checked.

mod bot;
mod check;
#[cfg(feature = "postgres")]
mod cluster;
mod deliver;
mod directory;
mod faults;
mod figures;
mod forgotten;
mod graph;
mod kills;
mod memory;
mod options;
mod people;
mod power_loss;
mod process;
mod submit;
mod world;

use std::process::ExitCode;

use clap::Parser;

use options::{Command, Options};

/// What can go wrong with the harness itself.
type Error = Box<dyn std::error::Error + Send + Sync>;
type Result<T, E = Error> = std::result::Result<T, E>;

#[tokio::main]
async fn main() -> ExitCode {
    let options = Options::parse();
    let result = match options.command {
        Some(Command::Bot) => return bot::run().await,
        Some(Command::PowerLoss(options)) => power_loss::run(options).await,
        #[cfg(feature = "postgres")]
        Some(Command::Cluster(options)) => cluster::run(options).await,
        None => kills::run(options.kills).await,
    };
    match result {
        Ok(violations) if violations.is_empty() => {
            println!("nothing was lost, repeated or out of order");
            ExitCode::SUCCESS
        }
        Ok(violations) => {
            println!("{violations}");
            ExitCode::FAILURE
        }
        Err(error) => {
            println!("the harness failed: {error}");
            ExitCode::from(2)
        }
    }
}
