//! The commands, a file or folder each.

pub(crate) mod completions;
pub(crate) mod thread;
pub(crate) mod trigger;

use std::process::ExitCode;

use tokio::runtime::Builder;

use crate::arguments::{Arguments, Command};
use crate::failure::Failure;

/// Whether all is well, or a fault was found and told.
pub(crate) type Verdict = Result<ExitCode, Failure>;

pub(crate) fn run(arguments: Arguments) -> Verdict {
    match arguments.command {
        Command::Completions(command) => command.run(),
        Command::Thread(command) => block_on(command.run()),
        Command::Trigger(command) => block_on(command.run()),
    }
}

fn block_on(command: impl Future<Output = Verdict>) -> Verdict {
    Builder::new_current_thread()
        .enable_all()
        .build()?
        .block_on(command)
}
