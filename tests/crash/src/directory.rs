//! A directory for one run.

use std::path::{Path, PathBuf};

use crate::Result;

/// Dropping it deletes it, unless it is to be looked at.
pub(crate) struct Directory {
    path: PathBuf,
    pub(crate) keep: bool,
}

impl Directory {
    pub(crate) fn new(name: &str) -> Result<Self> {
        let name = format!("handover-crash-{name}-{}", std::process::id());
        let path = std::env::temp_dir().join(name);
        std::fs::create_dir_all(&path)?;
        Ok(Self { path, keep: false })
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }
}

impl Drop for Directory {
    fn drop(&mut self) {
        if self.keep {
            println!("what it left is in {}", self.path.display());
        } else {
            // What is left does no harm.
            let _ = std::fs::remove_dir_all(&self.path);
        }
    }
}
