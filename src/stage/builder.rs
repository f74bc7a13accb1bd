use std::fmt;
use std::net::Ipv4Addr;
use std::panic::Location;
use std::sync::Arc;

use axum::Router;
use handover_runtime::journal::Journal;
use handover_runtime::testing::Clock;
use handover_sim::SimulatorBuilder;
use tokio::net::TcpListener;

use super::Stage;
use super::failure::done;
use super::theatre::{Actor, Theatre};
use crate::cafe::{self, App};
use crate::{Bot, Result};

/// Sets up a [`Stage`].
///
/// ```
/// use handover::prelude::*;
/// use handover::stage::Stage;
///
/// #[fallback]
/// async fn echo(text: Text) -> String {
///     text.0
/// }
///
/// # #[tokio::main]
/// # async fn main() {
/// let stage = Stage::builder()
///     .platform(|platform| platform.zero_config())
///     .bot("echo", Bot::new(routes![echo]))
///     .start()
///     .await;
/// let ana = stage.person("Ana");
/// ana.says("hello").await;
/// ana.sees("hello").await;
/// stage.nobody_owns(&ana).await;
/// # }
/// ```
#[must_use = "a stage is empty until it starts"]
pub struct StageBuilder {
    platform: SimulatorBuilder,
    bots: Vec<(String, Bot, Embed)>,
}

/// Makes a router of a bot.
type Embed = Box<dyn FnOnce(Bot) -> Result<Router> + Send>;

impl StageBuilder {
    pub(super) fn new() -> Self {
        Self {
            platform: cafe::platform(),
            bots: Vec::new(),
        }
    }

    /// Adds a bot. The first is the default app; the others find each other by name, as
    /// [`Bot::app`] says.
    pub fn bot(self, name: impl Into<String>, bot: Bot) -> Self {
        self.bot_in(name, bot, Bot::into_router)
    }

    /// Adds a bot that is part of an application: `embed` makes the application's router of it.
    ///
    /// ```
    /// use axum::Router;
    /// use handover::prelude::*;
    /// use handover::stage::Stage;
    ///
    /// fn app(bot: Bot) -> handover::Result<Router> {
    ///     let website = Router::new().route("/", axum::routing::get(async || "Welcome!"));
    ///     Ok(website.merge(bot.into_router()?))
    /// }
    ///
    /// let stage = Stage::builder().bot_in("shop", Bot::new(routes![]), app);
    /// ```
    pub fn bot_in(
        mut self,
        name: impl Into<String>,
        bot: Bot,
        embed: impl FnOnce(Bot) -> Result<Router> + Send + 'static,
    ) -> Self {
        self.bots.push((name.into(), bot, Box::new(embed)));
        self
    }

    /// Changes the settings of the platform; its Page 1744550565845823, its Instagram account
    /// 17841405793187218 and its apps are there already.
    pub fn platform(mut self, change: impl FnOnce(SimulatorBuilder) -> SimulatorBuilder) -> Self {
        self.platform = change(self.platform);
        self
    }

    /// Raises the curtain.
    ///
    /// # Panics
    ///
    /// If a bot or the simulator cannot start.
    #[track_caller]
    pub fn start(self) -> impl Future<Output = Stage> {
        self.start_at(Location::caller())
    }

    async fn start_at(self, at: &'static Location<'static>) -> Stage {
        let mut platform = self.platform;
        let mut seats = Vec::new();
        for ((name, bot, embed), number) in self.bots.into_iter().zip(0..) {
            let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await;
            let listener = done(at, "no port is free", listener);
            let address = done(at, "the port has no address", listener.local_addr());
            let app = App::new(name, number);
            platform = platform.app(app.at(address));
            seats.push((app, bot, embed, listener, address));
        }
        let simulator = done(at, "the simulator does not start", platform.start().await);
        let apps: Vec<_> = seats.iter().map(|(app, ..)| app.clone()).collect();
        let clock = Clock::default();
        let mut actors = Vec::new();
        for (app, bot, embed, listener, address) in seats {
            let journal = Journal::in_memory(clock.clone());
            let config = app.config(&simulator);
            let config = done(at, "the simulator has no address", config);
            let mut bot = bot
                .config(config)
                .clock(clock.clone())
                .journal(journal.clone());
            for app in &apps {
                bot = bot.app(&app.name, app.id);
            }
            let router = done(at, &format!("the {} does not start", app.name), embed(bot));
            let serving = tokio::spawn(axum::serve(listener, router).into_future());
            actors.push(Actor::new(app.name, address, app.id, journal, serving));
        }
        Stage(Arc::new(Theatre::new(simulator, clock, actors)))
    }
}

impl fmt::Debug for StageBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bots: Vec<_> = self.bots.iter().map(|(name, ..)| name).collect();
        f.debug_struct("StageBuilder")
            .field("bots", &bots)
            .finish_non_exhaustive()
    }
}
