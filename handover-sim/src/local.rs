//! The platform on this machine: the ids, secrets and ports that `handover-sim`, `handover dev` and
//! bots without configuration agree on.

use std::io;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};

use handover_protocol::{AccountId, AppId};

pub use crate::simulator::{PAGE_ID, PAGE_NAME};
use crate::{SimulatedApp, Simulator, SimulatorBuilder, StartError};

/// Id of the Instagram account that is linked to the Page.
pub const INSTAGRAM_ID: &str = "17841405793187218";
/// Id of the first app.
pub const APP_ID: &str = "1517776481860111";
/// Name of an app that is the only one.
pub const APP_NAME: &str = "Your bot";
/// Secret of the apps.
pub const APP_SECRET: &str = "local-secret";
/// Page access token of the first app.
pub const ACCESS_TOKEN: &str = "local-token";
/// Verify token of the webhooks.
pub const VERIFY_TOKEN: &str = "local-verify";
/// Port of the simulator.
pub const SIMULATOR_PORT: u16 = 8090;
/// Port of the first bot; further bots use the next ones.
pub const BOT_PORT: u16 = 8080;

/// Credentials of a bot on this machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LocalApp {
    /// Name of the app.
    pub name: String,
    /// Id of the app.
    pub id: AppId,
    /// The app secret.
    pub secret: String,
    /// The Page access token.
    pub access_token: String,
    /// The verify token of its webhook.
    pub verify_token: String,
}

impl Default for LocalApp {
    fn default() -> Self {
        Self {
            name: APP_NAME.to_owned(),
            id: AppId::from(APP_ID),
            secret: APP_SECRET.to_owned(),
            access_token: ACCESS_TOKEN.to_owned(),
            verify_token: VERIFY_TOKEN.to_owned(),
        }
    }
}

impl LocalApp {
    /// Returns the app of the bot with this number; the first has number 0. Further apps have the next
    /// ids, and different access tokens for the Page.
    ///
    /// ```
    /// use handover_sim::local::LocalApp;
    ///
    /// let billing = LocalApp::default().numbered("billing", 1);
    /// assert_eq!(billing.id.as_str(), "1517776481860112");
    /// assert_eq!(billing.access_token, "local-token-billing");
    /// ```
    #[must_use]
    pub fn numbered(&self, name: impl Into<String>, number: u16) -> Self {
        let mut app = Self {
            name: name.into(),
            ..self.clone()
        };
        if number > 0 {
            let first = self.id.to_number().unwrap_or(1);
            app.id = AppId::from(first.wrapping_add(u64::from(number)));
            app.access_token = format!("{}-{}", self.access_token, app.name);
        }
        app
    }

    /// The app as the simulator knows it, with its bot at this address.
    #[must_use]
    pub fn at(&self, address: SocketAddr) -> SimulatedApp {
        SimulatedApp::new(self.id.clone(), &self.name)
            .webhook(format!("http://{address}/webhook"))
            .secret(&self.secret)
            .token(&self.access_token)
            .verify_token(&self.verify_token)
    }
}

/// A simulator with this Page and its Instagram account.
#[must_use]
pub fn platform(page_id: impl Into<AccountId>) -> SimulatorBuilder {
    let page_id = page_id.into();
    Simulator::builder()
        .page(page_id.clone(), PAGE_NAME)
        .instagram(INSTAGRAM_ID, "kaffeehaus", page_id)
}

/// Binds this port of this machine; if that fails, a free one, and returns why.
///
/// # Errors
///
/// If no port is free.
pub fn bind(port: u16) -> io::Result<(TcpListener, Option<io::Error>)> {
    match TcpListener::bind(loopback(port)) {
        Ok(listener) => Ok((listener, None)),
        Err(taken) => Ok((TcpListener::bind(loopback(0))?, Some(taken))),
    }
}

/// Starts a simulator at this port of this machine; if that is taken, at a free one, and returns why.
///
/// # Errors
///
/// If the simulator cannot start.
pub async fn start(
    platform: SimulatorBuilder,
    port: u16,
) -> Result<(Simulator, Option<io::Error>), StartError> {
    let at = |port| platform.clone().address(loopback(port)).start();
    match at(port).await {
        Err(StartError::Address { source, .. }) => Ok((at(0).await?, Some(source))),
        started => Ok((started?, None)),
    }
}

fn loopback(port: u16) -> SocketAddr {
    (Ipv4Addr::LOCALHOST, port).into()
}

#[cfg(test)]
mod tests {
    use super::LocalApp;

    #[test]
    fn apps_after_the_last_id_have_other_ids() {
        let last = LocalApp {
            id: u64::MAX.into(),
            ..LocalApp::default()
        };
        let ids = [0, 1, 2].map(|number| last.numbered("app", number).id.to_string());
        assert_eq!(ids, ["18446744073709551615", "0", "1"]);
    }
}
