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
use crate::{Bot, Config, Result};

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
    bots: Vec<(String, Start)>,
}

/// Starts a bot with this configuration, on this time, with this journal.
type Start = Box<dyn FnOnce(Seat) -> Result<Router> + Send>;

/// What a bot needs of the stage.
struct Seat {
    config: Config,
    clock: Clock,
    journal: Journal,
    apps: Vec<App>,
}

impl StageBuilder {
    pub(super) fn new() -> Self {
        Self {
            platform: cafe::platform(),
            bots: Vec::new(),
        }
    }

    /// Adds a bot. The first is the default app; the others find each other by name, as
    /// [`Bot::app`] says.
    pub fn bot<S: Send + Sync + 'static>(self, name: impl Into<String>, bot: Bot<S>) -> Self {
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
    pub fn bot_in<S: Send + Sync + 'static>(
        mut self,
        name: impl Into<String>,
        bot: Bot<S>,
        embed: impl FnOnce(Bot<S>) -> Result<Router> + Send + 'static,
    ) -> Self {
        let start = |seat: Seat| {
            let mut bot = bot
                .config(seat.config)
                .clock(seat.clock)
                .journal(seat.journal);
            for app in seat.apps {
                bot = bot.app(app.name, app.id);
            }
            embed(bot)
        };
        self.bots.push((name.into(), Box::new(start)));
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
        for ((name, start), number) in self.bots.into_iter().zip(0..) {
            let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await;
            let listener = done(at, "no port is free", listener);
            let address = done(at, "the port has no address", listener.local_addr());
            let app = App::new(name, number);
            platform = platform.app(app.at(address));
            seats.push((app, start, listener, address));
        }
        let simulator = done(at, "the simulator does not start", platform.start().await);
        let apps: Vec<_> = seats.iter().map(|(app, ..)| app.clone()).collect();
        let clock = Clock::default();
        let mut actors = Vec::new();
        for (app, start, listener, address) in seats {
            let journal = Journal::in_memory(clock.clone());
            let config = app.config(&simulator);
            let config = done(at, "the simulator has no address", config);
            let router = start(Seat {
                config,
                clock: clock.clone(),
                journal: journal.clone(),
                apps: apps.clone(),
            });
            let router = done(at, &format!("the {} does not start", app.name), router);
            let serving = tokio::spawn(axum::serve(listener, router).into_future());
            actors.push(Actor::new(app.name, address, app.id, journal, serving));
        }
        Stage(Arc::new(Theatre::new(simulator, clock, actors)))
    }
}

impl fmt::Debug for StageBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bots: Vec<_> = self.bots.iter().map(|(name, _)| name).collect();
        f.debug_struct("StageBuilder")
            .field("bots", &bots)
            .finish_non_exhaustive()
    }
}
