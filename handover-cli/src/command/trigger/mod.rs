//! `handover trigger`: a signed event, as the platform would send it.

mod body;
pub(super) mod deliver;
mod kind;
mod kinds;
mod person;

use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::{fs, io};

use clap::Args;
use clap::builder::PossibleValue;
use clap::builder::PossibleValuesParser;
use handover::protocol::AppId;
use handover_runtime::shared::is_loopback;
use thiserror::Error;
use url::Url;

use super::CommandResult;
use crate::app;
use crate::command_error::CommandError;
use crate::environment::CliEnvironment;
use crate::terminal::{Progress, TextTable, WARN, paint, remark, say, say_json};
use kind::Details;

/// Send a bot a signed event of any kind
///
/// Signs the event with MESSENGER_APP_SECRET, so that the bot accepts it as the platform's. Without any
/// configuration, and for a bot on this machine, uses the secret of the simulator.
#[derive(Args)]
#[command(after_help = "Examples:\n  \
    handover trigger message --text \"agent\"\n  \
    handover trigger pass_thread_control --app page_inbox --metadata settled\n  \
    handover trigger message --text hello --standby\n  \
    handover trigger --file body.json")]
pub(crate) struct TriggerCommand {
    /// The kind of event; `--list` explains them
    #[arg(value_parser = PossibleValuesParser::new(names()), hide_possible_values = true, required_unless_present_any = ["file", "list"])]
    event: Option<String>,
    /// The text of the message, or the text of a reaction's message, a rating and the like
    #[arg(long)]
    text: Option<String>,
    /// The payload of a postback, quick reply or opt-in
    #[arg(long)]
    payload: Option<String>,
    /// The `ref` of a referral or opt-in
    #[arg(long = "ref", value_name = "REF")]
    reference: Option<String>,
    /// The metadata of a handover or an echo
    #[arg(long)]
    metadata: Option<String>,
    /// The other app of a handover, and the sender of an echo: page_inbox, instagram_inbox or an id
    #[arg(long, value_name = "APP", value_parser = app::parse)]
    app: Option<AppId>,
    /// The message that is edited, read, reacted or replied to
    #[arg(long)]
    mid: Option<String>,
    /// The person: a PSID or IGSID [default: with a simulator, who was last active in it]
    #[arg(long, value_name = "ID")]
    psid: Option<String>,
    /// The Page, or the Instagram account [default: MESSENGER_PAGE_ID]
    #[arg(long, value_name = "ID")]
    page: Option<String>,
    /// On the standby channel: another app owns the thread
    #[arg(long)]
    standby: bool,
    /// As an event on Instagram
    #[arg(long)]
    instagram: bool,
    /// Send this body unchanged; `-` reads it from standard input
    #[arg(long, value_name = "PATH", conflicts_with = "event")]
    file: Option<PathBuf>,
    /// The bot's webhook [default: http://HOST:PORT/webhook]
    #[arg(long, value_name = "URL")]
    url: Option<Url>,
    /// Print the body and do not send it
    #[arg(long)]
    dry_run: bool,
    /// Print the result as JSON
    #[arg(long)]
    json: bool,
    /// List the kinds of events
    #[arg(long)]
    list: bool,
}

#[derive(Debug, Error)]
enum TriggerError {
    #[error("the file {path} cannot be read")]
    File { path: String, source: io::Error },
    #[error(
        "nothing is configured, and {url} is not on this machine; put MESSENGER_APP_SECRET, the secret of the bot's app, into the environment or into a file `.env`"
    )]
    Secret { url: Url },
}

impl TriggerCommand {
    pub(crate) async fn run(self) -> CommandResult {
        if self.list {
            self.print_list();
            return Ok(ExitCode::SUCCESS);
        }
        let environment = CliEnvironment::load();
        let (name, person, body) = match (&self.file, &self.event) {
            (Some(path), _) => ("body", None, read(path)?),
            (None, Some(event)) => match kinds::ALL.iter().find(|kind| kind.name == event) {
                Some(kind) => {
                    let details = self.details(&environment).await?;
                    let body = body::write(kind, &details, self.standby);
                    (kind.name, Some(details.person), body)
                }
                None => return Err(CommandError::usage(format!("there is no event `{event}`"))),
            },
            (None, None) => {
                return Err(CommandError::usage(
                    "name the event to send, or use `--list`",
                ));
            }
        };
        if self.file.is_some()
            && let Err(error) = handover::protocol::read(&body)
        {
            // Its answer is a success: the platform would repeat the body otherwise.
            let problem = format_args!("{error}; a bot that accepts it keeps it as a dead letter");
            remark(paint(WARN, problem));
        }
        if self.dry_run {
            say(String::from_utf8_lossy(&body));
            return Ok(ExitCode::SUCCESS);
        }
        let url = match &self.url {
            Some(url) => url.clone(),
            None => environment.webhook().map_err(CommandError::usage)?,
        };
        let secret = self.secret(&url, &environment)?;
        let waiting = Progress::start(self.json, "waiting for the bot");
        let delivered = deliver::deliver(&url, body, &secret).await?;
        drop(waiting);
        if self.json {
            say_json(&delivered.as_json(name, person.as_deref()));
        } else {
            say(delivered.summary(name));
        }
        Ok(delivered.exit_code())
    }

    fn print_list(&self) {
        if self.json {
            for kind in kinds::ALL {
                say_json(&serde_json::json!({"event": kind.name, "about": kind.about}));
            }
            return;
        }
        let mut table = TextTable::new(["event", "what happened"]);
        for kind in kinds::ALL {
            table.add([kind.name.to_owned(), kind.about.to_owned()]);
        }
        table.print();
    }

    async fn details(&self, environment: &CliEnvironment) -> Result<Details, CommandError> {
        let account = match &self.page {
            Some(page) => page.clone(),
            None => environment
                .require("MESSENGER_PAGE_ID")
                .map_err(CommandError::usage)?,
        };
        let inbox = if self.instagram {
            AppId::INSTAGRAM_INBOX
        } else {
            AppId::PAGE_INBOX
        };
        let person = match &self.psid {
            Some(person) => person.clone(),
            None => person::default(&account, environment).await,
        };
        Ok(Details {
            text: self.text.clone(),
            payload: self.payload.clone(),
            reference: self.reference.clone(),
            metadata: self.metadata.clone(),
            mid: self.mid.clone(),
            person,
            account,
            bot: environment
                .require("MESSENGER_APP_ID")
                .map_err(CommandError::usage)?
                .into(),
            app: self.app.clone().unwrap_or(inbox),
            instagram: self.instagram,
            now: crate::terminal::now(),
        })
    }

    fn secret(&self, url: &Url, environment: &CliEnvironment) -> Result<String, CommandError> {
        if environment.is_local() {
            if !is_loopback(url) {
                let url = url.clone();
                return Err(CommandError::usage(TriggerError::Secret { url }));
            }
            if !self.json {
                remark("nothing is configured: signed with the simulator's secret");
            }
        }
        environment.app_secret().map_err(CommandError::usage)
    }
}

fn names() -> impl Iterator<Item = PossibleValue> {
    kinds::ALL
        .iter()
        .map(|kind| PossibleValue::new(kind.name).help(kind.about))
}

fn read(path: &Path) -> Result<Vec<u8>, TriggerError> {
    let read = if path == Path::new("-") {
        let mut body = Vec::new();
        io::stdin().read_to_end(&mut body).map(|_| body)
    } else {
        fs::read(path)
    };
    read.map_err(|source| TriggerError::File {
        path: path.display().to_string(),
        source,
    })
}
