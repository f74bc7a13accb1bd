//! Errors of commands.

use std::error::Error;
use std::fmt;
use std::process::ExitCode;

use handover_runtime::shared::with_causes;

/// A command that did not work out. It says what happened, to which thing, and what to do.
#[derive(Debug)]
pub(crate) struct CommandError {
    error: Box<dyn Error + Send + Sync>,
    misused: bool,
}

impl CommandError {
    /// The command was not understood, or an argument is missing.
    pub(crate) fn usage(error: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self {
            error: error.into(),
            misused: true,
        }
    }

    pub(crate) fn exit_code(&self) -> ExitCode {
        ExitCode::from(if self.misused { 2 } else { 1 })
    }
}

impl<E: Error + Send + Sync + 'static> From<E> for CommandError {
    fn from(error: E) -> Self {
        Self {
            error: Box::new(error),
            misused: false,
        }
    }
}

impl fmt::Display for CommandError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&with_causes(&*self.error))
    }
}
