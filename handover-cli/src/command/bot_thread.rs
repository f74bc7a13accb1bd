//! A thread of the bot that runs, reached at the address where it serves operators.

use std::path::Path;
use std::time::Duration;

use clap::Args;
use handover::ThreadKey;
use handover::protocol::{AccountId, PersonId};
use handover_runtime::journal_file::JournalPlace;
use handover_runtime::operations_token;
use thiserror::Error;
use url::Url;

use crate::command_error::CommandError;
use crate::environment::{CliEnvironment, PAGE_ID, VariableError};
use crate::http::{CliRequest, CliResponse, RequestError};
use crate::store::StoreArgument;
use crate::terminal::remark;

/// Timeout of the question whether a bot runs.
const FINDS_WITHIN: Duration = Duration::from_secs(5);
/// Parameter of a request that names a store.
const STORE: &str = "store";

/// A thread of the running bot.
#[derive(Args)]
pub(super) struct BotThread {
    /// The person: a PSID or IGSID
    pub(super) psid: PersonId,
    /// The Page or Instagram account of the thread [default: MESSENGER_PAGE_ID]
    #[arg(long, value_name = "ID")]
    account: Option<String>,
}

/// Why the bot did not do what it was asked.
#[derive(Debug, Error)]
pub(super) enum BotRequestError {
    #[error(
        "no bot answers at {address}: start it, or set HANDOVER_OPERATIONS to the address of its operations port"
    )]
    NotRunning {
        address: String,
        source: RequestError,
    },
    #[error(transparent)]
    Variable(#[from] VariableError),
    #[error("HANDOVER_OPERATIONS is `off`, so the bot cannot be reached; give it an address")]
    Off,
    #[error("HANDOVER_OPERATIONS=`{address}` is not an address; it looks like 127.0.0.1:9464")]
    NoAddress { address: String },
    #[error(
        "the bot at {address} has another app secret; is MESSENGER_APP_SECRET that of this bot?"
    )]
    OtherBot { address: String },
    #[error(
        "the bot at {address} does not have {store} open ({answer}): set HANDOVER_OPERATIONS to the address of the bot that does, or name the store with `--store`; if it is the same file under another path, such as in a container, run the command there"
    )]
    OtherStore {
        address: String,
        store: String,
        answer: String,
    },
    #[error("the bot at {address} answers {status}: {answer}")]
    Refused {
        address: String,
        status: u16,
        answer: String,
    },
}

/// Whether a bot runs here: anybody may ask that.
pub(super) async fn find_bot(environment: &CliEnvironment) -> Result<(), BotRequestError> {
    let (address, mut url) = operations(environment)?;
    url.set_path("livez");
    let response = CliRequest::get(&url).send(FINDS_WITHIN).await;
    let found = response.map_err(|source| BotRequestError::NotRunning { address, source });
    found.map(drop)
}

/// Where the bot serves operators.
pub(super) fn operations(environment: &CliEnvironment) -> Result<(String, Url), BotRequestError> {
    let address = environment.get("HANDOVER_OPERATIONS")?;
    let address = address.unwrap_or_else(|| "127.0.0.1:9464".to_owned());
    if address == "off" {
        return Err(BotRequestError::Off);
    }
    match Url::parse(&format!("http://{address}")) {
        Ok(url) => Ok((address, url)),
        Err(_) => Err(BotRequestError::NoAddress { address }),
    }
}

impl BotThread {
    pub(super) fn key(&self, environment: &CliEnvironment) -> Result<ThreadKey, CommandError> {
        let account = self.account(environment)?;
        Ok(ThreadKey::new(AccountId::from(account), self.psid.clone()))
    }

    pub(super) fn account(&self, environment: &CliEnvironment) -> Result<String, CommandError> {
        match &self.account {
            Some(account) => Ok(account.clone()),
            None => environment
                .require(PAGE_ID)
                .map_err(|missing| CommandError::usage(format!("{missing}; or use `--account`"))),
        }
    }

