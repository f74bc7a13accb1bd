//! On Linux, the bots end with `handover dev` even if that is killed.

use std::ffi::OsString;
use std::io;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, id};

use clap::Args;
use rustix::process::{Pid, Signal, getppid, set_parent_process_death_signal};

use super::bot::BotError;
use crate::command::CommandResult;

/// Become another program, which is asked to stop when the one that started this ends
#[derive(Args)]
pub(crate) struct ParentDeath {
    /// The process that is expected to have started this
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

/// The program, by way of this one, which is still there if another version was installed meanwhile.
pub(super) fn bound_to_this_process(program: &Path) -> tokio::process::Command {
    let mut command = tokio::process::Command::new("/proc/self/exe");
    command
        .args(["parent-death", &id().to_string()])
        .arg(program);
    command
}
