//! `handover signal` and `handover send`: into a thread of the bot that runs.

use std::process::ExitCode;
use std::time::Duration;

use clap::Args;
#[cfg(feature = "postgres")]
use handover_runtime::journal_file::RemoteSignal;
use serde_json::{Value, json};

use super::CommandResult;
#[cfg(feature = "postgres")]
use super::bot_thread::name_nodes;
use super::bot_thread::{BotThread, name_bot};
use crate::environment::CliEnvironment;
use crate::span;
use crate::store::StoreArgument;
use crate::terminal::{Progress, say, say_json};

/// Timeout of the bot's answer, in addition to the time that it is asked to wait.
const TIMEOUT: Duration = Duration::from_secs(10);

/// Send a signal into a thread; the bot has to be running
///
/// The `#[on_signal]` handler for it runs in the order of the thread's events. Asks the bot at
/// HANDOVER_OPERATIONS, with a token that is derived from MESSENGER_APP_SECRET. On PostgreSQL the signal is
/// stored in the database for the node that works the thread; if no node runs, for the next one.
#[derive(Args)]
pub(crate) struct SignalCommand {
    /// Name of the signal, such as shipped
    name: String,
    #[command(flatten)]
    thread: BotThread,
    /// Content of the signal as JSON
    #[arg(default_value = "null", value_parser = json_text)]
    content: Value,
    /// Handle it after this time, such as 30s or 2h
    #[arg(long, value_name = "TIME", value_parser = span::parse)]
    after: Option<Duration>,
    #[command(flatten)]
    options: SpeakOptions,
    #[command(flatten)]
    store: StoreArgument,
}

/// Send a message into a thread; the bot has to be running
///
/// The message goes through the bot's outbox: in order, and only while the bot may write. Asks the bot at
/// HANDOVER_OPERATIONS, with a token that is derived from MESSENGER_APP_SECRET.
#[derive(Args)]
pub(crate) struct SendCommand {
    #[command(flatten)]
    thread: BotThread,
    /// Text of the message
    text: String,
    #[command(flatten)]
    options: SpeakOptions,
}

#[derive(Args)]
struct SpeakOptions {
    /// Idempotency key: what is sent again with the same id is stored once
    #[arg(long, value_name = "ID")]
    id: Option<String>,
    /// Hold it while a human or another app owns the thread
    #[arg(long)]
    hold: bool,
    /// Expiry: it becomes a dead letter if it is not done by then, such as 2h
    #[arg(long, value_name = "TIME", value_parser = span::parse)]
    expires_after: Option<Duration>,
    /// Time to wait for the result, at most 60s
    #[arg(long, value_name = "TIME", value_parser = span::parse)]
    wait: Option<Duration>,
    /// Print the receipt as JSON
    #[arg(long)]
    json: bool,
}

fn json_text(text: &str) -> Result<Value, String> {
    serde_json::from_str(text).map_err(|error| format!("it is not JSON: {error}"))
}

impl SignalCommand {
    pub(crate) async fn run(self) -> CommandResult {
        let Self {
            name,
            thread,
            content,
            after,
            options,
            store,
        } = self;
        let environment = &CliEnvironment::load();
        #[cfg(feature = "postgres")]
        if let Some(client) = store.client(environment)? {
            name_nodes(environment, &store, options.json)?;
            let waiting = Progress::start(options.json, "asking the nodes");
            let signal = RemoteSignal {
                name,
                content,
                id: options.id.clone(),
                hold_until_back: options.hold,
                expires_after: options.expires_after,
                after,
                wait: options.wait,
            };
            let receipt = client.signal(&thread.key(environment)?, signal)?;
            drop(waiting);
            return Ok(options.tell(&receipt));
        }
        let mut query = options.waiting();
        query.extend(name_bot(environment, Some(&store), options.json)?);
        if options.hold {
            query.push(("hold_until_back", "true".to_owned()));
        }
        query.extend(
            options
                .expires_after
                .map(|time| ("expires_after", seconds(time))),
        );
        query.extend(after.map(|time| ("after", seconds(time))));
        options
            .post(environment, &thread, &["signals", &name], &query, &content)
            .await
    }
}

impl SendCommand {
    pub(crate) async fn run(self) -> CommandResult {
        let Self {
            thread,
            text,
            options,
        } = self;
        let message = json!({
            "text": text,
            "hold_until_back": options.hold,
            "expires_after": options.expires_after.map(seconds),
        });
        let environment = &CliEnvironment::load();
        let mut query = options.waiting();
        query.extend(name_bot(environment, None, options.json)?);
        let path = ["messages"];
        options
            .post(environment, &thread, &path, &query, &message)
            .await
    }
}

impl SpeakOptions {
    fn waiting(&self) -> Vec<(&'static str, String)> {
        let wait = self.wait.map(|time| ("wait", seconds(time)));
        wait.into_iter().collect()
    }

    async fn post(
        &self,
        environment: &CliEnvironment,
        thread: &BotThread,
        path: &[&str],
        query: &[(&str, String)],
        body: &Value,
    ) -> CommandResult {
        let timeout = TIMEOUT + self.wait.unwrap_or_default();
        let waiting = Progress::start(self.json, "asking the bot");
        let posted = thread.post(environment, path, query, timeout, |request| {
            let request = request.json(body);
            match &self.id {
                Some(id) => request.header("idempotency-key", id),
                None => request,
            }
        });
        let receipt: Value = serde_json::from_str(&posted.await?.body)?;
        drop(waiting);
        Ok(self.tell(&receipt))
    }

    fn tell(&self, receipt: &Value) -> ExitCode {
        if self.json {
            say_json(receipt);
        } else {
            say(summary(receipt));
        }
        match receipt["status"] == "failed" {
            true => ExitCode::from(1),
            false => ExitCode::SUCCESS,
        }
    }
}

fn summary(receipt: &Value) -> String {
    let word = |field: &str| receipt[field].as_str().unwrap_or_default();
    let id = word("id");
    let summary = match word("status") {
        "failed" => format!("{id}: failed ({}): {}", word("kind"), word("reason")),
        "held" => format!("{id}: held, until the bot has the conversation again"),
        status => format!("{id}: {status}"),
    };
    match receipt["warning"].as_str() {
        Some(warning) => format!("{summary}\n{warning}"),
        None => summary,
    }
}

fn seconds(time: Duration) -> String {
    format!("{}s", time.as_secs())
}
