//! Configuration from the environment, or in code.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::PathBuf;

use handover_protocol::{AccountId, AppId};
use secrecy::{ExposeSecret, SecretString};
use url::Url;

use super::config_error::{
    ACCESS_TOKEN, ACCOUNTS_FILE, APP_ID, APP_SECRET, ConfigError, ConfigProblems, PAGE_ID,
    VERIFY_TOKEN, names_page,
};
use crate::accounts::{Account, ConfiguredAccounts, FollowedToken, TokenFile};
use crate::environment::Environment;
use crate::graph::{DEFAULT_VERSION, GraphTransport, default_base_url};
use crate::notice::Notifier;
use crate::operations;
use crate::secrets::{self, FollowedFile, SecretFiles};
use crate::store::Store;
use crate::telemetry;

/// Configuration of a bot: its Page and its app.
///
/// [`Config::from_env`] reads it from the environment and from a file `.env`. In code, use [`Config::new`]
/// and the methods:
///
/// ```
/// use handover_runtime::Config;
///
/// let config = Config::new("1744550565845823", "1517776481860111")
///     .access_token("EAAB…")
///     .app_secret("0123…")
///     .verify_token("your verify token");
/// assert!(!format!("{config:?}").contains("EAAB"));
/// ```
#[derive(Clone, Debug)]
pub struct Config {
    /// Empty if only other accounts are configured.
    pub(crate) page_id: AccountId,
    pub(crate) app_id: AppId,
    pub(crate) access_token: SecretString,
    pub(crate) accounts: Vec<Account>,
    pub(crate) accounts_file: Option<PathBuf>,
    pub(crate) app_secrets: Vec<SecretString>,
    pub(crate) api_tokens: Vec<SecretString>,
    pub(crate) verify_tokens: Vec<SecretString>,
    pub(crate) secret_files: SecretFiles,
    pub(crate) graph_url: Url,
    pub(crate) graph_version: String,
    /// `None`: as long as the platform accepts it.
    pub(crate) appsecret_proof: Option<bool>,
    pub(crate) address: SocketAddr,
    pub(crate) store: Store,
    pub(crate) operations: operations::OperationsAddress,
    pub(crate) backlog_limit: usize,
    pub(crate) waiting_limit: usize,
    pub(crate) body_limit: usize,
    /// Those that the environment names.
    pub(crate) notifiers: Vec<Notifier>,
    pub(crate) data_deletion: Option<Url>,
    pub(crate) data_deletion_route: Option<String>,
    pub(crate) record: Option<PathBuf>,
}

impl Config {
    /// Creates a configuration for this Page and this app, without secrets.
    pub fn new(page_id: impl Into<AccountId>, app_id: impl Into<AppId>) -> Self {
        Self {
            page_id: page_id.into(),
            app_id: app_id.into(),
            access_token: SecretString::default(),
            accounts: Vec::new(),
            accounts_file: None,
            app_secrets: Vec::new(),
            api_tokens: Vec::new(),
            verify_tokens: Vec::new(),
            secret_files: SecretFiles::default(),
            graph_url: default_base_url(),
            graph_version: DEFAULT_VERSION.to_owned(),
            appsecret_proof: None,
            address: DEFAULT_ADDRESS,
            store: Store::default(),
            operations: operations::OperationsAddress::default(),
            backlog_limit: BACKLOG_LIMIT,
            waiting_limit: WAITING_LIMIT,
            body_limit: BODY_LIMIT,
            notifiers: Vec::new(),
            data_deletion: None,
            data_deletion_route: None,
            record: None,
        }
    }

    /// Creates a configuration for this app, with the accounts of [`account`](Self::account) and
    /// [`accounts_file`](Self::accounts_file), or from your own [`TokenStore`](crate::TokenStore).
    pub fn of_app(app_id: impl Into<AppId>) -> Self {
        Self::new("", app_id)
    }

