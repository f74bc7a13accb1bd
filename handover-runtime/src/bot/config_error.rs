//! What is wrong with the configuration, all of it at once.

use std::fmt;
use std::net::{SocketAddr, ToSocketAddrs};
use std::str::FromStr;

use crate::causes::without_password;
use crate::environment::{Environment, VariableFileError};
use crate::notice::Notifier;
use crate::telemetry;

/// A variable that is required.
pub(super) struct Variable {
    pub(super) name: &'static str,
    /// Where its value is.
    found: &'static str,
}

pub(super) const PAGE_ID: Variable = Variable {
    name: "MESSENGER_PAGE_ID",
    found: "App Dashboard > Messenger > Messenger API Settings > Generate access tokens: the number under the Page's name",
};
pub(super) const ACCESS_TOKEN: Variable = Variable {
    name: "MESSENGER_ACCESS_TOKEN",
    found: "App Dashboard > Messenger > Messenger API Settings > Generate access tokens: Generate",
};
pub(super) const APP_ID: Variable = Variable {
    name: "MESSENGER_APP_ID",
    found: "App Dashboard > App settings > Basic: App ID",
};
pub(super) const APP_SECRET: Variable = Variable {
    name: "MESSENGER_APP_SECRET",
    found: "App Dashboard > App settings > Basic: App secret; several are separated by commas",
};
pub(super) const VERIFY_TOKEN: Variable = Variable {
    name: "MESSENGER_VERIFY_TOKEN",
    found: "a word that you choose and enter at App Dashboard > Messenger > Messenger API Settings > Configure webhooks: Verify token",
};

const REQUIRED: [&str; 5] = [
    PAGE_ID.name,
    ACCESS_TOKEN.name,
    APP_ID.name,
    APP_SECRET.name,
    VERIFY_TOKEN.name,
];

pub(super) const ACCOUNTS_FILE: &str = "MESSENGER_ACCOUNTS_FILE";

/// The other variables, but for those of the telemetry.
pub(super) const OPTIONAL: [&str; 17] = [
    "GRAPH_API_URL",
    "GRAPH_API_VERSION",
    "GRAPH_API_APPSECRET_PROOF",
    "HANDOVER_STORE",
    "HOST",
    "PORT",
    "HANDOVER_OPERATIONS",
    "HANDOVER_API_TOKEN",
    "HANDOVER_BACKLOG_LIMIT",
    "HANDOVER_WAITING_LIMIT",
    "HANDOVER_BODY_LIMIT",
    "HANDOVER_NOTIFY_SLACK",
    "HANDOVER_NOTIFY_WEBHOOK",
    "HANDOVER_NOTIFY_SECRET",
    "HANDOVER_DATA_DELETION",
    "HANDOVER_RECORD",
    ACCOUNTS_FILE,
];

/// Names of all variables.
fn variables() -> impl Iterator<Item = &'static str> {
    let names = REQUIRED.into_iter().chain(OPTIONAL);
    names.chain(telemetry::VARIABLES)
}

/// Whether the environment names a Page and its token: with an accounts file, it need not.
pub(super) fn names_page(environment: &Environment) -> bool {
    environment.is_set(PAGE_ID.name) || !environment.is_set(ACCOUNTS_FILE)
}

/// What keeps the bot from starting: its variables that name files which give no value.
#[must_use]
pub fn unusable_variable_files(environment: &Environment) -> Vec<VariableFileError> {
    let names_page = names_page(environment);
    variables()
        .filter(|name| names_page || *name != ACCESS_TOKEN.name)
        .filter_map(|name| environment.find(name).err())
        .collect()
}

/// Everything that is wrong with the environment.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct ConfigError(ConfigProblems);

impl ConfigError {
    /// Whether none of the required variables is set: the bot is not configured yet.
    #[must_use]
    pub fn nothing_is_set(&self) -> bool {
        self.0.is_only_missing()
    }

    /// Names of the missing variables.
    pub fn missing(&self) -> impl Iterator<Item = &'static str> {
        self.0.missing.iter().map(|variable| variable.name)
    }
}

#[derive(Default)]
pub(super) struct ConfigProblems {
    pub(super) missing: Vec<&'static Variable>,
    /// Variables that are set, and those that were probably meant.
    misspelled: Vec<(String, &'static str)>,
    unreadable: Vec<String>,
}

impl ConfigProblems {
    /// Returns the value of a variable. One whose file gives none is not as if it were not set: the bot would
    /// run otherwise than configured, such as on an empty store.
    pub(super) fn value(&mut self, env: &Environment, name: &str) -> Option<String> {
        // `doctor` looks at the same. Beside these are the ids of other apps, which have names of their own.
        debug_assert!(
            name.starts_with(APP_ID.name) || variables().any(|known| known == name),
            "{name} is not in a list of variables"
        );
        env.find(name).unwrap_or_else(|error| {
            self.unreadable.push(error.to_string());
            None
        })
    }

