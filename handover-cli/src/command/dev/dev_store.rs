//! Where the bots keep their journals while the command runs.

use std::fs::{self, File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

use thiserror::Error;

const PREFIX: &str = "handover-dev-";

/// In each folder; locked while its command runs, however that ends.
const LOCK: &str = "lock";

/// Folder with the journals of the bots, deleted when the command ends. If the command is killed, the next one
/// deletes it.
pub(super) struct DevStore {
    path: PathBuf,
    _lock: File,
}

#[derive(Debug, Error)]
#[error("the folder {} for the bot's journal cannot be created", path.display())]
pub(super) struct DevStoreError {
    path: PathBuf,
    source: io::Error,
}

impl DevStore {
    pub(super) fn new() -> Result<Self, DevStoreError> {
        let folders = std::env::temp_dir();
        delete_leftovers(&folders);
        let path = folders.join(format!("{PREFIX}{}", std::process::id()));
        match create(&path) {
            Ok(lock) => Ok(Self { path, _lock: lock }),
            Err(source) => Err(DevStoreError { path, source }),
        }
    }

    pub(super) fn of(&self, bot: Option<&str>) -> String {
        let name = bot.unwrap_or("bot");
        let path = self.path.join(name).with_extension("db");
        format!("sqlite:{}", path.display())
    }
}

impl Drop for DevStore {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.path);
    }
}

/// Under its name only once it is locked: until then it would be a leftover to others.
fn create(path: &Path) -> io::Result<File> {
    let unlocked = path.with_extension("new");
    fs::create_dir_all(&unlocked)?;
    let lock = File::create(unlocked.join(LOCK))?;
    lock.lock()?;
    fs::rename(unlocked, path)?;
    Ok(lock)
}

/// A folder that cannot be deleted, for it may be another user's, harms nobody.
fn delete_leftovers(folders: &Path) {
    let entries = fs::read_dir(folders).into_iter().flatten().flatten();
    let paths = entries.filter(|entry| entry.file_name().to_string_lossy().starts_with(PREFIX));
    for path in paths.map(|entry| entry.path()).filter(|it| is_left(it)) {
        let _ = fs::remove_dir_all(path);
    }
}

fn is_left(folder: &Path) -> bool {
    if folder.extension().is_some() {
        return false;
    }
    let Ok(lock) = File::open(folder.join(LOCK)) else {
        return false;
    };
    match lock.try_lock() {
        Ok(()) => true,
        Err(TryLockError::WouldBlock | TryLockError::Error(_)) => false,
    }
}
