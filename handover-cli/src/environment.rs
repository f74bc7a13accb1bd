//! Variables of the bot, from the same sources as the bot's own.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use handover_runtime::shared::{self, VariableFileError};
use handover_sim::local;
use thiserror::Error;
use url::Url;

pub(crate) const PAGE_ID: &str = "MESSENGER_PAGE_ID";
pub(crate) const ACCESS_TOKEN: &str = "MESSENGER_ACCESS_TOKEN";
const APP_SECRET: &str = "MESSENGER_APP_SECRET";
const VERIFY_TOKEN: &str = "MESSENGER_VERIFY_TOKEN";
pub(crate) const ACCOUNTS_FILE: &str = "MESSENGER_ACCOUNTS_FILE";

/// The variables for a bot that runs against the simulator of this machine.
pub(crate) const LOCAL: [(&str, &str); 6] = [
    (PAGE_ID, local::PAGE_ID),
    (ACCESS_TOKEN, local::ACCESS_TOKEN),
    ("MESSENGER_APP_ID", local::APP_ID),
    (APP_SECRET, local::APP_SECRET),
    (VERIFY_TOKEN, local::VERIFY_TOKEN),
    ("GRAPH_API_URL", "http://127.0.0.1:8090"),
];

/// The environment of the bot. Where it says nothing of a Page or an app, the simulator is meant.
pub(crate) struct CliEnvironment {
    variables: shared::Environment,
    is_local: bool,
}

