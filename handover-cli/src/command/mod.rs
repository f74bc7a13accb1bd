//! The commands, a file or folder each.

mod arguments;
mod bot_thread;
mod catch_up;
pub(crate) mod completions;
pub(crate) mod dev;
pub(crate) mod doctor;
pub(crate) mod inspect;
pub(crate) mod migrate;
pub(crate) mod new;
pub(crate) mod operations;
pub(crate) mod privacy;
pub(crate) mod record;
pub(crate) mod replay;
pub(crate) mod routes;
pub(crate) mod speak;
pub(crate) mod thread;
pub(crate) mod trigger;

use std::process::ExitCode;

use tokio::runtime::Builder;

use crate::command_error::CommandError;
pub(crate) use arguments::CliArguments;
use arguments::HandoverCommand;

/// Exit code: success, or a fault was found.
pub(crate) type CommandResult = Result<ExitCode, CommandError>;

pub(crate) fn run(arguments: CliArguments) -> CommandResult {
    match arguments.command {
        HandoverCommand::CatchUp(command) => block_on(command.run()),
        HandoverCommand::Completions(command) => command.run(),
        #[cfg(target_os = "linux")]
        HandoverCommand::ParentDeath(command) => command.run(),
        HandoverCommand::New(command) => command.run(),
        HandoverCommand::Dev(command) => block_on(command.run()),
        HandoverCommand::Doctor(command) => block_on(command.run()),
        HandoverCommand::Inspect(command) => block_on(command.run()),
        HandoverCommand::Migrate(command) => command.run(),
        HandoverCommand::Operations(command) => block_on(command.run()),
        HandoverCommand::Record(command) => block_on(command.run()),
        HandoverCommand::Replay(command) => block_on(command.run()),
        HandoverCommand::Export(command) => block_on(command.run()),
        HandoverCommand::Forget(command) => block_on(command.run()),
        HandoverCommand::Routes(command) => command.run(),
        HandoverCommand::Send(command) => block_on(command.run()),
        HandoverCommand::Signal(command) => block_on(command.run()),
        HandoverCommand::Thread(command) => block_on(command.run()),
        HandoverCommand::Trigger(command) => block_on(command.run()),
    }
}

fn block_on(command: impl Future<Output = CommandResult>) -> CommandResult {
    Builder::new_current_thread()
        .enable_all()
        .build()?
        .block_on(command)
}
