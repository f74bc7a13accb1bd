use std::path::{Path, PathBuf};
use std::{fs, io};

use thiserror::Error;

/// Source of the dependency `handover`.
pub(super) enum DependencySource {
    Folder(PathBuf),
    Git(String),
}

#[derive(Debug, Error)]
pub(super) enum InvalidSource {
    #[error(
        "handover is not published yet: add --path FOLDER (a clone of the repository) or --git URL"
    )]
    NotPublished,
    #[error("{} does not exist; `--path` needs the folder with handover's Cargo.toml", path.display())]
    Missing { path: PathBuf, source: io::Error },
    #[error("{} is not the crate handover; `--path` needs the folder with its Cargo.toml", path.display())]
    NotHandover { path: PathBuf },
}

impl DependencySource {
    pub(super) fn folder(path: &Path) -> Result<Self, InvalidSource> {
        let missing = |source| InvalidSource::Missing {
            path: path.to_owned(),
            source,
        };
        let whole = fs::canonicalize(path).map_err(missing)?;
        let manifest = fs::read_to_string(whole.join("Cargo.toml")).unwrap_or_default();
        if !manifest.contains("name = \"handover\"") {
            let path = path.to_owned();
            return Err(InvalidSource::NotHandover { path });
        }
        Ok(Self::Folder(whole))
    }

    /// Dependency in a Cargo.toml.
    pub(super) fn to_toml(&self) -> String {
        let quoted = |text: &str| format!("{text:?}");
        match self {
            Self::Folder(path) => format!("path = {}", quoted(&path.to_string_lossy())),
            Self::Git(url) => format!("git = {}", quoted(url)),
        }
    }
}
