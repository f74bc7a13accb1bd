//! `handover migrate`: copies a journal to another store.

use std::io::{IsTerminal, stderr};
use std::process::ExitCode;
use std::time::{Duration, Instant};

use clap::Args;
use handover_runtime::journal_file::{JournalPlace, MigrationProgress, migrate};
use indicatif::{ProgressBar, ProgressStyle};
use serde_json::{Map, json};

use super::CommandResult;
use crate::command_error::CommandError;
use crate::environment::CliEnvironment;
use crate::store::CliStore;
use crate::terminal::{GOOD, paint, remark, say, say_json};

/// How often a line tells how far it is, where there is no terminal.
const TELL_EVERY: Duration = Duration::from_secs(2);

/// Copy a store to another, empty one: from SQLite to PostgreSQL, or back
///
/// Copies events, threads, calls, timers, dead letters and everything else, then compares counts and hashes.
/// Stop the bot first. The source does not change. If the command is interrupted, run it again: it continues.
/// A bot does not start on an incomplete copy.
#[derive(Args)]
pub(crate) struct MigrateCommand {
    /// The store that is copied [default: HANDOVER_STORE, or sqlite:handover.db]
    #[arg(long, value_name = "STORE")]
    from: Option<String>,
    /// The empty store: sqlite:PATH or postgres://USER:PASSWORD@HOST:PORT/NAME
    #[arg(long, value_name = "STORE")]
    to: String,
    /// Print what was copied as JSON
    #[arg(long)]
    json: bool,
}

impl MigrateCommand {
    pub(crate) fn run(self) -> CommandResult {
        let from = match &self.from {
            Some(from) => Some(from.clone()),
            None => {
                let configured = CliEnvironment::load().get("HANDOVER_STORE");
                configured.map_err(CommandError::usage)?
            }
        };
        let from = from.unwrap_or_else(|| "sqlite:handover.db".to_owned());
        let from = place(&from)?;
        let to = place(&self.to)?;
        let mut progress = MigrationBar::new(self.json);
        let migrated = migrate(&from, &to, |now| progress.tell(now));
        progress.end();
        let migrated = migrated?;
        if self.json {
            let tables = migrated.tables.iter();
            let tables = tables.map(|(table, rows)| ((*table).to_owned(), (*rows).into()));
            say_json(&json!({
                "from": from.to_string(), "to": to.to_string(), "resumed": migrated.resumed,
                "rows": Map::from_iter(tables),
            }));
            return Ok(ExitCode::SUCCESS);
        }
        let some = migrated.tables.iter().filter(|(_, rows)| *rows > 0);
        let some: Vec<_> = some
            .map(|(table, rows)| format!("{rows} {table}"))
            .collect();
        let rows = match &*some {
            [] => "no rows".to_owned(),
            some => some.join(", "),
        };
        say(paint(GOOD, format_args!("copied and compared: {rows}")));
        say(format_args!(
            "{from} is as it was. Start the bot with HANDOVER_STORE set to the new store, and keep it away from the old one"
        ));
        Ok(ExitCode::SUCCESS)
    }
}

fn place(store: &str) -> Result<JournalPlace, CommandError> {
    match CliStore::parse(store).map_err(CommandError::usage)? {
        CliStore::File(path) => Ok(JournalPlace::File(path)),
        #[cfg(feature = "postgres")]
        CliStore::Postgres(address) => Ok(JournalPlace::Postgres(address)),
    }
}

/// A bar on a terminal, and lines elsewhere.
struct MigrationBar {
    bar: Option<ProgressBar>,
    is_quiet: bool,
    table: Option<(&'static str, bool)>,
    printed_at: Instant,
}

impl MigrationBar {
    fn new(is_quiet: bool) -> Self {
        let style = ProgressStyle::with_template(
            "{msg:30} {bar:40.cyan} {human_pos} of {human_len} {elapsed:.dim}",
        );
        let bar = (!is_quiet && stderr().is_terminal()).then(|| {
            let bar = ProgressBar::new(0);
            match style {
                Ok(style) => bar.with_style(style),
                Err(_) => bar,
            }
        });
        Self {
            bar,
            is_quiet,
            table: None,
            printed_at: Instant::now(),
        }
    }

    fn tell(&mut self, progress: MigrationProgress) {
        let MigrationProgress {
            table,
            rows,
            of,
            compares,
            ..
        } = progress;
        let what = if compares { "comparing" } else { "copying" };
        if let Some(bar) = &self.bar {
            bar.set_message(format!("{what} {table}"));
            bar.set_length(of);
            bar.set_position(rows);
            return;
        }
        let is_first = self.table != Some((table, compares));
        let is_due = is_first || rows >= of || self.printed_at.elapsed() >= TELL_EVERY;
        if is_due && !self.is_quiet {
            self.table = Some((table, compares));
            self.printed_at = Instant::now();
            remark(format_args!("{what} {table}: {rows} of {of}"));
        }
    }

    fn end(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}
