//! `handover forget` and `handover export`: what the bot keeps of a person.

use std::process::ExitCode;
use std::time::Duration;

use clap::Args;
use handover::journal::{Forgotten, Journal};
#[cfg(feature = "postgres")]
use handover_runtime::journal_file::JournalClient;
use handover_runtime::shared::with_causes;
use serde_json::Value;

use super::CommandResult;
use super::bot_thread::{BotRequestError, BotThread, find_bot, only_with};
use crate::command_error::CommandError;
use crate::environment::CliEnvironment;
use crate::store::{StoreArgument, StoreInUse, existing, unless_in_use};
use crate::terminal::{DIM, GOOD, Progress, WARN, paint, plural, say, say_json};

/// Timeout of a request to the bot: it takes a while to rewrite a store of many gigabytes.
const TIMEOUT: Duration = Duration::from_secs(600);

/// Delete everything that the bot stores about a person
///
/// Deletes events, session, history, calls, timers and dead letters, also from the files. Without `--yes`, only
/// shows how many there are. Asks the running bot (HANDOVER_OPERATIONS; on PostgreSQL through the database);
/// without one, opens its store. With `--store`, opens that one, and asks the bot only if it is in use. The next
/// message of the person starts a new thread. Messages at the platform, logs and backups stay.
#[derive(Args)]
pub(crate) struct ForgetCommand {
    #[command(flatten)]
    thread: BotThread,
    /// Do it
    #[arg(long)]
    yes: bool,
    /// Print the result as JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    store: StoreArgument,
}

/// Print everything that the bot stores about a person, as JSON
///
/// Prints events, session, history, calls, timers and dead letters, for a person who asks for a copy; also what
/// the account received that names the person, such as their comments. Asks the running bot (HANDOVER_OPERATIONS);
/// without one, opens its store. With `--store`, opens that one, and asks the bot only if it is in use. On
/// PostgreSQL, reads the database.
#[derive(Args)]
pub(crate) struct ExportCommand {
    #[command(flatten)]
    thread: BotThread,
    #[command(flatten)]
    store: StoreArgument,
}

