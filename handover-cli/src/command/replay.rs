//! `handover replay`: handles events or makes calls again.

use handover::protocol::Timestamp;
use std::collections::BTreeSet;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use clap::{Args, ValueEnum};
#[cfg(feature = "postgres")]
use handover_runtime::PostgresAddress;
#[cfg(feature = "postgres")]
use handover_runtime::journal_file::JournalClient;
use handover_runtime::journal_file::{Replay, Replayed};
use rusqlite::Connection;
use serde_json::json;
use thiserror::Error;

use super::CommandResult;
use super::bot_thread::{ask_bot, only_with};
use crate::command_error::CommandError;
use crate::environment::CliEnvironment;
use crate::http::CliRequest;
use crate::span;
use crate::store::{CliStore, StoreArgument, StoreInUse, existing, unless_in_use};
use crate::terminal::{
    Age, DIM, GOOD, Progress, TextTable, WARN, excerpt, now, paint, say, say_json,
};

/// Timeout of a request to the bot, which may have a lot to put back.
const TIMEOUT: Duration = Duration::from_secs(60);

/// Retry dead letters, or handle past events again
///
/// Shows what it would do; `--yes` does it, all or nothing. A replayed event or call joins the end of its
/// thread's queue. The handler of an event runs again with all consequences: messages, handoffs, timers. A
/// running bot is asked at HANDOVER_OPERATIONS with MESSENGER_APP_SECRET; if none runs, the next one that starts
/// does the work. On PostgreSQL, the nodes are asked through the database.
#[derive(Args)]
pub(crate) struct ReplayCommand {
    #[arg(value_enum)]
    what: ReplayKind,
    /// Only these numbers, as `handover inspect` shows them
    #[arg(value_name = "ID")]
    ids: Vec<u64>,
    /// Only of this person: a PSID or IGSID
    #[arg(long, value_name = "PSID")]
    thread: Option<String>,
    /// Only of this Page or Instagram account
    #[arg(long, value_name = "ID")]
    account: Option<String>,
    /// Only since then: 2h (ago), or 2026-11-23T10:00Z
    #[arg(long, value_name = "TIME", value_parser = time)]
    since: Option<Timestamp>,
    /// Only before then
    #[arg(long, value_name = "TIME", value_parser = time)]
    until: Option<Timestamp>,
    /// Also send messages that may have been delivered: they may arrive twice
    #[arg(long)]
    repeat_messages: bool,
    /// Do it
    #[arg(long)]
    yes: bool,
    /// One JSON object per event or call
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    store: StoreArgument,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum ReplayKind {
    /// Events and calls that could not be handled or sent
    DeadLetters,
    /// Events that were handled; requires a selection
    Events,
}

#[derive(Debug, Error)]
enum ReplayError {
    #[error(
        "select events by number, --thread, --since or --until: otherwise all events of the last days would run again"
    )]
    Everything,
    #[error("there is no {what} with the number {id}; `handover inspect {view}` lists them")]
    NoSuch {
        what: &'static str,
        id: u64,
        view: &'static str,
    },
}

impl ReplayCommand {
    pub(crate) async fn run(self) -> CommandResult {
        let is_everything = self.ids.is_empty()
            && self.thread.is_none()
            && self.account.is_none()
            && self.since.is_none()
            && self.until.is_none();
        if self.what == ReplayKind::Events && is_everything {
            return Err(CommandError::usage(ReplayError::Everything));
        }
        let environment = CliEnvironment::load();
        let progress = Progress::start(self.json, "reading the journal");
        let found = match self.store.find(&environment)? {
            CliStore::File(path) => self.of_file(&environment, path, &progress).await?,
            #[cfg(feature = "postgres")]
            CliStore::Postgres(address) => self.of_nodes(&address, &progress)?,
        };
        drop(progress);
        self.tell(&found);
        Ok(ExitCode::SUCCESS)
    }

    async fn of_file(
        &self,
        environment: &CliEnvironment,
        path: PathBuf,
        progress: &Progress,
    ) -> Result<Vec<Replayed>, CommandError> {
        let replay = self.replay();
        let found = replay.preview(existing(&path)?)?;
        self.miss(&found)?;
        if !self.yes {
            return Ok(found);
        }
        progress.now(format!("replaying {}", found.len()));
        match unless_in_use(replay.apply(&path))? {
            Some(replayed) => Ok(replayed),
            // The bot does it, and the others go on.
            None => self.ask_bot(environment, found, path).await,
        }
    }

    /// Hands it through the database to the nodes that work the threads.
    #[cfg(feature = "postgres")]
    fn of_nodes(
        &self,
        address: &PostgresAddress,
        progress: &Progress,
    ) -> Result<Vec<Replayed>, CommandError> {
        let client = JournalClient::connect(address)?;
        let replay = self.replay();
        let found = client.preview(&replay)?;
        self.miss(&found)?;
        if !self.yes {
            return Ok(found);
        }
        progress.now(format!("replaying {}", found.len()));
        Ok(client.replay(&replay)?)
    }

