//! What a fuzzer runs with any bytes: a journal that somebody else has written into, or that is damaged.

#![allow(clippy::expect_used, reason = "a panic is what the fuzzer looks for")]

use std::fs;
use std::path::{Path, PathBuf};

use rusqlite::Connection;

use super::Journal;
use super::storage::{Inspector, JournalView, Replay};

const VIEWS: [JournalView; 7] = [
    JournalView::Threads,
    JournalView::Events,
    JournalView::Handled,
    JournalView::Calls,
    JournalView::Timers,
    JournalView::DeadLetters,
    JournalView::History,
];

/// One of each row, with the content `?1` and the person `?2`.
const ROWS: [&str; 7] = [
    "INSERT INTO event (account, person, kind, channel, content, received_at)
     VALUES ('7', ?2, 'message', 'messaging', ?1, 1)",
    "INSERT INTO call (account, person, object, name, control, request, reference, created_at)
     VALUES ('7', ?2, 'page', 'messages', 'keeps', ?1, 'r', 1)",
    "INSERT INTO timer (account, person, name, due, event) VALUES ('7', ?2, 'soon', 1, ?1)",
    "INSERT INTO dead_letter (account, person, kind, content, cause, at) VALUES ('7', ?2, 'event', ?1, 'c', 1)",
    "INSERT INTO dead_letter (account, person, kind, content, cause, at) VALUES ('7', ?2, 'call', ?1, 'c', 1)",
    "INSERT OR IGNORE INTO thread (account, person, session, owner) VALUES ('7', ?2, ?1, 'bot')",
    "INSERT OR IGNORE INTO turn (account, person, number, at, speaker, text, attachments)
     VALUES ('7', ?2, 1, 1, 'person', 'hi', ?1)",
];

/// Rows, one each in blocks: the number of its kind, the person, and in further lines the content. After a
/// line `damage`, pairs of numbers: places of the file, in permille of its length, and what is there then.
/// Everything that reads such a journal reads it or says why it cannot, and so does a bot that starts
/// with it.
pub fn journal_file(input: &[u8]) {
    let text = String::from_utf8_lossy(input);
    let (rows, damage) = text.split_once("damage\n").unwrap_or((&text, ""));
    let directory = Directory::new();
    let path = directory.0.join("handover.db");
    if Journal::open(&path).is_err() {
        return;
    }
    insert(&path, rows);
    spoil(&path, damage);
    if let Ok(inspector) = Inspector::open(&path) {
        for view in VIEWS {
            let _ = inspector.view(view, None, None, 50);
        }
        let _ = inspector.counts(None, Some("9"));
        let _ = inspector.signals_without_handler();
        let _ = inspector.accounts_with_edits_only();
        let _ = inspector.check();
    }
    let replay = Replay::dead_letters();
    let _ = replay.preview(&path).map(|found| found.len());
    let runtime = tokio::runtime::Builder::new_current_thread().build();
    let runtime = runtime.expect("a runtime");
    runtime.block_on(async {
        if let Ok(journal) = Journal::open(&path) {
            let _ = journal.backlog().await;
            let _ = journal.close().await;
        }
    });
    let _ = replay.apply(&path).map(|found| found.len());
}

fn insert(path: &Path, rows: &str) {
    let Ok(connection) = Connection::open(path) else {
        return;
    };
    for row in rows.split("\n\n").take(20) {
        let mut lines = row.splitn(3, '\n');
        let kind = lines.next().and_then(|kind| kind.parse::<usize>().ok());
        let statement = ROWS[kind.unwrap_or_default() % ROWS.len()];
        let person = lines.next().unwrap_or("9");
        let content = lines.next().unwrap_or_default();
        // One that the table refuses is left out.
        let _ = connection.execute(statement, (content, person));
    }
}

fn spoil(path: &Path, damage: &str) {
    let Ok(mut bytes) = fs::read(path) else {
        return;
    };
    let mut numbers = damage
        .split_ascii_whitespace()
        .filter_map(|number| number.parse::<usize>().ok());
    let mut changed = false;
    while let (Some(place), Some(byte)) = (numbers.next(), numbers.next()) {
        // The first page is where most is decided.
        let at = match place {
            0..1000 => bytes.len() * place / 1000,
            beyond => beyond - 1000,
        };
        if let Some(there) = bytes.get_mut(at) {
            *there = byte.to_le_bytes()[0];
            changed = true;
        }
    }
    if changed {
        let _ = fs::write(path, bytes);
    }
}

struct Directory(PathBuf);

impl Directory {
    fn new() -> Self {
        let name = format!("handover-fuzz-{}-{}", std::process::id(), fastrand::u64(..));
        let path = std::env::temp_dir().join(name);
        // What goes wrong here is seen when the journal is opened.
        let _ = fs::create_dir_all(&path);
        Self(path)
    }
}

impl Drop for Directory {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn journal_file() {
        handover_testkit::fuzz::fuzz("journal_file", super::journal_file);
    }
}
