//! Whether the bot can keep what it receives.

use std::fs::{OpenOptions, TryLockError};
use std::path::Path;

use handover_runtime::journal_file::{Inspector, OpenError};

use super::finding::Finding;
use crate::environment::CliEnvironment;
use crate::store::{CliStore, StoreArgument, StoreProblem};
use crate::terminal::plural;

const CHECK: &str = "store";

/// `None` if the file that a variable names does not say where it is, which is a fault of the configuration.
pub(super) fn examine(argument: &StoreArgument, environment: &CliEnvironment) -> Option<Finding> {
    argument.said(environment).ok()?;
    Some(judge(argument, environment))
}

fn judge(argument: &StoreArgument, environment: &CliEnvironment) -> Finding {
    let store = match argument.find(environment) {
        Ok(store) => store,
        Err(problem) => {
            return Finding::warning(
                CHECK,
                problem.to_string(),
                "what is not handled yet is lost when the bot ends",
                "set HANDOVER_STORE=sqlite:handover.db",
            );
        }
    };
    let Some(path) = store.file() else {
        return database(&store);
    };
    if !path.exists() {
        return beginning(path);
    }
    let journal = match store.open() {
        Ok(journal) => journal,
        Err(problem) => {
            return Finding::fault(
                CHECK,
                problem.to_string(),
                "the bot does not start with it",
                "set HANDOVER_STORE to the bot's own file, and make the bot's user its owner",
            );
        }
    };
    if let Err(error) = OpenOptions::new().write(true).open(path) {
        return unwritable(path, &error);
    }
    let found =
        dead_letters(&journal).and_then(|dead| Ok((dead, journal.signals_without_handler()?)));
    let (dead, unhandled) = match found {
        Ok(found) => found,
        Err(error) => return damaged(path, &error.to_string()),
    };
    let whose = match lock(path) {
        Ok(true) => match Inspector::can_write(path) {
            Ok(()) => "free",
            Err(error) => return held(path, &error),
        },
        Ok(false) => "a bot is at work on it",
        Err(error) => return unwritable(path, &error),
    };
    match &*unhandled {
        [] => {}
        signals => return without_handler(&store, dead, signals),
    }
    match dead {
        0 => Finding::good(CHECK, format!("{} can be written, {whose}", path.display())),
        dead => with_dead_letters(&store, dead),
    }
}

fn with_dead_letters(store: &CliStore, dead: u64) -> Finding {
    Finding::warning(
        CHECK,
        format!("{store} has {}", plural(dead, "dead letter")),
        "these events or calls are not retried: a person may be waiting for an answer",
        "`handover inspect dead-letters` shows why, `handover replay dead-letters` tries them again",
    )
}

/// The same of a database.
fn database(store: &CliStore) -> Finding {
    let read = || {
        let journal = store.open()?;
        let dead = dead_letters(&journal)?;
        let signals = journal.signals_without_handler()?;
        Ok::<_, StoreProblem>((dead, signals))
    };
    match read() {
        Err(problem) => Finding::fault(
            CHECK,
            problem.to_string(),
            "the bot answers 503 to every event, or does not start",
            "see that the server runs, and compare user, password and schema with HANDOVER_STORE; a bot that starts makes the tables",
        ),
        Ok((dead, signals)) if !signals.is_empty() => without_handler(store, dead, &signals),
        Ok((0, _)) => Finding::good(CHECK, format!("{store} answers")),
        Ok((dead, _)) => with_dead_letters(store, dead),
    }
}

/// How many there are, if the whole file is sound.
fn dead_letters(journal: &Inspector) -> Result<u64, OpenError> {
    journal.check()?;
    Ok(journal.counts(None, None)?.dead_letters)
}

/// Other programs send signals that the bot does not know, or it has lost a handler.
fn without_handler(store: &CliStore, dead: u64, signals: &[(String, u64)]) -> Finding {
    let names = signals
        .iter()
        .map(|(name, count)| format!("`{name}` ({count})"));
    let names = Vec::from_iter(names).join(", ");
    Finding::warning(
        CHECK,
        format!(
            "{store} has {}, among them signals that no handler takes: {names}",
            plural(dead, "dead letter")
        ),
        "the sender got the answer that they are stored, but no handler runs for them",
        "write a handler with `#[on_signal]` for each, or correct the name where it is sent; then `handover replay dead-letters`",
    )
}

fn damaged(path: &Path, error: &str) -> Finding {
    Finding::fault(
        CHECK,
        format!("{} is damaged: {error}", path.display()),
        "events and calls that wait in it may be lost, and the bot may stop at any of them",
        "stop the bot, keep a copy, and save what can be read: `sqlite3 handover.db .recover | sqlite3 saved.db`",
    )
}

fn held(path: &Path, error: &OpenError) -> Finding {
    Finding::fault(
        CHECK,
        format!("{} cannot be written now: {error}", path.display()),
        "the bot answers 503 to every event, or does not start",
        "let go of it in whatever else has it open: a SQLite shell or browser, a backup",
    )
}

/// A file that is not there yet can be made where its folder can be written to.
fn beginning(path: &Path) -> Finding {
    let probe = path.with_extension("doctor");
    match OpenOptions::new().create_new(true).write(true).open(&probe) {
        Ok(_) => {
            // An empty file does no harm if it stays.
            let _ = std::fs::remove_file(&probe);
            Finding::good(
                CHECK,
                format!("{} is created when the bot starts", path.display()),
            )
        }
        Err(error) => unwritable(path, &error),
    }
}

fn unwritable(path: &Path, error: &std::io::Error) -> Finding {
    Finding::fault(
        CHECK,
        format!("{} cannot be written: {error}", path.display()),
        "the bot answers 503 to every event, or does not start",
        "let the file and its folder belong to the bot's user, and see that there is space",
    )
}

/// Whether nobody holds the lock that a bot at work holds.
fn lock(path: &Path) -> std::io::Result<bool> {
    let mut name = path.as_os_str().to_owned();
    name.push(".lock");
    let file = match OpenOptions::new().write(true).open(name) {
        Ok(file) => file,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(true),
        Err(error) => return Err(error),
    };
    match file.try_lock() {
        Ok(()) => Ok(true),
        Err(TryLockError::WouldBlock) => Ok(false),
        Err(TryLockError::Error(error)) => Err(error),
    }
}
