//! `handover thread`: thread control of a conversation.

use std::process::ExitCode;
use std::time::Duration;

use clap::{Args, Subcommand};
use handover::graph::{Call, CurrentOwner, Graph};
use handover::protocol::{
    AppId, ExtendThreadControlRequest, Object, PassThreadControlRequest, PersonId, Recipient,
    ReleaseThreadControlRequest, RequestThreadControlRequest, TakeThreadControlRequest,
};
#[cfg(feature = "postgres")]
use handover_runtime::journal_file::RemoteChange;
use serde_json::{Value, json};

use super::CommandResult;
#[cfg(feature = "postgres")]
use super::bot_thread::name_nodes;
use super::bot_thread::{BotThread, name_bot};
use crate::app;
use crate::command_error::CommandError;
use crate::environment::CliEnvironment;
use crate::graph::graph;
use crate::span;
use crate::store::StoreArgument;
use crate::terminal::{Age, NAME, Progress, paint, remark, say, say_json};

/// Timeout of a request to the bot.
const TIMEOUT: Duration = Duration::from_secs(10);

/// Show or change the owner of a thread
///
/// Makes the call as the bot's app, with MESSENGER_PAGE_ID and MESSENGER_ACCESS_TOKEN, at GRAPH_API_URL.
/// Without any configuration, calls the simulator on port 8090. `pause` and `resume` are for the bot that runs; on
/// PostgreSQL they go through the database to the node that works the conversation.
#[derive(Args)]
pub(crate) struct ThreadCommand {
    #[command(subcommand)]
    action: ThreadAction,
    /// The conversation is on Instagram
    #[arg(long, global = true)]
    instagram: bool,
    /// Print the result as JSON
    #[arg(long, global = true)]
    json: bool,
}

#[derive(Subcommand)]
enum ThreadAction {
    /// Show the owner, and until when it controls the conversation
    Owner { psid: PersonId },
    /// Pass it to another app
    Pass {
        /// page_inbox, instagram_inbox or an app id; without it, the default app
        #[arg(long, value_name = "APP", value_parser = app::parse)]
        to: Option<AppId>,
        #[command(flatten)]
        said: ThreadStatus,
    },
    /// Take it from its owner
    Take(ThreadStatus),
    /// Request it from its owner
    Request(ThreadStatus),
    /// Release it: the platform routes the next message
    Release(ThreadStatus),
    /// Pause the bot in it; the bot has to be running
    Pause {
        #[command(flatten)]
        thread: BotThread,
        /// Length of the pause, such as 30m or 2h
        #[arg(long = "for", value_name = "TIME", value_parser = span::parse)]
        span: Duration,
        #[command(flatten)]
        store: StoreArgument,
    },
    /// End the pause of the bot in it; the bot has to be running
    Resume {
        #[command(flatten)]
        thread: BotThread,
        #[command(flatten)]
        store: StoreArgument,
    },
    /// Extend the control
    Extend {
        psid: PersonId,
        /// From now on, such as 36h or 7d
        #[arg(long = "for", value_name = "TIME", value_parser = span::parse)]
        span: Duration,
    },
}

#[derive(Args)]
struct ThreadStatus {
    psid: PersonId,
    /// Metadata for the other app
    #[arg(long, value_name = "TEXT")]
    metadata: Option<String>,
}

impl ThreadCommand {
    pub(crate) async fn run(self) -> CommandResult {
        let environment = CliEnvironment::load();
        match &self.action {
            ThreadAction::Pause {
                thread,
                span,
                store,
            } => {
                let seconds = span.as_secs();
                let summary = format!("paused: the bot is silent in it for {seconds} s");
                let pause = Some(*span);
                return self
                    .set_pause(&environment, thread, store, pause, &summary)
                    .await;
            }
            ThreadAction::Resume { thread, store } => {
                let summary = "resumed: the bot speaks in it again";
                return self
                    .set_pause(&environment, thread, store, None, summary)
                    .await;
            }
            _ => {}
        }
        if environment.is_local() && !self.json {
            remark("nothing is configured: asking the simulator at port 8090");
        }
        let product = if self.instagram {
            Object::Instagram
        } else {
            Object::Page
        };
        let graph = graph(&environment)
            .map_err(CommandError::usage)?
            .for_product(product);
        let waiting = Progress::start(self.json, "asking the Graph API");
        let (summary, answer) = self.action.execute(&graph).await?;
        drop(waiting);
        if self.json {
            say_json(&answer);
        } else {
            say(summary);
        }
        Ok(ExitCode::SUCCESS)
    }
}

