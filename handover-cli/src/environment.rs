//! Variables of the bot, from the same sources as the bot's own.

use std::error::Error;
use std::fmt;

use handover_runtime::shared;
use handover_sim::local;
use url::Url;

const APP_SECRET: &str = "MESSENGER_APP_SECRET";

/// The variables for a bot that runs against the simulator of this machine.
pub(crate) const LOCAL: [(&str, &str); 6] = [
    ("MESSENGER_PAGE_ID", local::PAGE_ID),
    ("MESSENGER_ACCESS_TOKEN", local::ACCESS_TOKEN),
    ("MESSENGER_APP_ID", local::APP_ID),
    ("MESSENGER_APP_SECRET", local::APP_SECRET),
    ("MESSENGER_VERIFY_TOKEN", local::VERIFY_TOKEN),
    ("GRAPH_API_URL", "http://127.0.0.1:8090"),
];

/// The environment of the bot. Where it says nothing of a Page or an app, the simulator is meant.
pub(crate) struct CliEnvironment {
    variables: shared::Environment,
    is_local: bool,
}

/// A variable that a command cannot do without.
#[derive(Debug)]
pub(crate) struct MissingVariable {
    name: &'static str,
    meaning: &'static str,
    /// A variable that is set and was probably meant to be this one.
    misspelling: Option<String>,
}

impl fmt::Display for MissingVariable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { name, meaning, .. } = self;
        write!(
            f,
            "{name} is not set; put it into the environment or into a file `.env`: {meaning}"
        )?;
        match &self.misspelling {
            Some(found) => write!(f, "; `{found}` is set, is that meant?"),
            None => Ok(()),
        }
    }
}

impl Error for MissingVariable {}

impl CliEnvironment {
    pub(crate) fn load() -> Self {
        let variables = shared::Environment::load();
        let names = LOCAL.map(|(name, _)| name);
        let is_free = |name: &&str| {
            variables.get(name).is_none() && variables.misspelling_of(name, &names).is_none()
        };
        let is_local = names.iter().all(is_free);
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

    /// Returns the value of a variable; an empty one counts as not set.
    pub(crate) fn get(&self, name: &str) -> Option<String> {
        self.variables.get(name)
    }

    /// Secrets with which webhooks may be signed; the first is that of the app itself.
    pub(crate) fn app_secrets(&self) -> Result<Vec<String>, MissingVariable> {
        let secrets = self.require(APP_SECRET)?;
        let secrets = secrets.split(',').map(str::trim);
        let secrets: Vec<_> = secrets
            .filter(|secret| !secret.is_empty())
            .map(str::to_owned)
            .collect();
        if secrets.is_empty() {
            return Err(self.missing(APP_SECRET));
        }
        Ok(secrets)
    }

    /// The secret of the app itself.
    pub(crate) fn app_secret(&self) -> Result<String, MissingVariable> {
        let mut secrets = self.app_secrets()?;
        Ok(secrets.swap_remove(0))
    }

    /// The webhook of a bot that listens on this machine.
    pub(crate) fn webhook(&self) -> Option<Url> {
        let or = |name, default: &str| self.get(name).unwrap_or_else(|| default.to_owned());
        let (host, port) = (
            or("HOST", "127.0.0.1"),
            or("PORT", &local::BOT_PORT.to_string()),
        );
        let host = match host.as_str() {
            "0.0.0.0" => "127.0.0.1",
            host => host,
        };
        format!("http://{host}:{port}/webhook").parse().ok()
    }

    pub(crate) fn require(&self, name: &'static str) -> Result<String, MissingVariable> {
        self.get(name).ok_or_else(|| self.missing(name))
    }

    fn missing(&self, name: &'static str) -> MissingVariable {
        let names = LOCAL.map(|(name, _)| name);
        MissingVariable {
            name,
            meaning: meaning(name),
            misspelling: self.variables.misspelling_of(name, &names),
        }
    }
}

/// Meaning of a variable, in the words of Meta's dashboard.
fn meaning(name: &str) -> &'static str {
    match name {
        "MESSENGER_PAGE_ID" => "the Page's id",
        "MESSENGER_ACCESS_TOKEN" => {
            "the Page's access token, from App Dashboard > Messenger > Messenger API Settings"
        }
        "MESSENGER_APP_ID" => "the app's id, from App Dashboard > App settings > Basic",
        "MESSENGER_APP_SECRET" => {
            "the app's secret, from App Dashboard > App settings > Basic; several are separated by commas"
        }
        "MESSENGER_VERIFY_TOKEN" => "a word that you choose and enter with the callback URL",
        _ => "see the bot's README",
    }
}
