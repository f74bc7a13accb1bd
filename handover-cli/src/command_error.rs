//! Errors of commands.

use std::error::Error;
use std::fmt;
use std::process::ExitCode;

/// Error of a command: what happened, to which thing, and what to do.
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

/// Prints the error with its causes, without those that it quotes.
impl fmt::Display for CommandError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut told = self.error.to_string();
        f.write_str(&told)?;
        let mut cause = self.error.source();
        while let Some(error) = cause {
            let text = error.to_string();
            if !told.contains(&text) {
                write!(f, "\n  because: {text}")?;
                told += &text;
            }
            cause = error.source();
        }
        Ok(())
    }
}