impl ThreadCommand {
    /// Begins or ends the pause of the bot in a thread.
    async fn set_pause(
        &self,
        environment: &CliEnvironment,
        thread: &BotThread,
        store: &StoreArgument,
        pause: Option<Duration>,
        summary: &str,
    ) -> CommandResult {
        #[cfg(feature = "postgres")]
        if let Some(client) = store.client(environment)? {
            let key = thread.key(environment)?;
            name_nodes(environment, store, self.json)?;
            let later = match client.pause(&key, pause)? {
                RemoteChange::Done => "",
                RemoteChange::Waits => "; no node runs, so this holds as soon as one does",
            };
            return Ok(self.tell(thread, &[summary, later].concat()));
        }
        let query = name_bot(environment, Some(store), self.json)?;
        let seconds = pause.map(|pause| pause.as_secs().to_string());
        let path = match &seconds {
            Some(seconds) => vec!["pause", seconds],
            None => vec!["resume"],
        };
        thread
            .post(environment, &path, &query, TIMEOUT, |it| it)
            .await?;
        Ok(self.tell(thread, summary))
    }

    fn tell(&self, thread: &BotThread, summary: &str) -> ExitCode {
        if self.json {
            say_json(&json!({"psid": thread.psid, "success": true}));
        } else {
            say(summary);
        }
        ExitCode::SUCCESS
    }
}

impl ThreadAction {
    async fn execute(self, graph: &Graph) -> Result<(String, Value), CommandError> {
        let (person, call, summary): (PersonId, Call, String) = match self {
            Self::Owner { psid } => {
                let owner = graph.thread_owner(&psid).await?;
                return Ok((summary(&owner), as_json(&psid, &owner)));
            }
            Self::Pass { to, said } => {
                let target = to
                    .as_ref()
                    .map_or_else(|| "the default app".to_owned(), app::name);
                let call = PassThreadControlRequest {
                    target_app_id: to,
                    recipient: said.recipient(),
                    metadata: said.metadata,
                    ..Default::default()
                };
                (
                    said.psid,
                    call.into(),
                    format!("passed to {}", paint(NAME, target)),
                )
            }
            Self::Take(said) => {
                let call = TakeThreadControlRequest {
                    recipient: said.recipient(),
                    metadata: said.metadata,
                    ..Default::default()
                };
                (
                    said.psid,
                    call.into(),
                    "taken: the bot's app controls it".into(),
                )
            }
            Self::Request(said) => {
                let call = RequestThreadControlRequest {
                    recipient: said.recipient(),
                    metadata: said.metadata,
                    ..Default::default()
                };
                (
                    said.psid,
                    call.into(),
                    "requested: the owner decides".into(),
                )
            }
            Self::Release(said) => {
                let call = ReleaseThreadControlRequest {
                    recipient: said.recipient(),
                    metadata: said.metadata,
                    ..Default::default()
                };
                (said.psid, call.into(), "released: it is idle".into())
            }
            // They are for the bot, not for the platform.
            Self::Pause { thread, .. } | Self::Resume { thread, .. } => {
                return Ok((String::new(), json!({"psid": thread.psid})));
            }
            Self::Extend { psid, span } => {
                let call = ExtendThreadControlRequest {
                    recipient: Recipient::id(psid.clone()),
                    duration: Some(span.as_secs()),
                    ..Default::default()
                };
                (
                    psid,
                    call.into(),
                    format!("extended by {} s from now", span.as_secs()),
                )
            }
        };
        graph.execute(&call).await?;
        Ok((summary, json!({"psid": person, "success": true})))
    }
}

impl ThreadStatus {
    fn recipient(&self) -> Recipient {
        Recipient::id(self.psid.clone())
    }
}

fn summary(owner: &CurrentOwner) -> String {
    let (who, until) = match owner {
        CurrentOwner::Nobody => return "the thread is idle: no app owns it".to_owned(),
        CurrentOwner::App { id, until } => (app::name(id), until),
        CurrentOwner::NotShown { until } => (
            "another app, which the platform shows only to the owner and the default app"
                .to_owned(),
            until,
        ),
    };
    let until = until.map(|until| format!("; its control ends {}", Age::of(until)));
    format!(
        "the owner is {}{}",
        paint(NAME, who),
        until.unwrap_or_default()
    )
}

fn as_json(person: &PersonId, owner: &CurrentOwner) -> Value {
    let (state, app, until) = match owner {
        CurrentOwner::Nobody => ("idle", None, &None),
        CurrentOwner::App { id, until } => ("owned", Some(id), until),
        CurrentOwner::NotShown { until } => ("owned", None, until),
    };
    json!({"psid": person, "state": state, "app": app, "until": until})
}
