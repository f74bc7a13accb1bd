//! The Page, the Instagram account and the apps of a simulator that is started for bots.

use std::net::SocketAddr;

use handover_sim::{SimulatedApp, Simulator, SimulatorBuilder};

use crate::{Config, Error, Result};

const PAGE_ID: &str = "1744550565845823";
const INSTAGRAM_ID: &str = "17841405793187218";
const FIRST_APP_ID: u64 = 1_517_776_481_860_111;
// What `handover trigger` and `handover thread` take where nothing is configured.
const SECRET: &str = "local-secret";
const TOKEN: &str = "local-token";
const VERIFY_TOKEN: &str = "local-verify";

/// Its Page and its Instagram account.
pub(crate) fn platform() -> SimulatorBuilder {
    Simulator::builder()
        .page(PAGE_ID, "Kaffeehaus")
        .instagram(INSTAGRAM_ID, "kaffeehaus", PAGE_ID)
}

/// The app of a bot.
#[derive(Clone)]
pub(crate) struct LocalApp {
    pub(crate) name: String,
    pub(crate) id: u64,
    token: String,
}

impl LocalApp {
    /// The first has number 0.
    pub(crate) fn new(name: impl Into<String>, number: u16) -> Self {
        let name = name.into();
        // Each app has its own token for the Page.
        let token = match number {
            0 => TOKEN.to_owned(),
            _ => format!("{TOKEN}-{name}"),
        };
        let id = FIRST_APP_ID + u64::from(number);
        Self { name, id, token }
    }

    /// As the platform knows it, with the bot at this address.
    pub(crate) fn at(&self, address: SocketAddr) -> SimulatedApp {
        SimulatedApp::new(self.id, &self.name)
            .webhook(format!("http://{address}/webhook"))
            .secret(SECRET)
            .token(&self.token)
            .verify_token(VERIFY_TOKEN)
    }

    /// As the bot has to know it.
    pub(crate) fn config(&self, simulator: &Simulator) -> Result<Config> {
        Ok(Config::new(PAGE_ID, self.id)
            .access_token(&self.token)
            .app_secret(SECRET)
            .verify_token(VERIFY_TOKEN)
            .graph_url(simulator.graph_url().parse().map_err(Error::other)?))
    }
}
