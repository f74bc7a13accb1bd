//! Configuration file for several accounts and bots.

use std::collections::BTreeMap;
use std::fmt;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::time::Duration;

use handover_protocol::{AccountId, AppId};
use handover_sim::platform::{Account, Ad, Behavior, Routing};
use handover_sim::{FaultRule, SimulatedApp, Simulator, SimulatorBuilder, local};
use serde::Deserialize;

/// Contents of the configuration file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ConfigFile {
    #[serde(default = "default_port")]
    port: u16,
    seed: Option<u64>,
    /// Delays before each retry of a webhook, in seconds.
    retry_after: Option<Vec<f64>>,
    #[serde(default)]
    accounts: Vec<AccountConfig>,
    #[serde(default)]
    apps: Vec<AppConfig>,
    #[serde(default)]
    behavior: Behavior,
    #[serde(default)]
    faults: Vec<FaultRule>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct AccountConfig {
    id: AccountId,
    name: String,
    /// Linked Page of an Instagram account. An account with this field is an Instagram account.
    page: Option<AccountId>,
    get_started: Option<String>,
    routing: Option<Routing>,
    #[serde(default)]
    ads: Vec<Ad>,
    instant_reply: Option<String>,
    away_message: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct AppConfig {
    id: AppId,
    name: String,
    webhook: Option<String>,
    secret: Option<String>,
    verify_token: Option<String>,
    data_deletion: Option<String>,
    /// The only accounts that the app is connected to. Default: all.
    accounts: Option<Vec<AccountId>>,
    /// Access tokens by account.
    #[serde(default)]
    tokens: BTreeMap<AccountId, String>,
    #[serde(default = "enabled")]
    can_take: bool,
    #[serde(default = "enabled")]
    standby: bool,
    #[serde(default = "enabled")]
    human_agent: bool,
}

fn default_port() -> u16 {
    local::SIMULATOR_PORT
}

fn enabled() -> bool {
    true
}

/// Error in the configuration file.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ConfigFileError {
    #[error("cannot read {}: {source}; give the path of a TOML file", path.display())]
    Unreadable {
        path: PathBuf,
        source: std::io::Error,
    },
    #[error("{}:{line}: {what}", path.display())]
    Wrong {
        path: PathBuf,
        line: usize,
        what: String,
    },
    #[error("{}: there is no app: add a bot as [[apps]] with `id` and `name`", .0.display())]
    NoApp(PathBuf),
}

impl ConfigFile {
    pub(crate) fn read(path: &Path) -> Result<Self, ConfigFileError> {
        let text = std::fs::read_to_string(path).map_err(|source| ConfigFileError::Unreadable {
            path: path.to_owned(),
            source,
        })?;
        Self::parse(path, &text)
    }

    fn parse(path: &Path, text: &str) -> Result<Self, ConfigFileError> {
        let mut config: Self = toml::from_str(text).map_err(|error| {
            let start = error.span().map_or(0, |span| span.start);
            let before = text.get(..start).unwrap_or_default();
            ConfigFileError::Wrong {
                path: path.to_owned(),
                line: before.matches('\n').count() + 1,
                what: WithSuggestion(error.message()).to_string(),
            }
        })?;
        if config.apps.is_empty() {
            return Err(ConfigFileError::NoApp(path.to_owned()));
        }
        if config.accounts.is_empty() {
            config.accounts.push(AccountConfig::usual());
        }
        Ok(config)
    }

    pub(crate) fn builder(&self) -> SimulatorBuilder {
        let mut builder = Simulator::builder()
            .address(SocketAddr::from((Ipv4Addr::LOCALHOST, self.port)))
            .behavior(self.behavior)
            .faults(self.faults.iter().cloned());
        if let Some(seed) = self.seed {
            builder = builder.seed(seed);
        }
        if let Some(delays) = &self.retry_after {
            let delays = delays
                .iter()
                .map(|seconds| Duration::try_from_secs_f64(*seconds));
            builder = builder.retry_after(delays.map(Result::unwrap_or_default));
        }
        for account in &self.accounts {
            builder = builder.account(account.account(&self.apps));
        }
        self.apps
            .iter()
            .map(AppConfig::app)
            .fold(builder, SimulatorBuilder::app)
    }

    /// Returns the webhook and the environment variables of each bot.
    pub(crate) fn bots(&self) -> Vec<BotEnvironment> {
        let all: Vec<_> = self
            .accounts
            .iter()
            .map(|account| account.id.clone())
            .collect();
        self.apps
            .iter()
            .map(|app| BotEnvironment {
                name: app.name.clone(),
                webhook: app.webhook.clone(),
                app_id: app.id.clone(),
                secret: app.secret(),
                verify_token: app.verify_token.clone(),
                tokens: app
                    .accounts
                    .as_ref()
                    .unwrap_or(&all)
                    .iter()
                    .map(|account| (account.clone(), app.token(account)))
                    .collect(),
            })
            .collect()
    }
}