    /// Lets the bot that has the journal open replay what was found.
    async fn ask_bot(
        &self,
        environment: &CliEnvironment,
        found: Vec<Replayed>,
        path: PathBuf,
    ) -> Result<Vec<Replayed>, CommandError> {
        let ready = found.iter().filter(|it| it.refusal.is_none());
        let source = match self.what {
            ReplayKind::DeadLetters => "dead_letters",
            ReplayKind::Events => "events",
        };
        let body = json!({
            "source": source,
            "ids": ready.map(|it| it.id).collect::<Vec<_>>(),
            "repeat_messages": self.repeat_messages,
        });
        // The numbers are those of this store.
        let query = [only_with(&path)];
        let posted = ask_bot(environment, &["replay"], &query, TIMEOUT, |url| {
            CliRequest::post(url).json(&body)
        });
        let answer = posted.await.map_err(|error| StoreInUse {
            path,
            reason: error.to_string(),
        })?;
        let done: BTreeSet<u64> = serde_json::from_str(&answer.body).unwrap_or_default();
        let is_told = |it: &Replayed| it.refusal.is_some() || done.contains(&it.id);
        Ok(found.into_iter().filter(is_told).collect())
    }

    fn replay(&self) -> Replay {
        let mut replay = match self.what {
            ReplayKind::DeadLetters => Replay::dead_letters(),
            ReplayKind::Events => Replay::events(),
        };
        replay = replay.ids(self.ids.iter().copied());
        if let Some(account) = &self.account {
            replay = replay.account(account.as_str());
        }
        if let Some(person) = &self.thread {
            replay = replay.person(person.as_str());
        }
        if let Some(since) = self.since {
            replay = replay.since(since);
        }
        if let Some(until) = self.until {
            replay = replay.until(until);
        }
        if self.repeat_messages {
            replay = replay.repeating_messages();
        }
        replay
    }

    /// Reports numbers that do not exist.
    fn miss(&self, found: &[Replayed]) -> Result<(), ReplayError> {
        let known: BTreeSet<_> = found.iter().map(|found| found.id).collect();
        let (what, view) = match self.what {
            ReplayKind::DeadLetters => ("dead letter", "dead-letters"),
            ReplayKind::Events => ("event", "handled"),
        };
        match self.ids.iter().find(|id| !known.contains(id)) {
            Some(&id) => Err(ReplayError::NoSuch { what, id, view }),
            None => Ok(()),
        }
    }

    fn tell(&self, found: &[Replayed]) {
        if self.json {
            for it in found {
                say_json(&json!({
                    "id": it.id, "account": it.thread.account, "person": it.thread.party,
                    "kind": it.kind, "at": it.at, "cause": it.cause,
                    "replayed": self.yes && it.refusal.is_none(),
                    "refusal": it.refusal.map(|refusal| refusal.to_string()),
                }));
            }
            return;
        }
        if found.is_empty() {
            say(paint(DIM, "there is nothing to replay"));
            return;
        }
        let mut table =
            TextTable::new(["id", "thread", "kind", "when", "given up because", "replay"]);
        for it in found {
            let refusal = it.refusal.map(|refusal| format!("no: {refusal}"));
            table.add([
                it.id.to_string(),
                it.thread.to_string(),
                it.kind.clone(),
                Age::of(it.at).to_string(),
                excerpt(it.cause.as_deref().unwrap_or_default(), 60),
                refusal.unwrap_or_else(|| "yes".to_owned()),
            ]);
        }
        table.print();
        let ready = found.iter().filter(|it| it.refusal.is_none()).count();
        if self.yes {
            let done =
                format!("{ready} replayed: the bot continues with them, or does so when it starts");
            say(paint(GOOD, done));
        } else {
            let advice = format!("nothing is replayed yet: use `--yes` to replay {ready}");
            say(paint(WARN, advice));
        }
    }
}

/// Parses a time: a duration ago, or a date as SQLite reads it.
pub(super) fn time(text: &str) -> Result<Timestamp, String> {
    if let Ok(ago) = span::parse(text) {
        return Ok(now() - ago);
    }
    let read = Connection::open_in_memory().and_then(|sqlite| {
        sqlite.query_row("SELECT unixepoch(?1)", [text], |row| {
            row.get::<_, Option<i64>>(0)
        })
    });
    let read = read.ok().flatten().filter(|_| text.contains('-'));
    read.map(Timestamp::from_secs).ok_or_else(|| {
        "write how long ago, 2h or 3d, or a time in UTC: 2026-11-23T10:00Z".to_owned()
    })
}
