//! `handover operations`: the way to the operations page.

use std::process::ExitCode;

use clap::Args;
use handover_runtime::operations_token;
use serde_json::json;
use url::Host;

use super::CommandResult;
use super::bot_thread::{find_bot, operations};
use crate::browser;
use crate::command_error::CommandError;
use crate::environment::{CliEnvironment, reachable};
use crate::terminal::{say, say_json};

/// Print the address of the running bot's operations page, with its token
///
/// The page shows health, traffic, handovers, threads, dead letters and accounts. With the token in the address,
/// you can retry and discard dead letters, pause the bot in a thread, and read texts. The token is derived from
/// MESSENGER_APP_SECRET: keep the address secret.
#[derive(Args)]
pub(crate) struct OperationsCommand {
    /// Open it in the browser
    #[arg(long, conflicts_with = "json")]
    open: bool,
    /// Print address and token as JSON
    #[arg(long)]
    json: bool,
}

impl OperationsCommand {
    pub(crate) async fn run(self) -> CommandResult {
        let environment = CliEnvironment::load();
        let secret = environment.app_secret().map_err(CommandError::usage)?;
        let (_, mut url) = operations(&environment).map_err(CommandError::usage)?;
        find_bot(&environment).await?;
        let address = match url.host() {
            Some(Host::Ipv4(address)) => Some(address.into()),
            Some(Host::Ipv6(address)) => Some(address.into()),
            _ => None,
        };
        if let Some(address) = address {
            // A URL of HTTP takes any address.
            let _ = url.set_ip_host(reachable(address));
        }
        let token = operations_token(&secret);
        let mut with_token = url.clone();
        with_token.set_fragment(Some(&format!("token={token}")));
        if self.json {
            say_json(&json!({ "url": url.as_str(), "token": token }));
        } else if self.open {
            browser::open("handover-operations", &redirect(with_token.as_str()))?;
            say(format!("opened {url}"));
        } else {
            say(with_token.as_str());
        }
        Ok(ExitCode::SUCCESS)
    }
}

/// A page that goes on to the address: as an argument of a program, others could read the token.
fn redirect(url: &str) -> String {
    let url = json!(url).to_string().replace('<', "\\u003c");
    format!(
        "<!doctype html><meta charset=\"utf-8\"><title>Operations</title><script>location.replace({url})</script>\n"
    )
}
