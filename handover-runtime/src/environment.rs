//! The environment of the process.

use std::collections::HashMap;
use std::fmt;

/// The environment, extended by a file `.env`. The environment of the process is never changed.
#[derive(Clone, Default)]
pub(crate) struct Environment {
    file: HashMap<String, String>,
}

impl Environment {
    pub(crate) fn load() -> Self {
        let file = match dotenvy::dotenv_iter() {
            Ok(lines) => lines
                .filter_map(|line| {
                    // Not the error itself: it quotes the line, which may be a secret.
                    line.inspect_err(|_| tracing::warn!("a line of `.env` is not NAME=value"))
                        .ok()
                })
                .collect(),
            Err(error) => {
                if !error.not_found() {
                    tracing::warn!("the file `.env` cannot be read");
                }
                HashMap::new()
            }
        };
        Self { file }
    }

    /// An environment with these lines in the file.
    #[cfg(test)]
    pub(crate) fn of(file: &[(&str, &str)]) -> Self {
        let own = |(name, value): &(&str, &str)| (name.to_string(), value.to_string());
        Self {
            file: file.iter().map(own).collect(),
        }
    }

    /// The value of a variable; an empty one counts as not set.
    pub(crate) fn get(&self, name: &str) -> Option<String> {
        let process = std::env::var(name).ok().filter(|value| !value.is_empty());
        process.or_else(|| {
            self.file
                .get(name)
                .filter(|value| !value.is_empty())
                .cloned()
        })
    }
}

impl fmt::Debug for Environment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.file.keys()).finish()
    }
}
