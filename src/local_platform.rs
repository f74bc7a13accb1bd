//! The simulator of this machine, as the bots of a program use it.

use handover_sim::local::{self, LocalApp};
use handover_sim::{Simulator, SimulatorBuilder};

use crate::{Config, Error, Result};

/// A simulator with a Page and an Instagram account.
pub(crate) fn platform() -> SimulatorBuilder {
    local::platform(local::PAGE_ID)
}

/// The configuration of the bot with this app.
pub(crate) fn config(app: &LocalApp, simulator: &Simulator) -> Result<Config> {
    Ok(Config::new(local::PAGE_ID, app.id.clone())
        .access_token(&app.access_token)
        .app_secret(&app.secret)
        .verify_token(&app.verify_token)
        .graph_url(simulator.graph_url().parse().map_err(Error::other)?))
}