    /// Posts to this path below the thread, and returns what the bot answers. `request` adds what
    /// belongs to the request.
    pub(super) async fn post(
        &self,
        environment: &CliEnvironment,
        path: &[&str],
        query: &[(&str, String)],
        timeout: Duration,
        request: impl FnOnce(CliRequest) -> CliRequest,
    ) -> Result<CliResponse, CommandError> {
        let account = self.account(environment)?;
        let thread = ["threads", &account, self.psid.as_str()];
        let path: Vec<_> = thread.iter().chain(path).copied().collect();
        let request = |url: &Url| request(CliRequest::post(url));
        ask_bot(environment, &path, query, timeout, request).await
    }

    /// Gets this path below the thread.
    pub(super) async fn get(
        &self,
        environment: &CliEnvironment,
        path: &str,
        query: &[(&str, String)],
        timeout: Duration,
    ) -> Result<CliResponse, CommandError> {
        let account = self.account(environment)?;
        let path = ["threads", &account, self.psid.as_str(), path];
        ask_bot(environment, &path, query, timeout, CliRequest::get).await
    }
}

/// Says for people which bot is asked, and returns the part of the query that names its store, if `--store` does.
pub(super) fn name_bot(
    environment: &CliEnvironment,
    store: Option<&StoreArgument>,
    as_json: bool,
) -> Result<Vec<(&'static str, String)>, CommandError> {
    if let (false, Ok((address, _))) = (as_json, operations(environment)) {
        remark(format_args!("asking the bot at {address}"));
    }
    let Some(store) = store.filter(|store| store.is_explicit()) else {
        return Ok(Vec::new());
    };
    let store = store.find(environment)?;
    Ok(store.file().map(only_with).into_iter().collect())
}

/// Says for people whose nodes are asked.
#[cfg(feature = "postgres")]
pub(super) fn name_nodes(
    environment: &CliEnvironment,
    store: &StoreArgument,
    as_json: bool,
) -> Result<(), CommandError> {
    if !as_json {
        remark(format_args!(
            "asking the nodes of {}",
            store.find(environment)?
        ));
    }
    Ok(())
}

/// The part of a query that lets a bot refuse the request which has another store than this file.
pub(super) fn only_with(path: &Path) -> (&'static str, String) {
    (STORE, JournalPlace::File(path.to_owned()).identity())
}

/// Sends a request to this path at the address where the running bot serves operators, and returns what it
/// answers. `request` makes it from the URL.
pub(super) async fn ask_bot(
    environment: &CliEnvironment,
    path: &[&str],
    query: &[(&str, String)],
    timeout: Duration,
    request: impl FnOnce(&Url) -> CliRequest,
) -> Result<CliResponse, CommandError> {
    let secret = environment.app_secret().map_err(CommandError::usage)?;
    let (address, mut url) = operations(environment).map_err(CommandError::usage)?;
    url.path_segments_mut()
        .map_err(|()| {
            CommandError::usage(BotRequestError::NoAddress {
                address: address.clone(),
            })
        })?
        .extend(path);
    if !query.is_empty() {
        url.query_pairs_mut().extend_pairs(query);
    }
    let token = operations_token(&secret);
    let request = request(&url).header("authorization", format!("Bearer {token}"));
    let response = request.send(timeout).await;
    let response = response.map_err(|source| BotRequestError::NotRunning {
        address: address.clone(),
        source,
    })?;
    let store = query.iter().find(|(name, _)| *name == STORE);
    match (response.status, store) {
        (200..=299, _) => Ok(response),
        (401 | 403, _) => Err(BotRequestError::OtherBot { address }.into()),
        (409, Some((_, store))) if is_of_other_store(&response.body) => {
            Err(BotRequestError::OtherStore {
                address,
                store: store.clone(),
                answer: message_of(&response.body),
            }
            .into())
        }
        (status, _) => Err(BotRequestError::Refused {
            address,
            status,
            answer: message_of(&response.body),
        }
        .into()),
    }
}

/// Whether a bot has refused a request that names another store.
fn is_of_other_store(answer: &str) -> bool {
    let json: Option<serde_json::Value> = serde_json::from_str(answer).ok();
    json.is_some_and(|json| json["error"]["code"] == "other_store")
}

/// What an error says in words.
fn message_of(answer: &str) -> String {
    let json: Option<serde_json::Value> = serde_json::from_str(answer).ok();
    let message = json
        .as_ref()
        .and_then(|json| json["error"]["message"].as_str());
    message.unwrap_or(answer).trim().to_owned()
}
