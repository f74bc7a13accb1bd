//! Running bots: with the simulator as long as nothing is configured, and in production.

#[cfg(feature = "simulator")]
mod simulated;

use std::collections::HashSet;
use std::env;
use std::ffi::OsStr;

use crate::{Bot, Error, Result};
#[cfg(feature = "simulator")]
use crate::{local_platform, sim::SimulatorBuilder};

/// Name of a single bot.
const ALONE: &str = "Your bot";

/// Runs a bot: in production if it is configured, otherwise with the simulator (feature `simulator`).
///
/// ```no_run
/// use handover::prelude::*;
///
/// #[on_message]
/// async fn echo(text: Text) -> String {
///     text.0
/// }
///
/// #[tokio::main]
/// async fn main() -> handover::Result {
///     handover::run(Bot::new(routes![echo])).await
/// }
/// ```
///
/// A bot is configured by [`Bot::config`] or by the variables that [`Config::from_env`] reads. Then `run`
/// serves the webhook at `HOST` and `PORT`, logs as `RUST_LOG` says, and stops at ctrl-c or SIGTERM:
/// it accepts nothing more, lets running handlers end, sends what a handoff that has begun still needs,
/// and returns. The next start does the rest. To make the bot a part of your own application, use
/// [`Bot::into_parts`].
///
/// Otherwise, with the feature `simulator`, `run` starts the bot together with the simulator. It prints the
/// address of the simulator's page, on which you are the customer and the agent, and of the bot's operations
/// page. Events and calls are kept in memory. `HANDOVER_RECORD` works as in production. Without the feature, `run`
/// returns an error that lists the missing variables.
///
/// Make the simulator a feature of your project, so that a production build leaves it out:
///
/// ```toml
/// [features]
/// default = ["simulator"]
/// simulator = ["handover/simulator"]
/// ```
///
/// With the simulator, the bot listens on port 8080, further bots on the next ports, the simulator on 8090,
/// and the operations page is at 9464; if a port is taken, a free one is used. The accounts are the Page
/// 1744550565845823 and the Instagram account 17841405793187218.
///
/// [`Config::from_env`]: crate::Config::from_env
///
/// # Errors
///
/// If the configuration or a route is wrong, or in production the address is taken.
pub async fn run(bot: Bot) -> Result {
    Simulation::new().bot(ALONE, bot).run().await
}

/// Several bots of one Page in one program, or a simulator with other settings.
///
/// With the simulator all bots run, and find each other by name, as [`Bot::app`] says. In production
/// each bot is a process with the configuration of its app, and the first argument of the program is
/// the bot's name.
///
/// ```no_run
/// use handover::{Bot, Simulation};
///
/// async fn run(reception: Bot, billing: Bot) -> handover::Result {
///     Simulation::new()
///         .bot("reception", reception)
///         .bot("billing", billing)
///         .run()
///         .await
/// }
/// ```
#[must_use = "a simulation does nothing until it runs"]
pub struct Simulation {
    bots: Vec<(String, Bot)>,
    #[cfg(feature = "simulator")]
    platform: SimulatorBuilder,
}

impl Simulation {
    /// Creates a simulation without bots.
    #[expect(clippy::new_without_default, reason = "an empty one is of no use")]
    pub fn new() -> Self {
        Self {
            bots: Vec::new(),
            #[cfg(feature = "simulator")]
            platform: local_platform::platform(),
        }
    }

    /// Adds a bot. The first is the default app of the simulator.
    pub fn bot(mut self, name: impl Into<String>, bot: Bot) -> Self {
        self.bots.push((name.into(), bot));
        self
    }

    /// Changes the settings of the simulator. Its Page, its Instagram account and the apps of the bots
    /// are set up already.
    #[cfg(feature = "simulator")]
    pub fn platform(mut self, change: impl FnOnce(SimulatorBuilder) -> SimulatorBuilder) -> Self {
        self.platform = change(self.platform);
        self
    }

    /// Runs the bots, or in production the one that the first argument names.
    ///
    /// `HANDOVER_DESCRIBE` is answered with the routes of the bot that the first argument names, and
    /// without one of all; in JSON that is an object, with an array for each name.
    ///
    /// # Errors
    ///
    /// If there is no bot, or two have one name; if the first argument is no name of a bot, or is
    /// missing where one of several has to be chosen; if the configuration or a route is wrong, or in
    /// production the address is taken.
    pub async fn run(mut self) -> Result {
        self.check()?;
        let chosen = self.chosen()?;
        let named = chosen.map_or(&self.bots[..], |index| &self.bots[index..=index]);
        let described = named
            .iter()
            .map(|(name, bot)| (name.as_str(), bot.describe()));
        if handover_runtime::describe_if_asked(&described.collect::<Vec<_>>())? {
            return Ok(());
        }
        #[cfg(feature = "simulator")]
        if self
            .bots
            .iter()
            .all(|(_, bot)| handover_runtime::is_not_configured(bot))
        {
            return simulated::run(self.platform, self.bots).await;
        }
        let index = chosen.ok_or_else(|| self.which("which bot is to run?"))?;
        self.bots.swap_remove(index).1.run().await
    }

    fn check(&self) -> Result {
        let mut names = HashSet::new();
        if let Some((name, _)) = self.bots.iter().find(|(name, _)| !names.insert(name)) {
            return Err(Error::other(format!(
                "two bots are called `{name}`: give each another name"
            )));
        }
        if names.is_empty() {
            return Err(Error::other(
                "there is no bot to run: add one with `Simulation::bot`",
            ));
        }
        Ok(())
    }

    /// The bot that the first argument names; one alone needs no name.
    fn chosen(&self) -> Result<Option<usize>> {
        if self.bots.len() == 1 {
            return Ok(Some(0));
        }
        let Some(said) = env::args_os().nth(1) else {
            return Ok(None);
        };
        let is_named = |(name, _): &(String, _)| OsStr::new(name) == said;
        let found = self.bots.iter().position(is_named);
        let unknown = || self.which(&format!("there is no bot `{}`:", said.display()));
        found.map(Some).ok_or_else(unknown)
    }

    fn which(&self, problem: &str) -> Error {
        let names: Vec<_> = self.bots.iter().map(|(name, _)| name.as_str()).collect();
        let names = names.join("` or `");
        Error::other(format!(
            "{problem} say `{names}` as the first argument of the program"
        ))
    }
}