    /// Reads the variables of this table. A file `.env` in the working directory or above supplies
    /// variables that are missing in the environment.
    ///
    /// | variable | | |
    /// |---|---|---|
    /// | `MESSENGER_PAGE_ID` | required, unless there is a file of accounts | the Page's id |
    /// | `MESSENGER_ACCESS_TOKEN` | required with it | the Page's access token |
    /// | `MESSENGER_ACCOUNTS_FILE` | | a file with (more) Pages and Instagram accounts and their tokens, see [`TokenFile`](crate::TokenFile) |
    /// | `MESSENGER_APP_ID` | required | the app's id |
    /// | `MESSENGER_APP_SECRET` | required | the app's secret; several, separated by commas, if webhooks are signed with any of them |
    /// | `MESSENGER_VERIFY_TOKEN` | required | the word you enter with the callback URL; several, separated by commas, while it changes |
    /// | `GRAPH_API_URL` | `https://graph.facebook.com` | |
    /// | `GRAPH_API_VERSION` | `v26.0` | |
    /// | `GRAPH_API_APPSECRET_PROOF` | while accepted | whether calls have an `appsecret_proof`, see [`Config::appsecret_proof`]: `true` or `false` |
    /// | `HANDOVER_STORE` | `sqlite:handover.db` | where events and calls are kept: `sqlite:PATH`, `postgres://…` (feature `postgres`), or `memory:` to forget them |
    /// | `HOST` | `127.0.0.1` | the address to listen on |
    /// | `PORT` | `8080` | the port to listen on |
    /// | `HANDOVER_OPERATIONS` | `127.0.0.1:9464` | where `/livez`, `/readyz` and `/metrics` are for operators; `off` disables them |
    /// | `HANDOVER_API_TOKEN` | | the bearer token with which other programs send signals and messages, at the address of `HANDOVER_OPERATIONS`; several, separated by commas. Without one they may not |
    /// | `HANDOVER_BACKLOG_LIMIT` | `10000` | how many events and calls may wait before `/readyz` lists that as a problem |
    /// | `HANDOVER_WAITING_LIMIT` | `200000` | how many events and calls may wait before webhooks, and `/readyz`, are answered 503 |
    /// | `HANDOVER_BODY_LIMIT` | `8388608` | the longest body of a webhook that is read, in bytes |
    /// | `HANDOVER_NOTIFY_SLACK` | | an incoming webhook of a chat that hears of handoffs, see [`Notifier::slack`] |
    /// | `HANDOVER_NOTIFY_WEBHOOK` | | a server that hears of handoffs, see [`Notifier::webhook`] |
    /// | `HANDOVER_NOTIFY_SECRET` | required with it | the secret with which that is signed |
    /// | `HANDOVER_DATA_DELETION` | | the public URL of the data deletion callback, as in [`Config::data_deletion`] |
    /// | `HANDOVER_RECORD` | | a file for a recording of webhooks and calls, see [`Config::record`] |
    ///
    /// Each value can also be read from a file: append `_FILE` to the name of the variable, as in
    /// `MESSENGER_APP_SECRET_FILE`, and set it to the path. Docker and Kubernetes provide secrets this way. The
    /// access token, the app secret, the verify token and the API token are read again when their file changes.
    ///
    /// # Errors
    ///
    /// Returns one error that lists every missing or unreadable variable, and every file that cannot be read
    /// or is empty.
    pub fn from_env() -> Result<Self, ConfigError> {
        Self::from_environment(&Environment::load(), true)
    }

    /// Reads the variables, with or without those of the accounts.
    pub(crate) fn from_environment(
        environment: &Environment,
        names_accounts: bool,
    ) -> Result<Self, ConfigError> {
        let mut problems = ConfigProblems::default();
        let [page_id, access_token] = if names_accounts && names_page(environment) {
            [&PAGE_ID, &ACCESS_TOKEN].map(|variable| problems.required(environment, variable))
        } else {
            Default::default()
        };
        let accounts_file = names_accounts
            .then(|| problems.value(environment, ACCOUNTS_FILE))
            .flatten();
        let app_id = problems.required(environment, &APP_ID);
        let app_secret = problems.required(environment, &APP_SECRET);
        let verify_token = problems.required(environment, &VERIFY_TOKEN);

        let port = problems.parse(environment, "PORT", DEFAULT_ADDRESS.port());
        let default = SocketAddr::new(DEFAULT_ADDRESS.ip(), port);
        let address = problems.resolve(environment, "HOST", default);
        let graph_url = problems.parse(environment, "GRAPH_API_URL", default_base_url());
        let version = problems.value(environment, "GRAPH_API_VERSION");
        let proof = problems.parse_if_set(environment, "GRAPH_API_APPSECRET_PROOF");
        let store = problems.parse(environment, "HANDOVER_STORE", Store::default());
        let operations = problems.parse(environment, "HANDOVER_OPERATIONS", Default::default());
        let limit = problems.parse(environment, "HANDOVER_BACKLOG_LIMIT", BACKLOG_LIMIT);
        let waiting_limit = problems.parse(environment, "HANDOVER_WAITING_LIMIT", WAITING_LIMIT);
        let body_limit = problems.parse(environment, "HANDOVER_BODY_LIMIT", BODY_LIMIT);
        let api_token = problems.value(environment, "HANDOVER_API_TOKEN");
        let notifiers = problems.notifiers(environment);
        let data_deletion = problems.parse_if_set(environment, "HANDOVER_DATA_DELETION");
        let record = problems.value(environment, "HANDOVER_RECORD");
        for name in telemetry::VARIABLES {
            // Where logs are set up, an error could not be logged.
            problems.value(environment, name);
        }
        problems.into_result()?;

        let mut config = Self::new(page_id, app_id)
            .access_token(access_token)
            .graph_url(graph_url)
            .address(address)
            .store(store)
            .backlog_limit(limit)
            .waiting_limit(waiting_limit)
            .body_limit(body_limit);
        config.app_secrets = secrets::list(&app_secret);
        config.verify_tokens = secrets::list(&verify_token);
        config.api_tokens = secrets::list(&api_token.unwrap_or_default());
        config.secret_files = SecretFiles {
            access_token: environment.file_of(ACCESS_TOKEN.name),
            app_secrets: environment.file_of(APP_SECRET.name),
            verify_tokens: environment.file_of(VERIFY_TOKEN.name),
            api_tokens: environment.file_of("HANDOVER_API_TOKEN"),
        };
        config.appsecret_proof = proof;
        config.operations = operations;
        config.notifiers = notifiers;
        config.data_deletion = data_deletion;
        config.record = record.map(PathBuf::from);
        config.accounts_file = accounts_file.map(PathBuf::from);
        if let Some(version) = version {
            config = config.graph_version(version);
        }
        Ok(config)
    }

