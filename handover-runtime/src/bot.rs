//! The bot: routes, state and configuration, put together and run.

use std::fmt;
use std::sync::Arc;

use axum::Router;
use handover_protocol::AppId;
use tokio::net::TcpListener;
use tokio::runtime::Handle;
use tokio::sync::{Mutex, OnceCell, Semaphore};
use tokio::task::JoinHandle;

use crate::accounts::{self, Accounts, TokenStore};
use crate::config::{Config, Environment};
use crate::dispatch::{self, Dispatcher, FoundEarly, Unasked, Wake};
use crate::error::{Error, Result};
use crate::graph::{GraphSettings, Line};
use crate::health::{self, Health};
use crate::journal::Journal;
use crate::metrics::Metrics;
use crate::operations::{self, Scraper};
use crate::outbox::{self, DirectSends, Limiter, Outbox, Pauses, Slots};
use crate::routing::{Description, Routes, Table};
use crate::running::{BotHandle, Running, Tasks, Work};
use crate::settings::Settings;
use crate::setup::{Needs, Profile, Reports, Setup};
use crate::stop::{Gate, Stop, shutdown_signal};
use crate::target::AppDirectory;
use crate::threads::Threads;
use crate::trigger::TriggerKind;
use crate::webhook::{self, EmptyEdits, Webhook};
use crate::{server, telemetry};

/// A bot: a list of routes and what they need.
///
/// ```no_run
/// use handover_runtime::{Bot, Result, Routes};
///
/// async fn serve(routes: Routes) -> Result {
///     Bot::new(routes).run().await
/// }
/// ```
#[must_use = "a bot does nothing until it runs"]
pub struct Bot<S = ()> {
    pub(crate) routes: Routes<S>,
    pub(crate) state: S,
    pub(crate) config: Option<Config>,
    pub(crate) apps: Vec<(String, AppId)>,
    pub(crate) settings: Settings,
    journal: Option<Arc<dyn Journal>>,
    token_store: Option<Arc<dyn TokenStore>>,
    profile: Option<Profile>,
    subscribes: bool,
}

impl Bot {
    /// A bot without state of its own.
    pub fn new(routes: Routes) -> Self {
        Self::with_state((), routes)
    }
}

