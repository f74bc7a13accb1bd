use std::fmt;
use std::net::Ipv4Addr;
use std::panic::Location;
use std::sync::Arc;

use axum::Router;
use handover_runtime::journal::MemoryJournal;
use handover_runtime::testing::Clock;
use handover_sim::{SimulatedApp, Simulator, SimulatorBuilder};
use tokio::net::TcpListener;

use super::Stage;
use super::failure::done;
use super::theatre::{Actor, Theatre};
use crate::{Bot, Config, Result};

const PAGE_ID: &str = "1744550565845823";
const FIRST_APP_ID: u64 = 1_517_776_481_860_111;
const VERIFY_TOKEN: &str = "on stage";

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
    journal: Arc<MemoryJournal>,
    colleagues: Vec<(String, u64)>,
}

impl StageBuilder {
    pub(super) fn new() -> Self {
        Self {
            platform: Simulator::builder().page(PAGE_ID, "Kaffeehaus"),
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
            for (name, id) in seat.colleagues {
                bot = bot.app(name, id);
            }
            embed(bot)
        };
        self.bots.push((name.into(), Box::new(start)));
        self
    }

    /// Changes the settings of the platform; its apps and its Page are there already.
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
        for ((name, start), app_id) in self.bots.into_iter().zip(FIRST_APP_ID..) {
            let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await;
            let listener = done(at, "no port is free", listener);
            let address = done(at, "the port has no address", listener.local_addr());
            platform = platform.app(
                SimulatedApp::new(app_id, &name)
                    .webhook(format!("http://{address}/webhook"))
                    .verify_token(VERIFY_TOKEN)
                    .secret(secret(app_id))
                    .token(token(app_id)),
            );
            seats.push((name, app_id, start, listener, address));
        }
        let simulator = done(at, "the simulator does not start", platform.start().await);
        let graph_url = done(
            at,
            "the simulator has no address",
            simulator.graph_url().parse(),
        );
        let colleagues: Vec<_> = seats
            .iter()
            .map(|(name, id, ..)| (name.clone(), *id))
            .collect();
        let clock = Clock::default();
        let mut actors = Vec::new();
        for (name, app_id, start, listener, address) in seats {
            let journal = Arc::new(MemoryJournal::with_clock(clock.clone()));
            let router = start(Seat {
                config: Config::new(PAGE_ID, app_id)
                    .access_token(token(app_id))
                    .app_secret(secret(app_id))
                    .verify_token(VERIFY_TOKEN)
                    .graph_url(Clone::clone(&graph_url)),
                clock: clock.clone(),
                journal: journal.clone(),
                colleagues: colleagues.clone(),
            });
            let router = done(at, &format!("the {name} does not start"), router);
            let serving = tokio::spawn(axum::serve(listener, router).into_future());
            actors.push(Actor::new(name, address, app_id, journal, serving));
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

fn secret(app_id: u64) -> String {
    format!("secret-{app_id}")
}

fn token(app_id: u64) -> String {
    format!("token-{app_id}")
}