    /// Checks that nothing is missing: with an empty secret, anybody could sign webhooks.
    pub(crate) fn check(&self, names_accounts: bool) -> Result<(), ConfigError> {
        let mut problems = ConfigProblems::default();
        let names_others = !self.accounts.is_empty() || self.accounts_file.is_some();
        let has_page = !self.page_id.as_str().is_empty();
        if names_accounts && !has_page && !names_others {
            problems.missing.push(&PAGE_ID);
        }
        let token = (&ACCESS_TOKEN, &self.access_token);
        let app_secret = self.first_secret();
        let verify_token = self.verify_tokens.first().cloned().unwrap_or_default();
        let secrets = [(&APP_SECRET, &app_secret), (&VERIFY_TOKEN, &verify_token)];
        let is_empty = |secret: &SecretString| secret.expose_secret().trim().is_empty();
        let needs_token = names_accounts && (has_page || !names_others);
        let secrets = needs_token.then_some(token).into_iter().chain(secrets);
        let empty = secrets.filter(|(_, secret)| is_empty(secret));
        problems.missing.extend(empty.map(|(variable, _)| variable));
        problems.into_result()
    }

    /// Sets the Page access token.
    #[must_use]
    pub fn access_token(mut self, token: impl Into<String>) -> Self {
        self.access_token = token.into().into();
        self.secret_files.access_token = None;
        self
    }

    /// Adds a Page, and the linked Instagram accounts.
    ///
    /// Not needed for a bot of one Page and its Instagram account: without further accounts, every
    /// Instagram account counts as that Page's.
    ///
    /// ```
    /// use handover_runtime::{Account, Config};
    ///
    /// let config = Config::of_app("1517776481860111")
    ///     .account(Account::new("1744550565845823", "EAAB…").instagram("17841405793187218"))
    ///     .account(Account::new("1063254873751024", "EAAC…"));
    /// ```
    #[must_use]
    pub fn account(mut self, account: Account) -> Self {
        self.accounts.push(account);
        self
    }

    /// Adds the accounts of a file, which may change while the bot runs. See [`TokenFile`](crate::TokenFile).
    #[must_use]
    pub fn accounts_file(mut self, path: impl Into<PathBuf>) -> Self {
        self.accounts_file = Some(path.into());
        self
    }

    /// Returns the accounts that have a token.
    pub(super) fn token_store(
        &self,
        transport: &GraphTransport,
    ) -> super::Result<ConfiguredAccounts> {
        let has_page = !self.page_id.as_str().is_empty();
        let page = has_page.then(|| Account {
            access_token: self.access_token.clone(),
            ..Account::new(self.page_id.clone(), "")
        });
        let listed: Vec<_> = page
            .into_iter()
            .chain(self.accounts.iter().cloned())
            .collect();
        for account in &listed {
            account.graph(transport)?;
        }
        let file = self
            .accounts_file
            .as_ref()
            .map(TokenFile::open)
            .transpose()?;
        let token_file = self.secret_files.access_token.clone();
        let followed = token_file.filter(|_| has_page).map(|path| {
            let file = FollowedFile::new(Some(path), ACCESS_TOKEN.name);
            FollowedToken::new(file, self.access_token.clone())
        });
        Ok(ConfiguredAccounts {
            listed,
            first_token: followed,
            file,
        })
    }