impl AccountConfig {
    fn usual() -> Self {
        Self {
            id: AccountId::from(local::PAGE_ID),
            name: local::PAGE_NAME.to_owned(),
            page: None,
            get_started: None,
            routing: None,
            ads: Vec::new(),
            instant_reply: None,
            away_message: None,
        }
    }

    /// Builds the account. Without `routing`, its first app is the default app.
    fn account(&self, apps: &[AppConfig]) -> Account {
        let mut account = match &self.page {
            Some(page) => Account::instagram(self.id.clone(), self.name.as_str(), page.clone()),
            None => Account::page(self.id.clone(), self.name.as_str()),
        };
        if self.get_started.is_some() {
            account.get_started.clone_from(&self.get_started);
        }
        account.ads.clone_from(&self.ads);
        account.instant_reply.clone_from(&self.instant_reply);
        account.away_message.clone_from(&self.away_message);
        let first = || apps.iter().find(|app| app.is_on(&self.id));
        let usual = || first().map_or(Routing::ZeroConfig, |app| Routing::to(app.id.clone()));
        account.routing(self.routing.clone().unwrap_or_else(usual))
    }
}

impl AppConfig {
    fn is_on(&self, account: &AccountId) -> bool {
        self.accounts
            .as_ref()
            .is_none_or(|accounts| accounts.contains(account))
    }

    fn secret(&self) -> String {
        let usual = || format!("secret-{}", self.id);
        self.secret.clone().unwrap_or_else(usual)
    }

    fn token(&self, account: &AccountId) -> String {
        let usual = || format!("token-{}-{account}", self.id);
        self.tokens.get(account).cloned().unwrap_or_else(usual)
    }

    fn app(&self) -> SimulatedApp {
        let mut app = SimulatedApp::new(self.id.clone(), self.name.as_str())
            .secret(self.secret())
            .can_take(self.can_take)
            .standby(self.standby)
            .human_agent(self.human_agent);
        if let Some(url) = &self.webhook {
            app = app.webhook(url);
        }
        if let Some(token) = &self.verify_token {
            app = app.verify_token(token);
        }
        if let Some(url) = &self.data_deletion {
            app = app.data_deletion(url);
        }
        if let Some(accounts) = &self.accounts {
            app = app.accounts(accounts.iter().cloned());
        }
        let tokens = self.tokens.iter();
        tokens.fold(app, |app, (account, token)| {
            app.token_for(account.clone(), token)
        })
    }
}

/// Settings that a bot needs to run against the simulator.
pub(crate) struct BotEnvironment {
    pub(crate) name: String,
    pub(crate) webhook: Option<String>,
    pub(crate) app_id: AppId,
    pub(crate) secret: String,
    pub(crate) verify_token: Option<String>,
    pub(crate) tokens: Vec<(AccountId, String)>,
}

impl fmt::Display for BotEnvironment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.webhook {
            Some(url) => writeln!(f, "{} listens at {url}, with", self.name)?,
            None => writeln!(f, "{} has no webhook; it may call with", self.name)?,
        }
        for (account, token) in &self.tokens {
            writeln!(f, "  MESSENGER_PAGE_ID={account}")?;
            writeln!(f, "  MESSENGER_ACCESS_TOKEN={token}")?;
        }
        writeln!(f, "  MESSENGER_APP_ID={}", self.app_id)?;
        writeln!(f, "  MESSENGER_APP_SECRET={}", self.secret)?;
        if let Some(token) = &self.verify_token {
            writeln!(f, "  MESSENGER_VERIFY_TOKEN={token}")?;
        }
        Ok(())
    }
}

/// Error message with the most similar known name.
struct WithSuggestion<'a>(&'a str);

impl fmt::Display for WithSuggestion<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)?;
        let mut names = self.0.split('`').skip(1).step_by(2);
        let unknown = self.0.starts_with("unknown ").then(|| names.next());
        let Some(Some(wrong)) = unknown else {
            return Ok(());
        };
        let nearest = names.min_by_key(|known| strsim::levenshtein(wrong, known));
        match nearest {
            Some(known) => write!(f, "; did you mean `{known}`?"),
            None => Ok(()),
        }
    }
}

/// What a fuzzer runs with any bytes: a configuration, or an error with the line of the mistake.
#[cfg(any(test, fuzzing))]
pub(crate) fn simulator_config(input: &[u8]) {
    let text = String::from_utf8_lossy(input);
    match ConfigFile::parse(Path::new("sim.toml"), &text) {
        Ok(config) => {
            let _ = config.builder();
            for bot in config.bots() {
                let _ = bot.to_string();
            }
        }
        Err(ConfigFileError::Wrong { line, what, .. }) => {
            assert!((1..=text.lines().count() + 1).contains(&line), "{line}");
            assert!(!what.is_empty());
        }
        Err(_) => {}
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn simulator_config() {
        handover_testkit::fuzz::fuzz("simulator_config", super::simulator_config);
    }
}
