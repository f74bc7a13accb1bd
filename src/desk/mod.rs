//! One program for your desk and for production.
//!
//! ```no_run
//! use handover::prelude::*;
//!
//! #[on_message]
//! async fn echo(text: Text) -> String {
//!     text.0
//! }
//!
//! #[tokio::main]
//! async fn main() -> handover::Result {
//!     handover::desk::run(Bot::new(routes![echo])).await
//! }
//! ```
//!
//! As long as nobody has configured the bot, neither with [`Bot::config`] nor in the environment, it
//! is on your desk: together with a simulator of the platform, whose page it prints, and on which
//! you are the customer and the agent. Events and calls are in memory. Otherwise it runs as
//! [`Bot::run`] does.
//!
//! The simulator is in the program with the feature `desk` only. A project has a feature of its own
//! for it, so that it can be built for production without:
//!
//! ```toml
//! [features]
//! default = ["desk"]
//! desk = ["handover/desk"]
//! ```
//!
//! On the desk the bot listens at port 8080, further bots at the next ones, and the simulator at
//! 8090; a port that is taken makes way for a free one. There are the Page 1744550565845823 and the
//! Instagram account 17841405793187218.

#[cfg(feature = "desk")]
mod simulated;

use std::collections::HashSet;
use std::env;
use std::ffi::OsStr;

use tokio::net::TcpListener;

use crate::{Bot, Error, Result};
#[cfg(feature = "desk")]
use crate::{cafe, sim::SimulatorBuilder};

/// What a bot is called that is the only one.
const ALONE: &str = "Your bot";

/// Runs a bot. See the [module](self).
///
/// # Errors
///
/// If the configuration or a route is wrong, or in production the address is taken.
pub async fn run(bot: Bot) -> Result {
    Desk::new().bot(ALONE, bot).run().await
}

/// Prepares a bot for a server of your own: configured, and with the address at which to serve it.
/// On the desk that is one at which the simulator calls it, in production `HOST` and `PORT`.
///
/// ```no_run
/// use axum::Router;
/// use handover::{Bot, Error, desk, shutdown_signal};
///
/// async fn serve(website: Router, bot: Bot) -> handover::Result {
///     let (bot, listener) = desk::listen(bot).await?;
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
/// If the configuration is wrong, or in production the address is taken.
pub async fn listen(bot: Bot) -> Result<(Bot, TcpListener)> {
    bot.end_if_only_asked()?;
    #[cfg(feature = "desk")]
    if bot.is_not_configured() {
        return simulated::listen(bot).await;
    }
    let listener = bot.listen().await?;
    Ok((bot, listener))
}

/// Several bots of one Page in one program, or a platform that is set up differently.
///
/// On the desk all of them run, and find each other by name, as [`Bot::app`] says. In production
/// each is a process with the configuration of its own app, and the first argument of the program is
/// the bot's name.
///
/// ```no_run
/// use handover::Bot;
/// use handover::desk::Desk;
///
/// async fn run(reception: Bot, billing: Bot) -> handover::Result {
///     Desk::new()
///         .bot("reception", reception)
///         .bot("billing", billing)
///         .run()
///         .await
/// }
/// ```
#[must_use = "a desk is empty until it runs"]
pub struct Desk {
    bots: Vec<(String, Bot)>,
    #[cfg(feature = "desk")]
    platform: SimulatorBuilder,
}

impl Desk {
    /// Without bots yet.
    #[expect(clippy::new_without_default, reason = "an empty desk is of no use")]
    pub fn new() -> Self {
        Self {
            bots: Vec::new(),
            #[cfg(feature = "desk")]
            platform: cafe::platform(),
        }
    }

    /// Adds a bot. On the desk the first is the default app.
    pub fn bot(mut self, name: impl Into<String>, bot: Bot) -> Self {
        self.bots.push((name.into(), bot));
        self
    }

    /// Changes the settings of the platform on the desk; its Page, its Instagram account and its
    /// apps are there already.
    #[cfg(feature = "desk")]
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
        #[cfg(feature = "desk")]
        if self.bots.iter().all(|(_, bot)| bot.is_not_configured()) {
            return simulated::run(self.platform, self.bots).await;
        }
        let index = chosen.ok_or_else(|| self.which("which bot is to run?"))?;
        self.bots.swap_remove(index).1.run().await
    }

    fn check(&self) -> Result {
        let mut names = HashSet::new();
        if let Some((name, _)) = self.bots.iter().find(|(name, _)| !names.insert(name)) {
            return Err(Error::other(format!(
                "two bots of the desk are called `{name}`: each needs a name of its own"
            )));
        }
        if names.is_empty() {
            return Err(Error::other(
                "the desk has no bot: add one with `Desk::bot`",
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