    /// Records webhooks, calls of the Graph API and their answers in this file, to compare them with the
    /// simulator: `handover-sim check FILE`.
    ///
    /// Tokens and secrets are left out. Ids, names, texts and addresses are replaced by pseudonyms, the same for
    /// the same, with a random key that is not kept. Times, kinds of events and error codes stay. A file that
    /// exists is not changed: the recording gets a free name beside it, such as `talk-2.jsonl`.
    ///
    /// Recording never delays the bot: what the disk is too slow for is left out, and its number is recorded. A
    /// recording ends at 256 MiB. At its beginning, the bot reads the settings of its accounts, which is four
    /// calls for each.
    ///
    /// If the file cannot be created, the bot does not start.
    ///
    /// ```
    /// use handover_runtime::Config;
    ///
    /// let config = Config::new("1744550565845823", "1517776481860111").record("talk.jsonl");
    /// ```
    #[must_use]
    pub fn record(mut self, path: impl Into<PathBuf>) -> Self {
        self.record = Some(path.into());
        self
    }

    /// Sets the app secret, with which the platform signs webhooks.
    #[must_use]
    pub fn app_secret(self, secret: impl Into<String>) -> Self {
        self.app_secrets([secret])
    }

    /// Sets the secrets with which webhooks may be signed: before and after a rotation, or of the Facebook
    /// app and its Instagram app. Calls are signed with the first (`appsecret_proof`). Replaces those set
    /// before; empty ones are ignored.
    ///
    /// ```
    /// use handover_runtime::Config;
    ///
    /// let config = Config::new("1744550565845823", "1517776481860111")
    ///     .app_secrets(["the new secret", "the old secret"]);
    /// assert!(!format!("{config:?}").contains("secret\""));
    /// ```
    #[must_use]
    pub fn app_secrets<T: Into<String>>(mut self, secrets: impl IntoIterator<Item = T>) -> Self {
        self.app_secrets = kept(secrets);
        self.secret_files.app_secrets = None;
        self
    }

    /// The bearer tokens with which other programs send signals and messages into threads, at the
    /// address of [`operations`](Self::operations). Replaces those set before; empty ones are left out.
    /// Without a token, they may not. Take long random ones, such as `openssl rand -hex 32` makes.
    #[must_use]
    pub fn api_tokens<T: Into<String>>(mut self, tokens: impl IntoIterator<Item = T>) -> Self {
        self.api_tokens = kept(tokens);
        self.secret_files.api_tokens = None;
        self
    }

    /// By what a store that several bots could use recognises this one.
    pub(crate) fn identity(&self) -> String {
        format!("app {}", self.app_id)
    }

    /// The secret of the app itself; empty if there is none.
    pub(crate) fn first_secret(&self) -> SecretString {
        self.app_secrets.first().cloned().unwrap_or_default()
    }

    /// Sets the verify token, which the platform repeats when it verifies the callback URL.
    #[must_use]
    pub fn verify_token(self, token: impl Into<String>) -> Self {
        self.verify_tokens([token])
    }

    /// Sets the verify tokens, any of which the platform may repeat: before and after a change. The bot
    /// registers with the first. Replaces those set before; empty ones are ignored.
    #[must_use]
    pub fn verify_tokens<T: Into<String>>(mut self, tokens: impl IntoIterator<Item = T>) -> Self {
        self.verify_tokens = kept(tokens);
        self.secret_files.verify_tokens = None;
        self
    }

    /// Sets the address of the Graph API, without version.
    #[must_use]
    pub fn graph_url(mut self, url: Url) -> Self {
        self.graph_url = url;
        self
    }

    /// Sets the version of the Graph API, such as `v26.0`.
    #[must_use]
    pub fn graph_version(mut self, version: impl Into<String>) -> Self {
        self.graph_version = version.into();
        self
    }

    /// Whether calls carry an `appsecret_proof`. Default: as long as the platform accepts it, which it does not for
    /// the token of another app.
    ///
    /// If the app requires the proof, a stolen access token is useless without the app secret. `true` always
    /// sends it, `false` never.
    #[must_use]
    pub fn appsecret_proof(mut self, on: bool) -> Self {
        self.appsecret_proof = Some(on);
        self
    }

    /// Sets the store of events and calls.
    #[must_use]
    pub fn store(mut self, store: Store) -> Self {
        self.store = store;
        self
    }

