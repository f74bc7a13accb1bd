//! On Linux, the bots stop together with `handover dev`, even if it is killed.

use std::ffi::OsString;
use std::io;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, id};

use clap::Args;
use rustix::process::{Pid, Signal, getppid, set_parent_process_death_signal};

use super::bot::BotError;
use crate::command::CommandResult;

/// Run a program that is asked to stop when the parent process ends
#[derive(Args)]
pub(crate) struct ParentDeath {
    /// The expected parent process
    holder: i32,
    program: PathBuf,
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    arguments: Vec<OsString>,
}

impl ParentDeath {
    pub(crate) fn run(self) -> CommandResult {
        // It outlasts the change of program.
        set_parent_process_death_signal(Some(Signal::TERM)).map_err(io::Error::from)?;
        if getppid().map(Pid::as_raw_pid) != Some(self.holder) {
            return Err(io::Error::other("`handover dev` has ended meanwhile").into());
        }
        let source = Command::new(&self.program).args(self.arguments).exec();
        let path = self.program;
        Err(BotError::Start { path, source }.into())
    }
}

/// Command for the program, started by this executable, even if another version was installed meanwhile.
pub(super) fn bound_to_this_process(program: &Path) -> tokio::process::Command {
    let mut command = tokio::process::Command::new("/proc/self/exe");
    command
        .args(["parent-death", &id().to_string()])
        .arg(program);
    command
}
