//! The commands, a file or folder each.

mod arguments;
mod catch_up;
pub(crate) mod completions;
pub(crate) mod dev;
pub(crate) mod doctor;
pub(crate) mod inspect;
pub(crate) mod new;
pub(crate) mod replay;
pub(crate) mod routes;
pub(crate) mod thread;
pub(crate) mod trigger;

use std::process::ExitCode;

use tokio::runtime::Builder;

use crate::failure::Failure;
pub(crate) use arguments::Arguments;
use arguments::Command;

/// Whether all is well, or a fault was found and told.
pub(crate) type Verdict = Result<ExitCode, Failure>;

pub(crate) fn run(arguments: Arguments) -> Verdict {
    match arguments.command {
        Command::CatchUp(command) => block_on(command.run()),
        Command::Completions(command) => command.run(),
        #[cfg(target_os = "linux")]
        Command::Leash(command) => command.run(),
        Command::New(command) => command.run(),
        Command::Dev(command) => block_on(command.run()),
        Command::Doctor(command) => block_on(command.run()),
        Command::Inspect(command) => block_on(command.run()),
        Command::Replay(command) => command.run(),
        Command::Routes(command) => command.run(),
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