/// Why a command does not have a variable.
#[derive(Debug, Error)]
pub(crate) enum VariableError {
    #[error(transparent)]
    Missing(#[from] MissingVariable),
    #[error(transparent)]
    File(#[from] VariableFileError),
}

/// Why there is no address of the bot's webhook.
#[derive(Debug, Error)]
pub(crate) enum WebhookAddressError {
    #[error(transparent)]
    Variable(#[from] VariableError),
    #[error(
        "HOST={host} and PORT={port} do not make an address; correct them, or give the webhook with `--url`"
    )]
    Invalid { host: String, port: String },
}

/// A variable that a command cannot do without.
#[derive(Debug)]
pub(crate) struct MissingVariable {
    name: &'static str,
    meaning: &'static str,
    /// A variable that is set and was probably meant to be this one.
    misspelling: Option<String>,
    /// The accounts file that has it for each account.
    accounts_file: Option<String>,
}

impl fmt::Display for MissingVariable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { name, meaning, .. } = self;
        match &self.accounts_file {
            Some(file) => write!(
                f,
                "{name} is not set, and the accounts are in the file {file} ({ACCOUNTS_FILE}); for this command, set {PAGE_ID} to the `page` of one of them and {ACCESS_TOKEN} to its `access_token`"
            ),
            None => write!(
                f,
                "{name} is not set; put it into the environment or into a file `.env`: {meaning}"
            ),
        }?;
        match &self.misspelling {
            Some(found) => write!(f, "; `{found}` is set, is that meant?"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for MissingVariable {}

impl MissingVariable {
    /// As it is for the bot, which needs the variable beside an accounts file, too.
    pub(crate) fn of_bot(self) -> Self {
        Self {
            accounts_file: None,
            ..self
        }
    }
}

impl CliEnvironment {
    pub(crate) fn load() -> Self {
        let variables = shared::Environment::load();
        let names = LOCAL.map(|(name, _)| name);
        let is_free = |name: &&str| {
            !variables.is_set(name) && variables.misspelling_of(name, &names).is_none()
        };
        let is_local = names.iter().chain([&ACCOUNTS_FILE]).all(is_free);
        let variables = match is_local {
            true => variables.with(&LOCAL),
            false => variables,
        };
        Self {
            variables,
            is_local,
        }
    }

    /// Whether nothing is configured, so that the simulator is used.
    pub(crate) fn is_local(&self) -> bool {
        self.is_local
    }

    /// Whether a variable is set, or names a file, which may give no value.
    pub(crate) fn is_set(&self, name: &str) -> bool {
        self.variables.is_set(name)
    }

    /// Returns the value of a variable; an empty one counts as not set. A file that gives no value is an error:
    /// the bot does not start with it, and this command would work on something else.
    pub(crate) fn get(&self, name: &str) -> Result<Option<String>, VariableError> {
        Ok(self.variables.find(name)?)
    }

    /// The variables that name files which give no value.
    pub(crate) fn unusable_files(&self) -> Vec<VariableFileError> {
        shared::unusable_variable_files(&self.variables)
    }

    /// Secrets with which webhooks may be signed; the first is that of the app itself.
    pub(crate) fn app_secrets(&self) -> Result<Vec<String>, VariableError> {
        self.list(APP_SECRET)
    }

    /// Words with which the platform may verify the webhook.
    pub(crate) fn verify_tokens(&self) -> Result<Vec<String>, VariableError> {
        self.list(VERIFY_TOKEN)
    }

    fn list(&self, name: &'static str) -> Result<Vec<String>, VariableError> {
        let text = self.require(name)?;
        let secrets = Vec::from_iter(shared::split_secrets(&text).map(str::to_owned));
        if secrets.is_empty() {
            return Err(self.missing(name));
        }
        Ok(secrets)
    }

    /// The file with the accounts of the bot.
    pub(crate) fn accounts_file(&self) -> Result<Option<String>, VariableError> {
        self.get(ACCOUNTS_FILE)
    }

    /// The secret of the app itself.
    pub(crate) fn app_secret(&self) -> Result<String, VariableError> {
        let mut secrets = self.app_secrets()?;
        Ok(secrets.swap_remove(0))
    }

    /// The webhook of a bot that listens on this machine.
    pub(crate) fn webhook(&self) -> Result<Url, WebhookAddressError> {
        let host = self.get("HOST")?;
        let host = host.unwrap_or_else(|| "127.0.0.1".to_owned());
        let port = self.get("PORT")?;
        let port = port.unwrap_or_else(|| local::BOT_PORT.to_string());
        let authority = match host.parse().map(reachable) {
            Ok(IpAddr::V6(address)) => format!("[{address}]"),
            Ok(IpAddr::V4(address)) => address.to_string(),
            // A name.
            Err(_) => host.clone(),
        };
        let url = format!("http://{authority}:{port}/webhook").parse::<Url>();
        url.map_err(|_| WebhookAddressError::Invalid { host, port })
    }

    pub(crate) fn require(&self, name: &'static str) -> Result<String, VariableError> {
        match self.get(name)? {
            Some(value) => Ok(value),
            None => Err(self.missing(name)),
        }
    }

    fn missing(&self, name: &'static str) -> VariableError {
        let accounts_file = match name {
            PAGE_ID | ACCESS_TOKEN => self.accounts_file(),
            _ => Ok(None),
        };
        let names = LOCAL.map(|(name, _)| name);
        match accounts_file {
            Ok(accounts_file) => VariableError::Missing(MissingVariable {
                name,
                meaning: meaning(name),
                misspelling: self.variables.misspelling_of(name, &names),
                accounts_file,
            }),
            Err(unusable) => unusable,
        }
    }
}

/// Where to reach what listens at this address: what listens on all addresses, on this machine's own.
pub(crate) fn reachable(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(Ipv4Addr::UNSPECIFIED) => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(Ipv6Addr::UNSPECIFIED) => Ipv6Addr::LOCALHOST.into(),
        address => address,
    }
}

/// Meaning of a variable, in the words of Meta's dashboard.
fn meaning(name: &str) -> &'static str {
    match name {
        PAGE_ID => "the Page's id",
        ACCESS_TOKEN => {
            "the Page's access token, from App Dashboard > Messenger > Messenger API Settings"
        }
        "MESSENGER_APP_ID" => "the app's id, from App Dashboard > App settings > Basic",
        APP_SECRET => {
            "the app's secret, from App Dashboard > App settings > Basic; several are separated by commas"
        }
        VERIFY_TOKEN => "a word that you choose and enter with the callback URL",
        _ => "see the bot's README",
    }
}
