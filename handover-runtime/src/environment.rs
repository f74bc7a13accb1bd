//! The environment of the process.

use std::collections::HashMap;
use std::fmt;
use std::io::{self, Read};
use std::path::PathBuf;

/// Variables of the process, and those that a file `.env` in the working directory or above adds.
///
/// The process's own environment is never written.
#[derive(Clone, Default)]
pub struct Environment {
    file: HashMap<String, String>,
}

/// Why a variable with `_FILE` behind its name gives no value.
#[derive(Debug, thiserror::Error)]
pub enum VariableFileError {
    /// The file is not there, is no text, or belongs to somebody else.
    #[error("{variable}: {path} cannot be read: {source}; make it readable, or unset {variable}")]
    Unreadable {
        /// The variable that names the file.
        variable: String,
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// The file holds nothing but blanks.
    #[error("{variable}: {path} is empty: write the value into it, or unset {variable}")]
    Empty {
        /// The variable that names the file.
        variable: String,
        /// The file.
        path: PathBuf,
    },
}

impl Environment {
    /// Reads the file. A line that cannot be read is left out and not shown: it may be a secret.
    #[must_use]
    pub fn load() -> Self {
        let file = match dotenvy::dotenv_iter() {
            Ok(lines) => variables(lines),
            Err(error) => {
                if !error.not_found() {
                    tracing::warn!("the file `.env` cannot be read");
                }
                HashMap::new()
            }
        };
        Self { file }
    }

    /// The variables of a file with this content.
    #[cfg(any(test, fuzzing))]
    pub(crate) fn read(content: &[u8]) -> Self {
        let file = variables(dotenvy::Iter::new(content));
        Self { file }
    }

    /// Adds variables to those of the file.
    #[must_use]
    pub fn with(mut self, variables: &[(&str, &str)]) -> Self {
        let own = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        self.file.extend(variables.iter().map(own));
        self
    }

    /// Returns the value of a variable, or what the file holds that the variable with `_FILE` behind its name
    /// names, without blanks around it. The process's own wins; an empty one counts as not set, and so does a
    /// file that gives no value.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<String> {
        let found = self.find(name).inspect_err(|error| {
            tracing::error!(%error, "{name} counts as not set");
        });
        found.ok().flatten()
    }

    /// Like [`get`](Self::get), but a file that gives no value is an error.
    ///
    /// # Errors
    ///
    /// If the variable names a file that cannot be read or is empty.
    pub fn find(&self, name: &str) -> Result<Option<String>, VariableFileError> {
        if let Some(value) = self.value(name) {
            return Ok(Some(value));
        }
        let Some(path) = self.file_of(name) else {
            return Ok(None);
        };
        let variable = file_variable(name);
        match std::fs::read_to_string(&path) {
            Err(source) => Err(VariableFileError::Unreadable {
                variable,
                path,
                source,
            }),
            Ok(text) => match text.trim() {
                "" => Err(VariableFileError::Empty { variable, path }),
                value => Ok(Some(value.to_owned())),
            },
        }
    }

    /// Whether the variable is set, or names a file, which may give no value.
    #[must_use]
    pub fn is_set(&self, name: &str) -> bool {
        self.value(name).is_some() || self.file_of(name).is_some()
    }

    /// The file that holds the value of a variable, if none is set.
    pub(crate) fn file_of(&self, name: &str) -> Option<PathBuf> {
        if self.value(name).is_some() {
            return None;
        }
        self.value(&file_variable(name)).map(PathBuf::from)
    }

    fn value(&self, name: &str) -> Option<String> {
        let process = std::env::var(name).ok().filter(|value| !value.is_empty());
        process.or_else(|| {
            self.file
                .get(name)
                .filter(|value| !value.is_empty())
                .cloned()
        })
    }
}

impl Environment {
    /// Returns the name of a variable that is set and differs from this one by at most two letters: a
    /// misspelling of it, unless it is one of the names that exist.
    #[must_use]
    pub fn misspelling_of(&self, name: &str, existing: &[&str]) -> Option<String> {
        let process = std::env::vars_os().filter_map(|(name, _)| name.into_string().ok());
        let names = process.chain(self.file.keys().cloned());
        let names = names.filter(|set| !existing.contains(&set.as_str()));
        let mut near = names.filter(|set| (1..=2).contains(&strsim::levenshtein(set, name)));
        near.next()
    }
}

/// The variable that names the file with the value of this one.
fn file_variable(name: &str) -> String {
    format!("{name}_FILE")
}

fn variables<R: Read>(lines: dotenvy::Iter<R>) -> HashMap<String, String> {
    let readable = lines.filter_map(|line| {
        // The error itself quotes the line, which may be a secret.
        line.inspect_err(|_| tracing::warn!("a line of `.env` is not NAME=value"))
            .ok()
    });
    readable.collect()
}

impl fmt::Debug for Environment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.file.keys()).finish()
    }
}