/// Who has the data: the bot that runs, or its file.
enum Keeper {
    /// With the query of its requests, which names the store that `--store` does.
    Bot(Vec<(&'static str, String)>),
    /// A journal that nobody else has open.
    Own(Journal),
    /// One in a database, through which its nodes are asked.
    #[cfg(feature = "postgres")]
    Nodes(Box<JournalClient>),
}

impl Keeper {
    async fn find(
        store: &StoreArgument,
        environment: &CliEnvironment,
    ) -> Result<Self, CommandError> {
        #[cfg(feature = "postgres")]
        if let Some(client) = store.client(environment)? {
            return Ok(match client.nodes()? {
                0 => Self::Own(client.open()?),
                _ => Self::Nodes(Box::new(client)),
            });
        }
        // The bot that answers may have another store than the one that is named.
        if !store.is_explicit() {
            match find_bot(environment).await {
                Ok(()) => return Ok(Self::Bot(Vec::new())),
                Err(BotRequestError::Variable(unset)) => return Err(CommandError::usage(unset)),
                Err(_) => {}
            }
        }
        let store = store.find(environment)?;
        let Some(path) = store.file() else {
            // A database has its client.
            return Ok(Self::Bot(Vec::new()));
        };
        if let Some(journal) = unless_in_use(Journal::open(existing(path)?))? {
            return Ok(Self::Own(journal));
        }
        find_bot(environment)
            .await
            .map_err(|unreachable| StoreInUse {
                path: path.to_owned(),
                reason: with_causes(&unreachable),
            })?;
        Ok(Self::Bot(vec![only_with(path)]))
    }

    async fn export(
        &self,
        thread: &BotThread,
        environment: &CliEnvironment,
    ) -> Result<Value, CommandError> {
        match self {
            Self::Bot(query) => {
                let response = thread.get(environment, "export", query, TIMEOUT).await?;
                Ok(serde_json::from_str(&response.body)?)
            }
            Self::Own(journal) => {
                let export = journal.export(thread.key(environment)?).await?;
                Ok(serde_json::to_value(export)?)
            }
            #[cfg(feature = "postgres")]
            Self::Nodes(client) => {
                let export = client.export(&thread.key(environment)?)?;
                Ok(serde_json::to_value(export)?)
            }
        }
    }

    async fn forget(
        &self,
        thread: &BotThread,
        environment: &CliEnvironment,
    ) -> Result<Forgotten, CommandError> {
        match self {
            Self::Bot(query) => {
                let response = thread.post(environment, &["forget"], query, TIMEOUT, |it| it);
                Ok(serde_json::from_str(&response.await?.body)?)
            }
            Self::Own(journal) => Ok(journal.forget(thread.key(environment)?).await?),
            #[cfg(feature = "postgres")]
            Self::Nodes(client) => Ok(client.forget(&thread.key(environment)?)?),
        }
    }

    async fn close(self) -> Result<(), CommandError> {
        match self {
            Self::Bot(_) => Ok(()),
            #[cfg(feature = "postgres")]
            Self::Nodes(_) => Ok(()),
            Self::Own(journal) => Ok(journal.close().await?),
        }
    }
}

impl ExportCommand {
    pub(crate) async fn run(self) -> CommandResult {
        let environment = CliEnvironment::load();
        let keeper = Keeper::find(&self.store, &environment).await?;
        let export = keeper.export(&self.thread, &environment).await?;
        say(format_args!("{export:#}"));
        keeper.close().await?;
        Ok(ExitCode::SUCCESS)
    }
}

impl ForgetCommand {
    pub(crate) async fn run(self) -> CommandResult {
        let environment = CliEnvironment::load();
        let keeper = Keeper::find(&self.store, &environment).await?;
        let progress = Progress::start(self.json, "looking for what is kept");
        let counts = if self.yes {
            progress.now("deleting");
            let forgotten = keeper.forget(&self.thread, &environment).await?;
            serde_json::to_value(forgotten)?
        } else {
            counts(&keeper.export(&self.thread, &environment).await?)
        };
        drop(progress);
        keeper.close().await?;
        self.tell(&counts);
        Ok(ExitCode::SUCCESS)
    }

    fn tell(&self, counts: &Value) {
        if self.json {
            let mut report = counts.clone();
            report["psid"] = self.thread.psid.as_str().into();
            report["deleted"] = self.yes.into();
            say_json(&report);
            return;
        }
        let kinds = counts.as_object().into_iter().flatten();
        let some = kinds.filter_map(|(kind, count)| Some((kind, count.as_u64()?)));
        let some = some.filter(|(_, count)| *count > 0);
        let some = some.map(|(kinds, count)| {
            let kind = kinds.strip_suffix('s').unwrap_or(kinds);
            plural(count, &kind.replace('_', " "))
        });
        let some = some.collect::<Vec<_>>().join(", ");
        match (some.is_empty(), self.yes) {
            (true, _) => say(paint(DIM, "nothing is stored about this person")),
            (false, true) => say(paint(GOOD, format!("deleted: {some}"))),
            (false, false) => {
                let advice = format!("{some}; nothing is deleted yet: `--yes` deletes it");
                say(paint(WARN, advice));
            }
        }
    }
}

/// How much an export holds, by kind.
fn counts(export: &Value) -> Value {
    let count = |kind: &str| export[kind].as_array().map_or(0, Vec::len) as u64;
    let knows = !export["session"].is_null() || !export["person_wrote_at"].is_null();
    let mut counts = serde_json::Map::new();
    for (kind, rows) in [
        ("events", count("events")),
        ("turns", count("history")),
        ("sessions", knows.into()),
        ("calls", count("calls")),
        ("timers", count("timers")),
        ("dead_letters", count("dead_letters")),
        ("receipts", count("receipts")),
    ] {
        counts.insert(kind.to_owned(), rows.into());
    }
    Value::Object(counts)
}
