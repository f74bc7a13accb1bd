use std::fmt;
use std::net::Ipv4Addr;
use std::panic::Location;
use std::sync::Arc;

use axum::Router;
use handover_runtime::journal::Journal;
use handover_runtime::testing::Clock;
use handover_sim::SimulatorBuilder;
use handover_sim::local::LocalApp;
use tokio::net::TcpListener;

use super::Scenario;
use super::failure::done;
use super::harness::{Harness, RunningBot};
use crate::{Bot, Result, Threads, local_platform};

/// Builder of a [`Scenario`].
///
/// ```
/// use handover::prelude::*;
/// use handover::testing::Scenario;
///
/// #[fallback]
/// async fn echo(text: Text) -> String {
///     text.0
/// }
///
/// # #[tokio::main]
/// # async fn main() {
/// let scenario = Scenario::builder()
///     .platform(|platform| platform.zero_config())
///     .bot("echo", Bot::new(routes![echo]))
///     .start()
///     .await;
/// let ana = scenario.person("Ana");
/// ana.says("hello").await;
/// ana.sees("hello").await;
/// scenario.nobody_owns(&ana).await;
/// # }
/// ```
#[must_use = "a scenario is empty until it starts"]
pub struct ScenarioBuilder {
    platform: SimulatorBuilder,
    bots: Vec<(String, Bot, Embed)>,
}

/// Builds the router of an application with a bot, and returns its threads where nothing else has them.
type Embed = Box<dyn FnOnce(Bot) -> Result<(Router, Option<Threads>)> + Send>;

impl ScenarioBuilder {
    pub(super) fn new() -> Self {
        Self {
            platform: local_platform::platform(),
            bots: Vec::new(),
        }
    }

    /// Adds a bot. The first is the default app; the others find each other by name, as with [`Bot::app`].
    pub fn bot(mut self, name: impl Into<String>, bot: Bot) -> Self {
        let embed = |bot: Bot| {
            let (router, handle) = bot.into_parts()?;
            Ok((router, Some(handle.threads())))
        };
        self.bots.push((name.into(), bot, Box::new(embed)));
        self
    }

    /// Adds a bot that is part of an application: `embed` builds the application's router.
    ///
    /// ```
    /// use axum::Router;
    /// use handover::prelude::*;
    /// use handover::testing::Scenario;
    ///
    /// fn app(bot: Bot) -> handover::Result<Router> {
    ///     let website = Router::new().route("/", axum::routing::get(async || "Welcome!"));
    ///     Ok(website.merge(bot.into_parts()?.0))
    /// }
    ///
    /// let scenario = Scenario::builder().bot_in("shop", Bot::new(Routes::default()), app);
    /// ```
    pub fn bot_in(
        mut self,
        name: impl Into<String>,
        bot: Bot,
        embed: impl FnOnce(Bot) -> Result<Router> + Send + 'static,
    ) -> Self {
        let embed = |bot: Bot| Ok((embed(bot)?, None));
        self.bots.push((name.into(), bot, Box::new(embed)));
        self
    }

    /// Changes the settings of the platform. The Page 1744550565845823, the Instagram account
    /// 17841405793187218 and the apps exist already.
    pub fn platform(mut self, change: impl FnOnce(SimulatorBuilder) -> SimulatorBuilder) -> Self {
        self.platform = change(self.platform);
        self
    }

    /// Starts the simulator and the bots.
    ///
    /// # Panics
    ///
    /// If a bot or the simulator cannot start.
    #[track_caller]
    pub fn start(self) -> impl Future<Output = Scenario> {
        self.start_at(Location::caller())
    }

    async fn start_at(self, at: &'static Location<'static>) -> Scenario {
        let mut platform = self.platform;
        let mut prepared = Vec::new();
        for ((name, bot, embed), number) in self.bots.into_iter().zip(0..) {
            let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await;
            let listener = done(at, "no port is free", listener);
            let address = done(at, "the port has no address", listener.local_addr());
            let app = LocalApp::default().numbered(name, number);
            platform = platform.app(app.at(address));
            prepared.push((app, bot, embed, listener, address));
        }
        let simulator = done(at, "the simulator does not start", platform.start().await);
        let apps: Vec<_> = prepared.iter().map(|(app, ..)| app.clone()).collect();
        let clock = Clock::default();
        let mut bots = Vec::new();
        for (app, bot, embed, listener, address) in prepared {
            let journal = Journal::in_memory(clock.clone());
            let config = local_platform::config(&app, &simulator);
            let config = done(at, "the simulator has no address", config);
            let mut bot = bot
                .config(config)
                .clock(clock.clone())
                .journal(journal.clone());
            for app in &apps {
                bot = bot.app(&app.name, app.id.clone());
            }
            let (router, threads) =
                done(at, &format!("the {} does not start", app.name), embed(bot));
            let serving = tokio::spawn(axum::serve(listener, router).into_future());
            bots.push(RunningBot::new(
                app.name, address, app.id, journal, threads, serving,
            ));
        }
        Scenario(Arc::new(Harness::new(simulator, clock, bots)))
    }
}

impl fmt::Debug for ScenarioBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bots: Vec<_> = self.bots.iter().map(|(name, ..)| name).collect();
        f.debug_struct("ScenarioBuilder")
            .field("bots", &bots)
            .finish_non_exhaustive()
    }
}
