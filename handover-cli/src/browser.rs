//! Opens pages in the browser of this machine.

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use thiserror::Error;

/// What opens a file, by system.
const OPENERS: &[&[&str]] = if cfg!(target_os = "macos") {
    &[&["open"]]
} else if cfg!(windows) {
    &[&["cmd", "/C", "start", ""]]
} else {
    &[&["xdg-open"], &["wslview"], &["gio", "open"]]
};

/// Why a page was not opened.
#[derive(Debug, Error)]
pub(crate) enum BrowserError {
    #[error("the page cannot be written to {}", path.display())]
    Unwritable { path: PathBuf, source: io::Error },
    #[error("no browser was found to open {}; open it yourself, or write the page elsewhere", path.display())]
    NoBrowser { path: PathBuf },
}

/// Writes a page to a file that only its owner reads, in the directory for temporary files, and opens it.
pub(crate) fn open(name: &str, html: &str) -> Result<PathBuf, BrowserError> {
    let directory = std::env::temp_dir();
    let path = directory.join(format!("{name}-{}.html", std::process::id()));
    write_private(&path, html).map_err(|source| BrowserError::Unwritable {
        path: path.clone(),
        source,
    })?;
    for opener in OPENERS {
        let mut command = Command::new(opener[0]);
        command
            .args(&opener[1..])
            .arg(&path)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        if command.status().is_ok_and(|status| status.success()) {
            return Ok(path);
        }
    }
    Err(BrowserError::NoBrowser { path })
}

fn write_private(path: &Path, html: &str) -> io::Result<()> {
    // What another left there is neither followed nor overwritten.
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file: File = options.open(path)?;
    file.write_all(html.as_bytes())
}