    /// Returns the value of a variable, which has to be set.
    pub(super) fn required(&mut self, env: &Environment, variable: &'static Variable) -> String {
        if !env.is_set(variable.name) {
            self.missing.push(variable);
            let misspelling = env.misspelling_of(variable.name, &REQUIRED);
            let misspelling = misspelling.map(|found| (found, variable.name));
            self.misspelled.extend(misspelling);
        }
        self.value(env, variable.name).unwrap_or_default()
    }

    pub(super) fn parse<T: FromStr>(&mut self, env: &Environment, name: &str, default: T) -> T
    where
        T::Err: fmt::Display,
    {
        self.parse_if_set(env, name).unwrap_or(default)
    }

    pub(super) fn parse_if_set<T: FromStr>(&mut self, env: &Environment, name: &str) -> Option<T>
    where
        T::Err: fmt::Display,
    {
        let value = self.value(env, name)?;
        let parsed = value.parse::<T>().inspect_err(|error| {
            let value = without_password(&value);
            self.unreadable.push(format!("{name}=`{value}`: {error}"));
        });
        parsed.ok()
    }

    /// Those who hear of handoffs.
    pub(super) fn notifiers(&mut self, env: &Environment) -> Vec<Notifier> {
        const SECRET: &str = "HANDOVER_NOTIFY_SECRET";
        let slack = self.value(env, "HANDOVER_NOTIFY_SLACK");
        let webhook = self.value(env, "HANDOVER_NOTIFY_WEBHOOK");
        let secret = self.value(env, SECRET);
        let slack = slack.map(Notifier::slack);
        let webhook = match (webhook, secret) {
            (Some(url), Some(secret)) => Some(Notifier::webhook(url, secret)),
            // Its file gives none, which is a problem already.
            (Some(_), None) if env.is_set(SECRET) => None,
            (Some(_), None) => {
                let problem = "HANDOVER_NOTIFY_WEBHOOK is set, and HANDOVER_NOTIFY_SECRET is not: choose a secret that its server knows, too";
                self.unreadable.push(problem.to_owned());
                None
            }
            (None, _) => None,
        };
        let all: Vec<_> = slack.into_iter().chain(webhook).collect();
        for notifier in &all {
            if let Err(error) = notifier.address() {
                self.unreadable.push(error.to_string());
            }
        }
        all
    }

    /// Resolves a host, which may be a name such as `localhost`.
    pub(super) fn resolve(
        &mut self,
        env: &Environment,
        name: &str,
        default: SocketAddr,
    ) -> SocketAddr {
        let Some(host) = self.value(env, name) else {
            return default;
        };
        let found = (host.as_str(), default.port()).to_socket_addrs();
        let found = found.map(|mut addresses| addresses.next());
        let problem = match found {
            Ok(Some(address)) => return address,
            Ok(None) => "it has no address".to_owned(),
            Err(error) => error.to_string(),
        };
        self.unreadable.push(format!("{name}=`{host}`: {problem}"));
        default
    }

    /// None of the required variables is set, and nothing else is wrong.
    fn is_only_missing(&self) -> bool {
        self.missing.len() == REQUIRED.len()
            && self.misspelled.is_empty()
            && self.unreadable.is_empty()
    }

    pub(super) fn into_result(self) -> Result<(), ConfigError> {
        if self.missing.is_empty() && self.unreadable.is_empty() {
            return Ok(());
        }
        Err(ConfigError(self))
    }
}

impl fmt::Debug for ConfigProblems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl fmt::Display for ConfigProblems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.missing.is_empty() {
            write!(
                f,
                "the bot is not configured; set in the environment or in a file `.env`:"
            )?;
            for variable in &self.missing {
                write!(f, "\n  {:<23} {}", variable.name, variable.found)?;
            }
        }
        if self.is_only_missing() {
            write!(
                f,
                "\nTo run it with the simulator, call `handover::run` and turn on handover's feature `simulator`."
            )?;
        }
        for (found, meant) in &self.misspelled {
            write!(f, "\n`{found}` is set; did you mean {meant}?")?;
        }
        if !self.unreadable.is_empty() {
            if !self.missing.is_empty() {
                writeln!(f)?;
            }
            write!(f, "the configuration cannot be read:")?;
            for problem in &self.unreadable {
                write!(f, "\n  {problem}")?;
            }
        }
        Ok(())
    }
}
