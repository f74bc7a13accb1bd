//! Running a bot as a program.

use tokio::net::TcpListener;

use super::{Bot, Config, Error, Result};
use crate::shutdown::shutdown_signal;
use crate::{server, telemetry};

impl Bot {
    /// Serves the webhook at `HOST` and `PORT` until ctrl-c or SIGTERM, and logs as `RUST_LOG` says.
    ///
    /// Then it accepts nothing more, lets running handlers end, sends what a handoff that has begun
    /// still needs, and returns. The next start does the rest.
    ///
    /// The bot has to be configured. `handover::run(bot)` does the same; with the feature `simulator` of
    /// `handover`, it runs the bot with the simulator as long as nothing is configured.
    ///
    /// # Errors
    ///
    /// If the configuration or a route is wrong, or the address is taken.
    pub async fn run(self) -> Result {
        if self.is_only_described()? {
            return Ok(());
        }
        telemetry::log_as(self.environment());
        let config = self.configuration()?;
        let address = config.address;
        let listener = TcpListener::bind(address).await;
        let listener = listener.map_err(|source| Error::Listen { address, source })?;
        let operations = config.operations.listen_or_usual()?;
        serve_both(self, listener, &config, operations).await
    }
}

/// Like [`Bot::run`], on a listener, and without setting up logs. Operators are served on the second listener;
/// without one, at the address that the bot is configured with.
///
/// # Errors
///
/// If the configuration or a route is wrong.
pub async fn serve(
    bot: Bot,
    listener: TcpListener,
    operations: Option<std::net::TcpListener>,
) -> Result {
    if bot.is_only_described()? {
        return Ok(());
    }
    let config = bot.configuration()?;
    let operations = match operations {
        Some(operations) => Some(operations),
        None => config.operations.listen()?,
    };
    serve_both(bot, listener, &config, operations).await
}

async fn serve_both(
    bot: Bot,
    listener: TcpListener,
    config: &Config,
    operations: Option<std::net::TcpListener>,
) -> Result {
    // Before the address is logged: a reader of the log may send a signal at once.
    let stop = shutdown_signal();
    let (router, bot) = bot.start(config, operations)?;
    if let Ok(address) = listener.local_addr() {
        tracing::info!("the bot listens on http://{address}/webhook");
    }
    server::serve(listener, router, stop).await;
    tokio::select! {
        () = bot.stop() => {}
        () = shutdown_signal() => tracing::warn!("a second signal: stopped at once"),
    }
    Ok(())
}

/// Whether neither the code nor the environment configures the bot.
#[must_use]
pub fn is_not_configured(bot: &Bot) -> bool {
    let read = || Config::from_environment(bot.environment(), true);
    bot.config.is_none() && read().is_err_and(|error| error.nothing_is_set())
}
