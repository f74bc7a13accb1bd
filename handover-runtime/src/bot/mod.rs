//! The bot: routes, state and configuration.

mod config;
mod config_error;
mod describe_env;
mod error;
mod handle;
mod proving;
mod run;
mod settings;
mod setup;
mod start;

use std::collections::BTreeSet;
use std::fmt;
use std::sync::{Arc, OnceLock};

use axum::Router;
use handover_protocol::AppId;

pub use config::Config;
pub use config_error::{ConfigError, unusable_variable_files};
pub use describe_env::describe_if_asked;
pub use error::{Error, Result};
pub use handle::BotHandle;
pub use proving::proving_graph;
pub use run::{is_not_configured, serve};

use config_error::ConfigProblems;

use crate::accounts::{Profile, SettingsOf, TokenStore, UnboundSettings};
use crate::dispatch::Settings;
use crate::environment::Environment;
use crate::journal::Journal;
use crate::notice::Notifier;
use crate::routing::{Description, IntoRoutes, Routes};
use crate::target::AppDirectory;

/// A bot: its routes, their state, and its settings.
///
/// ```no_run
/// use handover_runtime::{Bot, BotHandle, Result, Routes};
///
/// fn start(routes: Routes) -> Result<(axum::Router, BotHandle)> {
///     Bot::new(routes).into_parts()
/// }
/// ```
///
/// `handover::run` runs it as a program; [`into_parts`](Self::into_parts) makes it a part of an application.
#[must_use = "a bot does nothing until it runs"]
pub struct Bot {
    pub(crate) routes: Routes,
    pub(crate) config: Option<Config>,
    pub(crate) apps: Vec<(String, AppId)>,
    pub(crate) settings: Settings,
    journal: Option<Journal>,
    token_store: Option<Arc<dyn TokenStore>>,
    profile: Option<Profile>,
    notifiers: Vec<Notifier>,
    settings_of: Option<UnboundSettings>,
    subscribes: bool,
    environment: OnceLock<Environment>,
}

