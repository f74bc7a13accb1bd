//! The bot: routes, state and configuration, put together and run.

mod config;
mod describe_env;
mod error;
mod handle;
mod run;
mod settings;
mod setup;
mod start;

use std::fmt;
use std::sync::{Arc, OnceLock};

use axum::Router;
use handover_protocol::AppId;

pub use config::{Config, ConfigError};
pub use describe_env::describe_if_asked;
pub use error::{Error, Result};
pub use handle::BotHandle;
pub use run::{is_not_configured, run, serve};
pub use setup::Profile;

use crate::accounts::TokenStore;
use crate::dispatch::Settings;
use crate::environment::Environment;
use crate::journal::Journal;
use crate::routing::{Description, IntoRoutes, Routes};

/// A bot: a list of routes and what they need.
///
/// ```no_run
/// use handover_runtime::{Bot, BotHandle, Result, Routes};
///
/// fn start(routes: Routes) -> Result<(axum::Router, BotHandle)> {
///     Bot::new(routes).into_parts()
/// }
/// ```
///
/// `handover::run` runs it as a program of its own; [`into_parts`](Self::into_parts) makes it a part of an
/// application.
#[must_use = "a bot does nothing until it runs"]
pub struct Bot {
    pub(crate) routes: Routes,
    pub(crate) config: Option<Config>,
    pub(crate) apps: Vec<(String, AppId)>,
    pub(crate) settings: Settings,
    journal: Option<Journal>,
    token_store: Option<Arc<dyn TokenStore>>,
    profile: Option<Profile>,
    subscribes: bool,
    environment: OnceLock<Environment>,
}

impl Bot {
    /// A bot whose handlers share a state: what they take as
    /// [`State<T>`](crate::extract::State) is a part of it. The same as
    /// [`Bot::new`] with [`Routes::with_state`].
    pub fn with_state<S: Send + Sync + 'static>(state: S, routes: impl IntoRoutes<S>) -> Self {
        Self::new(routes.into_routes().with_state(state))
    }

    /// A bot whose handlers need no state, or have it already.
    pub fn new(routes: impl IntoRoutes<()>) -> Self {
        Self {
            routes: routes.into_routes(),
            config: None,
            apps: Vec::new(),
            settings: Settings::default(),
            journal: None,
            token_store: None,
            profile: None,
            subscribes: false,
            environment: OnceLock::new(),
        }
    }

    /// Adds routes after those that the bot has.
    pub fn routes(mut self, routes: impl IntoRoutes<()>) -> Self {
        self.routes = self.routes.routes(routes.into_routes());
        self
    }

    /// The configuration; without it, [`Config::from_env`] is asked.
    pub fn config(mut self, config: Config) -> Self {
        self.config = Some(config);
        self
    }

    /// Names the id of another app, for [`TargetApp::Named`](crate::TargetApp::Named).
    pub fn app(mut self, name: impl Into<String>, id: impl Into<AppId>) -> Self {
        self.apps.push((name.into(), id.into()));
        self
    }

    /// Journal for events and calls, instead of the one that [`Config::store`] names. Keep a clone of it
    /// to look into it while the bot runs.
    pub fn journal(mut self, journal: Journal) -> Self {
        self.journal = Some(journal);
        self
    }

    /// Takes the accounts and their access tokens from there, and none from the configuration: from
    /// a database, say. `MESSENGER_PAGE_ID` and `MESSENGER_ACCESS_TOKEN` need not be set then.
    pub fn token_store(mut self, store: Arc<impl TokenStore>) -> Self {
        self.token_store = Some(store);
        self
    }

    /// Lets every account show this profile: set when the bot starts, and only what differs from
    /// what is there. Instagram accounts that are [named](crate::Account::instagram) show its ice
    /// breakers and its menu, which is all they have.
    ///
    /// What the platform refuses is logged and told by `/readyz`; the bot works all the same.
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

    /// Subscribes the app to the webhook fields that the routes need when the bot starts: those of
    /// their events, and if any of them may speak, those that tell who owns a thread
    /// (`messaging_handovers`, `standby`, `message_echoes`). Each Page gets exactly these; the app's
    /// own webhook gets them beside those that it has, for Instagram exactly these. The webhook's
    /// address has to be known to the app already.
    ///
    /// An `#[on_event]` without a name needs no field: it takes what comes for the others.
    ///
    /// What the platform refuses is logged and told by `/readyz`; the bot works all the same.
    pub fn subscribe(mut self) -> Self {
        self.subscribes = true;
        self
    }

    /// What the bot does, route by route: print it, or put it into a README.
    ///
    /// With the variable `HANDOVER_DESCRIBE`, a bot that is started prints it, without configuration:
    /// as `text`, `markdown`, `mermaid` or `json`. Then `handover::run` returns, and
    /// [`into_parts`](Self::into_parts) ends the program.
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
    /// The router has the path `/webhook`, which you may nest under another, and `/livez` and `/readyz`.
    /// `/metrics` is in [`BotHandle::operations`]; the bot serves it itself only if [`Config::operations`]
    /// or `HANDOVER_OPERATIONS` gives an address.
    ///
    /// Logging is up to the application; [`log_to_stderr`](crate::log_to_stderr) sets up the logs of
    /// `handover::run`.
    ///
    /// ```no_run
    /// use handover_runtime::{Bot, Error, Result, Routes, log_to_stderr, shutdown_signal};
    ///     ///
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
        Ok(config)
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
