//! Watching the project for changes.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;
use std::{fs, io};

use notify::event::ModifyKind;
use notify::{Event, EventKind, RecommendedWatcher, RecursiveMode, Watcher};
use thiserror::Error;
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};
use tokio::time::{Instant, timeout_at};

use crate::cargo_target::CargoTarget;

/// An editor saves in several steps; a change is complete this long after the last one.
const QUIET: Duration = Duration::from_millis(150);

/// Watches the project's folder, without build output.
pub(super) struct Watch {
    root: PathBuf,
    changes: UnboundedReceiver<PathBuf>,
    saved: BTreeSet<PathBuf>,
    quiet_at: Instant,
    _watcher: RecommendedWatcher,
}

#[derive(Debug, Error)]
pub(super) enum WatchError {
    #[error(
        "there is no Cargo.toml in this folder or above; run this in the project's folder, or use --manifest-path"
    )]
    NoProject,
    #[error("the folder {} cannot be watched", path.display())]
    Unwatchable {
        path: PathBuf,
        source: notify::Error,
    },
    #[error("the folder {} cannot be read", path.display())]
    Unreadable { path: PathBuf, source: io::Error },
}

impl Watch {
    pub(super) fn start(target: &CargoTarget) -> Result<Self, WatchError> {
        let root = target.folder().ok_or(WatchError::NoProject)?;
        let (heard, changes) = unbounded_channel();
        let relevant = Relevant { root: root.clone() };
        let hear = move |event: notify::Result<Event>| {
            let event = event.unwrap_or_default();
            if is_a_save(&event.kind) {
                for path in event.paths.into_iter().filter(|path| relevant.is(path)) {
                    // Nobody listens any more once the command ends.
                    let _ = heard.send(path);
                }
            }
        };
        let unwatchable = |path: &Path| {
            let path = path.to_owned();
            |source| WatchError::Unwatchable { path, source }
        };
        let mut watcher = notify::recommended_watcher(hear).map_err(unwatchable(&root))?;
        watcher
            .watch(&root, RecursiveMode::NonRecursive)
            .map_err(unwatchable(&root))?;
        for folder in folders(&root)? {
            watcher
                .watch(&folder, RecursiveMode::Recursive)
                .map_err(unwatchable(&folder))?;
        }
        Ok(Self {
            root,
            changes,
            saved: BTreeSet::new(),
            quiet_at: Instant::now(),
            _watcher: watcher,
        })
    }

    /// Waits for a change and returns its description. Cancel safe.
    pub(super) async fn changed(&mut self) -> String {
        loop {
            let saved = self.next().await;
            let ignored = ignored(&self.root, &saved);
            let names: Vec<_> = saved
                .difference(&ignored)
                .map(|path| path.strip_prefix(&self.root).unwrap_or(path))
                .map(|path| path.display().to_string())
                .collect();
            if !names.is_empty() {
                return names.join(", ");
            }
        }
    }

    async fn next(&mut self) -> BTreeSet<PathBuf> {
        loop {
            if self.saved.is_empty() {
                let Some(path) = self.changes.recv().await else {
                    return std::future::pending().await;
                };
                self.note(path);
            }
            match timeout_at(self.quiet_at, self.changes.recv()).await {
                Ok(Some(path)) => self.note(path),
                Ok(None) | Err(_) => break,
            }
        }
        std::mem::take(&mut self.saved)
    }

    fn note(&mut self, path: PathBuf) {
        self.saved.insert(path);
        self.quiet_at = Instant::now() + QUIET;
    }
}

/// Files that Git ignores: files that the bot writes would restart it endlessly. Nothing is ignored without
/// Git, or if the whole project is ignored.
fn ignored(root: &Path, saved: &BTreeSet<PathBuf>) -> BTreeSet<PathBuf> {
    let manifest = root.join("Cargo.toml");
    // `.env` and the like count although they are ignored.
    let asked = saved.iter().filter(|path| path.parent() != Some(root));
    let git = Command::new("git")
        .args(["-c", "core.quotePath=false", "check-ignore", "--"])
        .args(asked.chain([&manifest]))
        .current_dir(root)
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .output();
    let said = git.map(|git| git.stdout).unwrap_or_default();
    let ignored = String::from_utf8_lossy(&said);
    let ignored: BTreeSet<_> = ignored.lines().map(PathBuf::from).collect();
    match ignored.contains(&manifest) {
        true => BTreeSet::new(),
        false => ignored,
    }
}

fn is_a_save(kind: &EventKind) -> bool {
    match kind {
        EventKind::Create(_) | EventKind::Remove(_) => true,
        EventKind::Modify(kind) => !matches!(kind, ModifyKind::Metadata(_)),
        _ => false,
    }
}

/// Folders that may contain code.
fn folders(root: &Path) -> Result<Vec<PathBuf>, WatchError> {
    let unreadable = |source| WatchError::Unreadable {
        path: root.to_owned(),
        source,
    };
    let entries = fs::read_dir(root).map_err(unreadable)?;
    let paths = entries.filter_map(|entry| Some(entry.ok()?.path()));
    let is_code = |path: &PathBuf| {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        path.is_dir() && name != "target" && !name.starts_with('.')
    };
    Ok(paths.filter(is_code).collect())
}

/// Files on which a build may depend.
struct Relevant {
    root: PathBuf,
}

impl Relevant {
    fn is(&self, path: &Path) -> bool {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        // Beside the code lie the journal, what is built, and much else.
        let is_beside = path.parent() == Some(&self.root);
        let is_wanted = ["Cargo.toml", "build.rs", ".env"].contains(&&*name);
        !is_of_an_editor(&name) && (is_wanted || !is_beside)
    }
}

/// What editors write beside a file while it is open, or before they save it.
fn is_of_an_editor(name: &str) -> bool {
    // Whether it may write there, Vim tries with these numbers: 4913, and others if that is taken.
    let is_trial = name.len() <= 5 && name.bytes().all(|byte| byte.is_ascii_digit());
    // Of Vim: `.main.rs.swp`, `.swo`, `.swx`; of Kate: `.main.rs.kate-swp`.
    let is_swap = name.starts_with('.')
        && name.rsplit_once('.').is_some_and(|(_, ending)| {
            (ending.len() == 3 && ending.starts_with("sw")) || ending == "kate-swp"
        });
    // Of Emacs: `#main.rs#`, `.#main.rs`.
    let is_of_emacs = name.starts_with(".#") || (name.starts_with('#') && name.ends_with('#'));
    let is_of_jetbrains = name.ends_with("___jb_tmp___") || name.ends_with("___jb_old___");
    name.ends_with('~') || is_trial || is_swap || is_of_emacs || is_of_jetbrains
}