impl Bot {
    /// Creates a bot whose handlers share a state, parts of which they take as
    /// [`State<T>`](crate::extract::State). Short for [`Bot::new`] with [`Routes::with_state`].
    pub fn with_state<S: Send + Sync + 'static>(state: S, routes: impl IntoRoutes<S>) -> Self {
        Self::new(routes.into_routes().with_state(state))
    }

    /// Creates a bot whose handlers need no state, or have it already.
    pub fn new(routes: impl IntoRoutes<()>) -> Self {
        Self {
            routes: routes.into_routes(),
            config: None,
            apps: Vec::new(),
            settings: Settings::default(),
            journal: None,
            token_store: None,
            profile: None,
            notifiers: Vec::new(),
            settings_of: None,
            subscribes: false,
            environment: OnceLock::new(),
        }
    }

    /// Adds routes after the existing ones.
    pub fn routes(mut self, routes: impl IntoRoutes<()>) -> Self {
        self.routes = self.routes.routes(routes.into_routes());
        self
    }

    /// Sets the configuration. Default: [`Config::from_env`].
    pub fn config(mut self, config: Config) -> Self {
        self.config = Some(config);
        self
    }

    /// Sets the id of another app, for [`TargetApp::Named`](crate::TargetApp::Named).
    pub fn app(mut self, name: impl Into<String>, id: impl Into<AppId>) -> Self {
        self.apps.push((name.into(), id.into()));
        self
    }

    /// Sets the journal, instead of the one that [`Config::store`] names. Keep a clone to read it while the
    /// bot runs.
    pub fn journal(mut self, journal: Journal) -> Self {
        self.journal = Some(journal);
        self
    }

    /// Sets the source of accounts and access tokens, such as a database, instead of the configuration.
    /// `MESSENGER_PAGE_ID` and `MESSENGER_ACCESS_TOKEN` are not required then.
    pub fn token_store(mut self, store: Arc<impl TokenStore>) -> Self {
        self.token_store = Some(store);
        self
    }

    /// Sets the profile of every account when the bot starts or the account appears, as
    /// far as it differs. Instagram accounts that
    /// are [configured](crate::Account::instagram) get its ice breakers and its menu, the only parts they
    /// have.
    ///
    /// Refusals of the platform are logged and reported by `/readyz`; the bot runs nevertheless.
    ///
    /// ```
    /// use handover_runtime::{Bot, Profile, Routes};
    ///
    /// let bot = Bot::new(Routes::default()).profile(Profile::new().get_started("GET_STARTED"));
    /// ```
    pub fn profile(mut self, profile: impl Into<Profile>) -> Self {
        self.profile = Some(profile.into());
        self
    }

    /// Notifies agents outside the inbox when a thread is handed over, was not answered, or is returned; see
    /// [`Notifier`]. Several may be added, and `HANDOVER_NOTIFY_SLACK` and `HANDOVER_NOTIFY_WEBHOOK` add
    /// further ones.
    ///
    /// ```
    /// use handover_runtime::{Bot, Notifier, Routes};
    ///
    /// let bot = Bot::new(Routes::default())
    ///     .notify(Notifier::slack("https://hooks.slack.com/services/T0/B0/x"));
    /// ```
    pub fn notify(mut self, notifier: Notifier) -> Self {
        self.notifiers.push(notifier);
        self
    }

    /// Settings for each account, where the account itself has none: see
    /// [`AccountSettings`](crate::AccountSettings).
    ///
    /// It is asked when an account appears, and about every second, so a change of what it says holds
    /// while the bot runs. It must not block: read from memory, or give the settings to the
    /// [`Account`](crate::Account) in a [`TokenStore`], which may wait.
    ///
    /// ```
    /// use std::collections::HashMap;
    /// use handover_runtime::{Account, AccountSettings, Bot, Routes};
    ///
    /// struct Agency {
    ///     desks: HashMap<String, u64>,
    /// }
    ///
    /// fn bot(agency: Agency, routes: Routes<Agency>) -> Bot {
    ///     Bot::with_state(agency, routes).settings_of(|account: &Account, agency: &Agency| {
    ///         match agency.desks.get(account.page().as_str()) {
    ///             Some(desk) => AccountSettings::new().handoff_to(*desk),
    ///             None => AccountSettings::new(),
    ///         }
    ///     })
    /// }
    /// ```
    ///
    /// The state is that of [`with_state`](Self::with_state), or of any list of routes. A function without it
    /// takes the account alone: `|account: &Account| AccountSettings::new()`.
    pub fn settings_of<Arguments>(mut self, settings: impl SettingsOf<Arguments>) -> Self {
        self.settings_of = Some(settings.unbound());
        self
    }

    /// When the bot starts, subscribes the app to the webhook fields that the routes need: those of their
    /// events, and if any of them may answer, those that show the owner of a thread (`messaging_handovers`,
    /// `standby`, `message_echoes`). Each Page gets exactly these. The app's own webhook gets them in
    /// addition to its fields, for Instagram exactly these. The callback URL has to be set already.
    ///
    /// An `#[on_event]` without a name needs no field: it takes what arrives for the others.
    ///
    /// Refusals of the platform are logged and reported by `/readyz`; the bot runs nevertheless.
    pub fn subscribe(mut self) -> Self {
        self.subscribes = true;
        self
    }

    /// Describes what the bot does, route by route: print it, or put it into a README.
    ///
    /// If the variable `HANDOVER_DESCRIBE` is set, a started bot prints the description instead of running,
    /// without any configuration: as `text`, `markdown`, `mermaid` or `json`. Then `handover::run` returns,
    /// and [`into_parts`](Self::into_parts) ends the program.
    ///
    /// ```
    /// use handover_runtime::Bot;
    ///
    /// fn explain(bot: &Bot) {
    ///     println!("{}", bot.describe());
    /// }
    /// ```
    #[must_use]
    pub fn describe(&self) -> Description {
        Description::of(&self.routes)
    }

    /// Starts the bot as part of an application. Returns its router, and a handle to stop it.
    ///
    /// The router has `/webhook`, `/livez` and, if it is configured, the data deletion callback; you may nest it
    /// under another path. `/readyz` and `/metrics` are in [`BotHandle::operations`]; the bot serves them itself
    /// only if [`Config::operations`] or `HANDOVER_OPERATIONS` gives an address.
    ///
    /// Logging is up to the application; [`log_to_stderr`](crate::log_to_stderr) sets up the logs of
    /// `handover::run`.
    ///
    /// ```no_run
    /// use handover_runtime::{Bot, Error, Result, Routes, log_to_stderr, shutdown_signal};
    /// use tokio::net::TcpListener;
    ///
    /// async fn serve(website: axum::Router, routes: Routes, listener: TcpListener) -> Result {
    ///     log_to_stderr();
    ///     let (router, bot) = Bot::new(routes).into_parts()?;
    ///     axum::serve(listener, website.merge(router))
    ///         .with_graceful_shutdown(shutdown_signal())
    ///         .await
    ///         .map_err(Error::other)?;
    ///     bot.stop().await;
    ///     Ok(())
    /// }
    /// ```
    ///
    /// # Errors
    ///
    /// If the configuration or a route is wrong, or there is no tokio runtime.
    pub fn into_parts(self) -> Result<(Router, BotHandle)> {
        if self.is_only_described()? {
            std::process::exit(0);
        }
        let config = self.configuration()?;
        let operations = config.operations.listen()?;
        self.start(&config, operations)
    }

    /// Answers `HANDOVER_DESCRIBE`, if it is set, and returns whether it was.
    fn is_only_described(&self) -> Result<bool> {
        describe_if_asked(&[("", self.describe())])
    }

    /// The environment, read once.
    fn environment(&self) -> &Environment {
        self.environment.get_or_init(Environment::load)
    }

    fn configuration(&self) -> Result<Config> {
        let names_accounts = self.token_store.is_none();
        let config = match &self.config {
            Some(config) => config.clone(),
            None => Config::from_environment(self.environment(), names_accounts)?,
        };
        config.check(names_accounts)?;
        self.check_named_apps()?;
        Ok(config)
    }

    /// Whether the files of the ids of other apps can be read: one that cannot is not as if it were not set.
    fn check_named_apps(&self) -> Result<(), ConfigError> {
        let is_given = |name: &str| self.apps.iter().any(|(given, _)| given == name);
        let names = self.routes.named_apps().filter(|name| !is_given(name));
        let variables: BTreeSet<_> = names.map(AppDirectory::variable).collect();
        let mut problems = ConfigProblems::default();
        for variable in variables {
            problems.value(self.environment(), &variable);
        }
        problems.into_result()
    }
}

impl fmt::Debug for Bot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Bot")
            .field("routes", &self.routes)
            .field("config", &self.config)
            .finish_non_exhaustive()
    }
}
