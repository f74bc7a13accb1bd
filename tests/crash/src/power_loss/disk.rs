//! A disk that loses writes that were not synced.

use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;

use super::record::{Kind, Operation};
use crate::Result;

/// What disks write at once.
const SECTOR: usize = 512;

/// The files of the database. That they exist, or not, is known at once.
#[derive(Default)]
pub(crate) struct Disk<'log> {
    files: BTreeMap<&'log str, OnDisk<'log>>,
}

#[derive(Default)]
struct OnDisk<'log> {
    synced: Vec<u8>,
    /// What came after the last sync.
    unsynced: Vec<Change<'log>>,
}

#[derive(Clone, Copy)]
enum Change<'log> {
    Write(usize, &'log [u8]),
    Truncate(usize),
}

/// What is there of what was not synced, when the power has failed.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Survivors {
    Nothing,
    Everything,
    SomeWrites,
    SomeSectors,
}

impl Survivors {
    pub(crate) fn any(rng: &mut fastrand::Rng) -> Self {
        match rng.u32(..4) {
            0 => Self::Nothing,
            1 => Self::Everything,
            2 => Self::SomeWrites,
            _ => Self::SomeSectors,
        }
    }
}

impl fmt::Display for Survivors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Nothing => "nothing",
            Self::Everything => "everything",
            Self::SomeWrites => "some writes",
            Self::SomeSectors => "some sectors",
        })
    }
}

impl<'log> Disk<'log> {
    pub(crate) fn follow(&mut self, operation: &Operation<'log>) {
        let file = self.files.entry(operation.file).or_default();
        match operation.kind {
            Kind::Write => {
                let write = Change::Write(operation.offset, operation.data);
                file.unsynced.push(write);
            }
            Kind::Truncate => file.unsynced.push(Change::Truncate(operation.offset)),
            Kind::Sync => {
                for change in file.unsynced.drain(..) {
                    change.apply(&mut file.synced);
                }
            }
            Kind::Unlink => {
                self.files.remove(operation.file);
            }
            Kind::Acknowledged => {}
        }
    }

    /// How many operations were not synced.
    pub(crate) fn unsynced(&self) -> usize {
        self.files.values().map(|file| file.unsynced.len()).sum()
    }

    /// Makes the files as they are after the power has failed.
    pub(crate) fn write(
        &self,
        directory: &Path,
        survivors: Survivors,
        rng: &mut fastrand::Rng,
    ) -> Result<()> {
        std::fs::create_dir_all(directory)?;
        for (name, file) in &self.files {
            let mut content = file.synced.clone();
            for change in &file.unsynced {
                match survivors {
                    Survivors::Nothing => {}
                    Survivors::Everything => change.apply(&mut content),
                    Survivors::SomeWrites if rng.bool() => change.apply(&mut content),
                    Survivors::SomeWrites => {}
                    Survivors::SomeSectors => change.apply_sectors(&mut content, rng),
                }
            }
            std::fs::write(directory.join(name), content)?;
        }
        Ok(())
    }
}

impl Change<'_> {
    fn apply(&self, content: &mut Vec<u8>) {
        match *self {
            Self::Write(offset, data) => {
                let end = offset + data.len();
                if content.len() < end {
                    content.resize(end, 0);
                }
                content[offset..end].copy_from_slice(data);
            }
            Self::Truncate(length) => content.resize(length, 0),
        }
    }

    fn apply_sectors(&self, content: &mut Vec<u8>, rng: &mut fastrand::Rng) {
        let Self::Write(mut offset, mut data) = *self else {
            return self.apply(content);
        };
        while !data.is_empty() {
            let to_the_next = SECTOR - offset % SECTOR;
            let (sector, rest) = data.split_at(to_the_next.min(data.len()));
            if rng.bool() {
                Change::Write(offset, sector).apply(content);
            }
            offset += sector.len();
            data = rest;
        }
    }
}
