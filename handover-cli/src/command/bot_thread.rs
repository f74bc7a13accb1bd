//! A thread of the bot that runs, reached at the address where it serves operators.

use std::time::Duration;

use clap::Args;
use handover::protocol::PersonId;
use handover_runtime::operations_token;
use thiserror::Error;
use url::Url;

use crate::command_error::CommandError;
use crate::environment::CliEnvironment;
use crate::http::{CliRequest, CliResponse, RequestError};

/// A thread of the running bot.
#[derive(Args)]
pub(super) struct BotThread {
    pub(super) psid: PersonId,
    /// Its Page or Instagram account [default: MESSENGER_PAGE_ID]
    #[arg(long, value_name = "ID")]
    account: Option<String>,
}

#[derive(Debug, Error)]
enum BotRequestError {
    #[error(
        "no bot answers at {address}: start it, or set HANDOVER_OPERATIONS to the address of its /metrics"
    )]
    NotRunning {
        address: String,
        source: RequestError,
    },
    #[error("HANDOVER_OPERATIONS is `off`, so the bot cannot be reached; give it an address")]
    Off,
    #[error("HANDOVER_OPERATIONS=`{address}` is no address")]
    NoAddress { address: String },
    #[error(
        "the bot at {address} has another app secret; is MESSENGER_APP_SECRET that of this bot?"
    )]
    OtherBot { address: String },
    #[error("the bot at {address} answers {status}: {answer}")]
    Refused {
        address: String,
        status: u16,
        answer: String,
    },
}

impl BotThread {
    /// Posts to this path below the thread, and gives what the bot answers. `request` adds what
    /// belongs to the request.
    pub(super) async fn post(
        &self,
        environment: &CliEnvironment,
        path: &[&str],
        query: &[(&str, String)],
        timeout: Duration,
        request: impl FnOnce(CliRequest) -> CliRequest,
    ) -> Result<CliResponse, CommandError> {
        let account = match &self.account {
            Some(account) => account.clone(),
            None => environment
                .require("MESSENGER_PAGE_ID")
                .map_err(CommandError::usage)?,
        };
        let thread = ["threads", &account, self.psid.as_str()];
        let path: Vec<_> = thread.iter().chain(path).copied().collect();
        post_to_bot(environment, &path, query, timeout, request).await
    }
}

/// Posts to this path at the address where the running bot serves operators, and gives what it answers.
pub(super) async fn post_to_bot(
    environment: &CliEnvironment,
    path: &[&str],
    query: &[(&str, String)],
    timeout: Duration,
    request: impl FnOnce(CliRequest) -> CliRequest,
) -> Result<CliResponse, CommandError> {
    let secret = environment.app_secret().map_err(CommandError::usage)?;
    let address = environment.get("HANDOVER_OPERATIONS");
    let address = address.unwrap_or_else(|| "127.0.0.1:9464".to_owned());
    if address == "off" {
        return Err(CommandError::usage(BotRequestError::Off));
    }
    let no_address = || {
        CommandError::usage(BotRequestError::NoAddress {
            address: address.clone(),
        })
    };
    let mut url = Url::parse(&format!("http://{address}")).map_err(|_| no_address())?;
    url.path_segments_mut()
        .map_err(|()| no_address())?
        .extend(path);
    if !query.is_empty() {
        url.query_pairs_mut().extend_pairs(query);
    }
    let token = operations_token(&secret);
    let posted = CliRequest::post(&url).header("authorization", format!("Bearer {token}"));
    let response = request(posted).send(timeout).await;
    let response = response.map_err(|source| BotRequestError::NotRunning {
        address: address.clone(),
        source,
    })?;
    match response.status {
        200..=299 => Ok(response),
        401 | 403 => Err(BotRequestError::OtherBot { address }.into()),
        status => Err(BotRequestError::Refused {
            address,
            status,
            answer: message_of(&response.body),
        }
        .into()),
    }
}

/// What an error says in words.
fn message_of(answer: &str) -> String {
    let json: Option<serde_json::Value> = serde_json::from_str(answer).ok();
    let message = json
        .as_ref()
        .and_then(|json| json["error"]["message"].as_str());
    message.unwrap_or(answer).trim().to_owned()
}