impl<S: Send + Sync + 'static> Bot<S> {
    /// A bot whose handlers share a state: what they take as
    /// [`State<T>`](crate::extract::State) is a part of it.
    pub fn with_state(state: S, routes: Routes<S>) -> Self {
        Self {
            routes,
            state,
            config: None,
            apps: Vec::new(),
            settings: Settings::default(),
            journal: None,
            token_store: None,
            profile: None,
            subscribes: false,
        }
    }

    /// Adds routes after those that the bot has.
    pub fn routes(mut self, routes: Routes<S>) -> Self {
        self.routes = self.routes.routes(routes);
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

    /// Keeps events and calls there, instead of where [`Config::store`] says. Keep an `Arc` of it
    /// to look into it while the bot runs.
    pub fn journal(mut self, journal: Arc<impl Journal>) -> Self {
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
    /// as `text`, `markdown`, `mermaid` or `json`. Then [`run`](Self::run) and [`serve`](Self::serve)
    /// return, and [`into_parts`](Self::into_parts) ends the program.
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

    /// Starts the bot in the background, as part of an application: gives its router, and the handle
    /// that stops it.
    ///
    /// The router has the path `/webhook`, which you may nest under another, and `/livez` and `/readyz`.
    /// Operators' `/metrics` is in [`BotHandle::operations`], and served by itself only where
    /// [`Config::operations`] or `HANDOVER_OPERATIONS` gives an address.
    ///
    /// Logs are the application's; [`log_to_stderr`](crate::log_to_stderr) gives those of
    /// [`run`](Self::run).
    ///
    /// ```no_run
    /// use handover_runtime::{Bot, Error, Result, Routes, log_to_stderr, shutdown_signal};
    ///
    /// async fn serve(website: axum::Router, routes: Routes) -> Result {
    ///     log_to_stderr();
    ///     let bot = Bot::new(routes);
    ///     let listener = bot.listen().await?;
    ///     let (router, bot) = bot.into_parts()?;
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
        self.end_if_only_asked()?;
        let config = self.configuration()?;
        let operations = config.operations.listen()?;
        self.start(&config, operations)
    }

    /// The router of [`into_parts`](Self::into_parts) alone. The bot works until the last clone of it is
    /// dropped; then its work is cut off.
    ///
    /// # Errors
    ///
    /// If the configuration or a route is wrong, or there is no tokio runtime.
    pub fn into_router(self) -> Result<Router> {
        Ok(self.into_parts()?.0)
    }

    /// Serves the webhook at `HOST` and `PORT` until ctrl-c or SIGTERM, and prints logs as
    /// `RUST_LOG` says.
    ///
    /// Then it accepts nothing more, lets the handlers end that are running, sends what a handoff
    /// that was begun still owes, and returns. What is left is taken up at the next start.
    ///
    /// # Errors
    ///
    /// If the configuration or a route is wrong, or the address is taken.
    pub async fn run(self) -> Result {
        if self.is_only_asked()? {
            return Ok(());
        }
        telemetry::log_to_stderr();
        self.listen_and_serve().await
    }

    async fn listen_and_serve(self) -> Result {
        let listener = self.listen().await?;
        let config = self.configuration()?;
        let operations = config.operations.listen_or_usual()?;
        self.serve_both(listener, &config, operations).await
    }

    /// Listens at `HOST` and `PORT`, as [`run`](Self::run) does: for a server of your own around
    /// [`into_parts`](Self::into_parts).
    ///
    /// # Errors
    ///
    /// If the configuration is wrong, or the address is taken.
    pub async fn listen(&self) -> Result<TcpListener> {
        let address = self.configuration()?.address;
        let listener = TcpListener::bind(address).await;
        let listener = listener.map_err(|source| Error::Listen { address, source })?;
        log_address(&listener);
        Ok(listener)
    }

    /// As [`run`](Self::run), on a listener of your own and without setting up logs.
    ///
    /// # Errors
    ///
    /// If the configuration or a route is wrong.
    pub async fn serve(self, listener: TcpListener) -> Result {
        if self.is_only_asked()? {
            return Ok(());
        }
        let config = self.configuration()?;
        let operations = config.operations.listen()?;
        log_address(&listener);
        self.serve_both(listener, &config, operations).await
    }

    async fn serve_both(
        self,
        listener: TcpListener,
        config: &Config,
        operations: Option<std::net::TcpListener>,
    ) -> Result {
        let (router, bot) = self.start(config, operations)?;
        server::serve(listener, router, shutdown_signal()).await;
        tokio::select! {
            () = bot.stop() => {}
            () = shutdown_signal() => tracing::warn!("stopped at once, as asked again"),
        }
        Ok(())
    }

    /// Whether the program was started to tell what the bot does; tells it.
    fn is_only_asked(&self) -> Result<bool> {
        Description::tell_if_asked(&[("", self.describe())])
    }

    /// Ends the program after that.
    #[doc(hidden)]
    pub fn end_if_only_asked(&self) -> Result {
        if self.is_only_asked()? {
            std::process::exit(0);
        }
        Ok(())
    }

    /// Whether nobody has tried to configure it yet, neither in code nor in the environment.
    #[doc(hidden)]
    #[must_use]
    pub fn is_not_configured(&self) -> bool {
        self.config.is_none() && Config::from_env().is_err_and(|error| error.nothing_is_set())
    }

    fn configuration(&self) -> Result<Config> {
        let names_accounts = self.token_store.is_none();
        let config = match &self.config {
            Some(config) => config.clone(),
            None => Config::from_environment(&Environment::load(), names_accounts)?,
        };
        config.check(names_accounts)?;
        Ok(config)
    }

    fn start(
        self,
        config: &Config,
        operations: Option<std::net::TcpListener>,
    ) -> Result<(Router, BotHandle)> {
        let runtime = Handle::try_current().map_err(|_| Error::NoRuntime)?;
        let mut apps = AppDirectory::new(Environment::load());
        for (name, id) in self.apps {
            apps.insert(name, id);
        }
        let apps = Arc::new(apps);
        let needs = self.subscribes.then(|| Needs::of(&self.routes));
        let handlers: Vec<_> = self.routes.iter().map(|meta| meta.name).collect();
        let metrics = Arc::new(Metrics::new(handlers).map_err(Error::other)?);
        let table = Table::new(self.routes, apps.clone())?;
        let line = Line::new(&graph_settings(config))?.counted(metrics.graph.clone());
        let token_store = match self.token_store {
            Some(store) => store,
            None => Arc::new(config.token_store(&line)?),
        };
        let accounts = Arc::new(Accounts::new(line, token_store));
        let settings = self.settings;
        let journal = match self.journal {
            Some(journal) => journal,
            None => config.store.open(&settings.clock, &metrics)?,
        };
        let wake = Wake::default();
        let rules = Arc::new(settings.rules(config.app_id.clone()));
        let direct = Arc::new(DirectSends::new(journal.clone(), settings.clock.clone()));
        let (gate, stop, last_stop) = (Gate::default(), Stop::default(), Stop::default());
        let pauses = Pauses::default();
        let outbox = Arc::new(Outbox {
            slots: Slots::default(),
            journal: journal.clone(),
            accounts: accounts.clone(),
            wake: wake.clone(),
            stop: last_stop.clone(),
            deaf: stop.clone(),
            blocked: settings.blocked,
            tells_failed_sends: table.waits_for(TriggerKind::SendFailed),
            rules: rules.clone(),
            limiter: Limiter::new(settings.send_rate),
            pauses: pauses.clone(),
            clock: settings.clock.clone(),
            metrics: metrics.clone(),
        });
        let (grace, catch_up) = (settings.grace, settings.catch_up);
        let clock = settings.clock.clone();
        let slots = Arc::new(Semaphore::new(settings.threads_at_once));
        let dispatcher = Arc::new(Dispatcher {
            journal: journal.clone(),
            table,
            state: self.state,
            apps,
            accounts: accounts.clone(),
            rules,
            unasked: Unasked::default(),
            direct: direct.clone(),
            settings,
            slots,
            wake: wake.clone(),
            stop: stop.clone(),
            outbox: outbox.clone(),
            found: FoundEarly::default(),
            metrics: metrics.clone(),
        });
        let dispatch = runtime.spawn(dispatch::run(dispatcher.clone()));
        let sending = runtime.spawn(outbox::run(outbox.clone()));
        let renewing = runtime.spawn(accounts::renew(outbox));
        let watching = runtime.spawn(outbox::watch(journal.clone()));
        let reports = Reports::default();
        let setup = Setup {
            accounts: accounts.clone(),
            profile: self.profile,
            needs,
            app_id: config.app_id.clone(),
            app_secret: config.first_secret(),
            verify_token: config.verify_token.clone(),
            reports: reports.clone(),
        };
        let setting_up = runtime.spawn(setup.run());
        let health = Arc::new(Health::new(
            journal.clone(),
            accounts.clone(),
            reports,
            pauses.clone(),
            gate.clone(),
            config.backlog_limit,
        ));
        let scraper = Scraper::new(metrics.clone(), journal.clone(), pauses, clock.clone());
        let for_operations = operations::router(health.clone(), scraper);
        let mut tasks = vec![&dispatch, &sending, &watching, &renewing, &setting_up];
        let telling = operations
            .map(|listener| operations::serve(listener, for_operations.clone()))
            .transpose()?;
        tasks.extend(&telling);
        let threads = Threads::new(journal.clone(), wake.clone(), clock.clone());
        let work = Arc::new(Work::new(tasks.into_iter().map(JoinHandle::abort_handle)));
        let webhook = Arc::new(Webhook {
            app_secrets: config.app_secrets.clone(),
            body_limit: config.body_limit,
            empty_edits: EmptyEdits::default(),
            verify_token: config.verify_token.clone(),
            app_id: config.app_id.clone(),
            journal: journal.clone(),
            direct,
            wake,
            workers: dispatcher,
            clock,
            metrics,
            gate: gate.clone(),
            work: work.clone(),
        });
        if let Some(time) = catch_up {
            let caught = webhook::catch_up(webhook.clone(), accounts.clone(), time);
            runtime.spawn(caught);
        }
        let router = webhook::router(webhook.clone());
        let handle = BotHandle::new(Running {
            threads,
            webhook,
            accounts,
            journal,
            operations: for_operations,
            tasks: Mutex::new(Tasks { dispatch, sending }),
            work,
            gate,
            stop,
            last_stop,
            grace,
            ended: OnceCell::new(),
        });
        Ok((router.merge(health::router(health)), handle))
    }
}

impl<S> fmt::Debug for Bot<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Bot")
            .field("routes", &self.routes)
            .field("config", &self.config)
            .finish_non_exhaustive()
    }
}

fn log_address(listener: &TcpListener) {
    if let Ok(address) = listener.local_addr() {
        tracing::info!("the bot listens on http://{address}/webhook");
    }
}

fn graph_settings(config: &Config) -> GraphSettings {
    GraphSettings {
        base_url: config.graph_url.clone(),
        version: config.graph_version.clone(),
        appsecret_proof_key: config.appsecret_proof.then(|| config.first_secret()),
        // Each account has its own.
        ..GraphSettings::new("", "")
    }
}