    /// Sets the address on which `handover::run` listens.
    #[must_use]
    pub fn address(mut self, address: SocketAddr) -> Self {
        self.address = address;
        self
    }

    /// Sets the address of the operations server: the operations page, `/livez`, `/readyz`, `/metrics` and, with a
    /// token, changes to threads. `None` disables it.
    ///
    /// Without a token it shows ids of accounts and customers and causes of dead letters, so only operators should
    /// reach it.
    ///
    /// By default, `handover::run` serves them at `127.0.0.1:9464`, unless another program has that
    /// port, and [`Bot::into_parts`](crate::Bot::into_parts) does not serve them.
    #[must_use]
    pub fn operations(mut self, address: Option<SocketAddr>) -> Self {
        self.operations = address.into();
        self
    }

    /// Number of waiting events and calls above which `/readyz` lists them as a problem. Default: 10000.
    ///
    /// The status stays 200 up to [`Config::waiting_limit`], because the bot still stores events.
    #[must_use]
    pub fn backlog_limit(mut self, events_and_calls: usize) -> Self {
        self.backlog_limit = events_and_calls;
        self
    }

    /// Maximum number of waiting events and calls. Default: 200000.
    ///
    /// At this number, webhooks are answered 503 with `Retry-After`, and the platform sends them again; `/readyz`
    /// answers 503 as well. Waiting events and calls are on disk; each takes at most 1.5 KB of memory, if each is
    /// from a different person. With [`Store::Memory`], the whole event is in memory.
    ///
    /// Events and calls of accounts to which nothing is sent now, for a refused access token or a limit of the
    /// platform, do not count: as many again may wait for those together. Of more, the oldest calls of an account that
    /// waits for another token become dead letters, first of the account for which most waits.
    ///
    /// At half of the number, nothing more is taken from outside a handler: [`Threads`](crate::Threads) and the HTTP
    /// API answer with [`JournalError::Full`](crate::journal::JournalError::Full).
    #[must_use]
    pub fn waiting_limit(mut self, events_and_calls: usize) -> Self {
        self.waiting_limit = events_and_calls;
        self
    }

    /// Serves Meta's data deletion callback, at the path of this URL: a person who removes the app and asks
    /// for it has their data [forgotten](crate::ThreadHandle::forget) at every Page. Default: off.
    ///
    /// The URL is public: the one to enter at App Dashboard > App settings > Basic > User data deletion.
    /// Below it, at `/{confirmation code}`, a page shows the person the status of the request.
    ///
    /// The request is stored before it is answered, and carried out until that has worked, also after a
    /// restart. It names the person by their id at the app; the Graph API says who that is at the Pages
    /// (`ids_for_pages`), for which the Pages and the app have to be in one business. It does not know
    /// people of Instagram.
    ///
    /// ```
    /// use handover_runtime::Config;
    ///
    /// let config = Config::new("1744550565845823", "1517776481860111")
    ///     .data_deletion("https://bot.example.com/data-deletion".parse()?);
    /// # Ok::<(), url::ParseError>(())
    /// ```
    #[must_use]
    pub fn data_deletion(mut self, url: Url) -> Self {
        self.data_deletion = Some(url);
        self
    }

    /// The path of the data deletion callback in the bot's router, where that is another than in the public
    /// URL: behind a proxy that changes paths, or in a router that is nested.
    #[must_use]
    pub fn data_deletion_route(mut self, path: impl Into<String>) -> Self {
        self.data_deletion_route = Some(path.into());
        self
    }

    /// Limits the body of a webhook, in bytes; a longer one is answered with 413. Default: 8 MiB. The
    /// platform sends up to 1000 updates in one body.
    #[must_use]
    pub fn body_limit(mut self, bytes: usize) -> Self {
        self.body_limit = bytes;
        self
    }
}

/// One webhook has up to 1000 updates (protocol: acknowledgement, retries, order), each of a few KiB at most.
const BODY_LIMIT: usize = 8 * 1024 * 1024;

/// They take 300 MB of memory at most: 1.4 KB were measured for each, of another person each.
const WAITING_LIMIT: usize = 200_000;
/// Above this, an operator should look.
const BACKLOG_LIMIT: usize = 10_000;

const DEFAULT_ADDRESS: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 8080);

/// Those that are not empty.
fn kept<T: Into<String>>(secrets: impl IntoIterator<Item = T>) -> Vec<SecretString> {
    let secrets = secrets.into_iter().map(Into::into);
    let secrets = secrets.map(|secret: String| secret.trim().to_owned());
    let secrets = secrets.filter(|secret| !secret.is_empty());
    secrets.map(SecretString::from).collect()
}

#[cfg(test)]
mod tests;
