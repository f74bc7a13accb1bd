//! The record of what was written, synced and acknowledged, in order.

use std::fs::{File, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::Result;
use crate::world::Notary;

pub(crate) const LOG: &str = "power-loss.log";
const SOURCE: &str = include_str!("../../powerloss/record.c");
/// As in `record.c`: kind, length of the name, two bytes of nothing, length, offset.
const HEADER: usize = 16;

/// One thing that happened.
pub(crate) struct Operation<'log> {
    pub(crate) kind: Kind,
    pub(crate) file: &'log str,
    /// Where it was written, or how long the file is from now on.
    pub(crate) offset: usize,
    pub(crate) data: &'log [u8],
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Write,
    Truncate,
    Sync,
    Unlink,
    Acknowledged,
}

impl<'log> Operation<'log> {
    /// Whether it writes into the database itself, not only into its log.
    pub(crate) fn is_checkpoint(&self) -> bool {
        self.kind == Kind::Write && !self.file.ends_with("-wal")
    }

    /// The events.
    pub(crate) fn acknowledged(&self) -> impl Iterator<Item = &'log str> + use<'log> {
        let text = std::str::from_utf8(self.data).unwrap_or_default();
        text.split_whitespace()
    }
}

/// Compiles what is preloaded into the bot.
pub(crate) fn compile(directory: &Path) -> Result<PathBuf> {
    let source = directory.join("record.c");
    std::fs::write(&source, SOURCE)?;
    let library = directory.join("record.so");
    let compiled = Command::new("cc")
        .args(["-O2", "-shared", "-fPIC", "-o"])
        .args([&library, &source])
        .arg("-ldl")
        .status()?;
    if compiled.success() {
        Ok(library)
    } else {
        Err("cc does not compile record.c".into())
    }
}

/// Notes what is acknowledged beside what the bot writes.
pub(crate) struct Marks(File);

impl Marks {
    pub(crate) fn append_to(log: &Path) -> Result<Self> {
        let log = OpenOptions::new().create(true).append(true).open(log)?;
        Ok(Self(log))
    }
}

impl Notary for Marks {
    fn acknowledged(&mut self, events: &[String]) {
        let events = events.join(" ");
        let length = u32::try_from(events.len()).unwrap_or(u32::MAX);
        let mut record = vec![b'A', 0, 0, 0];
        record.extend(length.to_ne_bytes());
        record.extend(0_u64.to_ne_bytes());
        record.extend(events.as_bytes());
        // What is not noted is not looked for.
        let _ = self.0.write_all(&record);
    }
}

/// Reads a record.
pub(crate) fn read(mut log: &[u8]) -> Result<Vec<Operation<'_>>> {
    let mut operations = Vec::new();
    while let Some((header, rest)) = log.split_at_checked(HEADER) {
        let kind = match header[0] {
            b'W' => Kind::Write,
            b'T' => Kind::Truncate,
            b'S' => Kind::Sync,
            b'U' => Kind::Unlink,
            b'A' => Kind::Acknowledged,
            other => return Err(format!("the record has an operation {other}").into()),
        };
        let length = u32::from_ne_bytes(header[4..8].try_into()?) as usize;
        let offset = u64::from_ne_bytes(header[8..16].try_into()?);
        // The end of a killed bot's last record may be missing.
        let Some((name, rest)) = rest.split_at_checked(header[1].into()) else {
            break;
        };
        let Some((data, rest)) = rest.split_at_checked(length) else {
            break;
        };
        operations.push(Operation {
            kind,
            file: std::str::from_utf8(name)?,
            offset: usize::try_from(offset)?,
            data,
        });
        log = rest;
    }
    Ok(operations)
}
