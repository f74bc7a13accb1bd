//! `handover catch-up`: what the platform did not deliver.

use std::process::ExitCode;

use clap::Args;
use handover::graph::{CATCH_UP, MessagesSince};
use handover::protocol::{Object, Received, Timestamp};
use serde_json::{Value, json};
use url::Url;

use super::CommandResult;
use super::replay::time;
use super::trigger::deliver::deliver;
use crate::command_error::CommandError;
use crate::environment::CliEnvironment;
use crate::graph::graph;
use crate::terminal::{GOOD, Progress, WARN, now, paint, remark, say, say_json};

/// How many messages go in one webhook.
const AT_ONCE: usize = 100;

/// Deliver messages to the running bot that the platform did not deliver
///
/// Reads from the Conversations API what persons have written to the Page, or to its Instagram account,
/// and sends it to the bot's webhook as the platform would, signed with MESSENGER_APP_SECRET. The bot
/// leaves out what it knows, for 7 days. For a bot that was down for longer than webhooks are repeated.
/// The platform shows the newest 20 messages of each conversation.
#[derive(Args)]
pub(crate) struct CatchUp {
    /// Since then: 2h (ago), or 2026-11-23T10:00Z
    #[arg(long, value_name = "TIME", value_parser = time)]
    since: Timestamp,
    /// Messages to the Instagram account instead of those to the Page
    #[arg(long)]
    instagram: bool,
    /// The webhook of the bot [default: http://HOST:PORT/webhook]
    #[arg(long, value_name = "URL")]
    url: Option<Url>,
    /// Only show what would be delivered
    #[arg(long)]
    dry_run: bool,
    /// Print the result as JSON
    #[arg(long)]
    json: bool,
}

impl CatchUp {
    pub(crate) async fn run(self) -> CommandResult {
        let environment = CliEnvironment::load();
        if environment.is_local() && !self.json {
            remark("nothing is configured: asking the simulator at port 8090");
        }
        let product = match self.instagram {
            true => Object::Instagram,
            false => Object::Page,
        };
        let graph = graph(&environment)
            .map_err(CommandError::usage)?
            .for_product(product);
        let url = match &self.url {
            Some(url) => url.clone(),
            None => environment.webhook().map_err(CommandError::usage)?,
        };
        let secret = environment.app_secret().map_err(CommandError::usage)?;
        let progress = Progress::start(self.json, "reading conversations");
        let found = graph.messages_since(self.since).await?;
        if self.dry_run {
            drop(progress);
            for received in &found.messages {
                say(json!(received.event));
            }
        } else {
            let mut delivered = 0;
            for some in found.messages.chunks(AT_ONCE) {
                progress.now(format!(
                    "delivering {delivered} of {}",
                    found.messages.len()
                ));
                let sent = deliver(&url, body(some), &secret).await?;
                if !sent.is_accepted() {
                    drop(progress);
                    if self.json {
                        let mut report = report(&found, &url, delivered);
                        let refusal = sent.as_json("catch-up", None);
                        for field in ["status", "problem", "answer"] {
                            report[field] = refusal[field].clone();
                        }
                        say_json(&report);
                    } else {
                        say(sent.summary("catch-up"));
                    }
                    return Ok(sent.exit_code());
                }
                delivered += some.len();
            }
            drop(progress);
        }
        self.summarize(&found, &url);
        Ok(ExitCode::SUCCESS)
    }

    fn summarize(&self, found: &MessagesSince, url: &Url) {
        let (messages, conversations) = (found.messages.len(), found.conversations);
        if self.json {
            let delivered = if self.dry_run { 0 } else { messages };
            say_json(&report(found, url, delivered));
            return;
        }
        let where_to = match self.dry_run {
            true => "not delivered".to_owned(),
            false => format!("delivered to {url}; the bot leaves out those it knows"),
        };
        let style = if self.dry_run { WARN } else { GOOD };
        say(format_args!(
            "{} in {conversations} conversations, {where_to}",
            paint(style, format!("{messages} messages"))
        ));
        if found.cut_off > 0 {
            say(format_args!(
                "{} conversations may have older messages, which the platform does not show",
                found.cut_off
            ));
        }
    }
}

fn report(found: &MessagesSince, url: &Url, delivered: usize) -> Value {
    json!({
        "conversations": found.conversations,
        "messages": found.messages.len(),
        "cut_off": found.cut_off,
        "delivered": delivered,
        "url": url.as_str(),
    })
}

/// A webhook with these messages.
fn body(messages: &[Received]) -> Vec<u8> {
    let Some(first) = messages.first() else {
        return Vec::new();
    };
    let items: Vec<&handover::protocol::Event> = messages.iter().map(|one| &one.event).collect();
    let mut entry = json!({ "id": first.account, "time": now(), "messaging": items });
    entry[CATCH_UP] = Value::from(true);
    let body = json!({ "object": first.object.as_str(), "entry": [entry] });
    body.to_string().into_bytes()
}
