//! `handover completions`.

use std::io;
use std::process::ExitCode;

use clap::{Args, CommandFactory};
use clap_complete::Shell;

use super::CliArguments;
use super::CommandResult;

/// Print the script that completes this command in a shell
///
/// For bash: `handover completions bash > ~/.local/share/bash-completion/completions/handover`
#[derive(Args)]
pub(crate) struct Completions {
    shell: Shell,
}

impl Completions {
    pub(crate) fn run(self) -> CommandResult {
        let mut script = Vec::new();
        clap_complete::generate(
            self.shell,
            &mut CliArguments::command(),
            "handover",
            &mut script,
        );
        io::Write::write_all(&mut io::stdout(), &script)?;
        Ok(ExitCode::SUCCESS)
    }
}
