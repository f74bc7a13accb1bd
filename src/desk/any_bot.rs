use std::pin::Pin;

use crate::routing::Description;
use crate::{Bot, Result};
#[cfg(feature = "desk")]
use crate::{Config, cafe::App};

type Running = Pin<Box<dyn Future<Output = Result> + Send>>;

/// A bot, whatever its state is.
pub(super) trait AnyBot: Send {
    fn describe(&self) -> Description;
    fn run(self: Box<Self>) -> Running;
    #[cfg(feature = "desk")]
    fn is_not_configured(&self) -> bool;
    #[cfg(feature = "desk")]
    fn serve(
        self: Box<Self>,
        config: Config,
        apps: &[App],
        listener: tokio::net::TcpListener,
    ) -> Running;
}

impl<S: Send + Sync + 'static> AnyBot for Bot<S> {
    fn describe(&self) -> Description {
        Self::describe(self)
    }

    fn run(self: Box<Self>) -> Running {
        Box::pin(Self::run(*self))
    }

    #[cfg(feature = "desk")]
    fn is_not_configured(&self) -> bool {
        Self::is_not_configured(self)
    }

    #[cfg(feature = "desk")]
    fn serve(
        self: Box<Self>,
        config: Config,
        apps: &[App],
        listener: tokio::net::TcpListener,
    ) -> Running {
        let mut bot = self.config(config);
        for app in apps {
            bot = bot.app(&app.name, app.id);
        }
        Box::pin(Self::serve(bot, listener))
    }
}
