//! Setup of each bot: its app, its port and its secrets.

use std::io;
use std::net::{Ipv4Addr, TcpListener};

use handover_sim::{SimulatedApp, Simulator, SimulatorBuilder};

use crate::environment::{CliEnvironment, LOCAL};

/// Setup of a bot.
pub(super) struct BotSetup {
    /// Name, if there are several bots.
    pub(super) name: Option<String>,
    pub(super) port: u16,
    /// Why it is not the requested port.
    pub(super) elsewhere: Option<String>,
    /// Environment of the process.
    pub(super) variables: Vec<(String, String)>,
}

impl BotSetup {
    fn get(&self, name: &str) -> &str {
        let found = self.variables.iter().find(|(known, _)| known == name);
        found.map_or("", |(_, value)| value)
    }

    /// The first of several secrets.
    fn secret(&self) -> &str {
        let secrets = self.get("MESSENGER_APP_SECRET").split(',');
        secrets
            .map(str::trim)
            .find(|secret| !secret.is_empty())
            .unwrap_or_default()
    }

    fn webhook(&self) -> String {
        format!("http://127.0.0.1:{}/webhook", self.port)
    }

    pub(super) fn name(&self) -> &str {
        self.name.as_deref().unwrap_or("the bot")
    }

    /// Line with the address of the bot.
    pub(super) fn summary(&self) -> String {
        format!("{} listens at {}", self.name(), self.webhook())
    }

    fn app(&self) -> SimulatedApp {
        SimulatedApp::new(
            self.get("MESSENGER_APP_ID"),
            self.name.as_deref().unwrap_or("Your bot"),
        )
        .webhook(self.webhook())
        .secret(self.secret())
        .token(self.get("MESSENGER_ACCESS_TOKEN"))
        .verify_token(self.get("MESSENGER_VERIFY_TOKEN"))
    }
}

/// Returns the setups of the bots with these names; without names, of one bot.
pub(super) fn setups(
    environment: &CliEnvironment,
    names: &[String],
    port: u16,
) -> io::Result<Vec<BotSetup>> {
    let set =
        |name: &str, default: &str| environment.get(name).unwrap_or_else(|| default.to_owned());
    let own: Vec<_> = LOCAL
        .into_iter()
        .filter(|(name, _)| name.starts_with("MESSENGER_"))
        .map(|(name, default)| (name.to_owned(), set(name, default)))
        .collect();
    if names.is_empty() {
        let (listener, elsewhere) = listen(port)?;
        return Ok(vec![BotSetup {
            name: None,
            port: listener.local_addr()?.port(),
            elsewhere,
            variables: own,
        }]);
    }
    let first_id = own.iter().find(|(name, _)| name == "MESSENGER_APP_ID");
    let first_id = first_id
        .and_then(|(_, id)| id.parse::<u64>().ok())
        .unwrap_or(1);
    let others: Vec<_> = names
        .iter()
        .zip(first_id..)
        .map(|(name, id)| {
            let name = name.to_uppercase().replace('-', "_");
            (format!("MESSENGER_APP_ID_{name}"), id.to_string())
        })
        .collect();
    // Held until all have one, so that no two get the same.
    let mut listeners = Vec::new();
    let bot = |((name, id), wanted): ((&String, u64), u16)| {
        let (listener, elsewhere) = listen(if port == 0 { 0 } else { wanted })?;
        let port = listener.local_addr()?.port();
        listeners.push(listener);
        let mut variables = own.clone();
        for (variable, value) in &mut variables {
            match variable.as_str() {
                "MESSENGER_APP_ID" => *value = id.to_string(),
                // Each app has a token of its own for the Page.
                "MESSENGER_ACCESS_TOKEN" if id != first_id => *value = format!("{value}-{name}"),
                _ => {}
            }
        }
        variables.extend(others.clone());
        Ok(BotSetup {
            name: Some(name.clone()),
            port,
            elsewhere,
            variables,
        })
    };
    names.iter().zip(first_id..).zip(port..).map(bot).collect()
}

/// Listens on this port, or on a free one, with the reason.
fn listen(port: u16) -> io::Result<(TcpListener, Option<String>)> {
    match bind(port) {
        Ok(listener) => Ok((listener, None)),
        Err(error) => {
            let reason =
                format!("not at port {port}, where `handover trigger` looks for it: {error}");
            Ok((bind(0)?, Some(reason)))
        }
    }
}

pub(super) fn bind(port: u16) -> io::Result<TcpListener> {
    TcpListener::bind((Ipv4Addr::LOCALHOST, port))
}

/// Returns the simulator for these bots.
pub(super) fn simulator(setups: &[BotSetup]) -> SimulatorBuilder {
    let page = setups
        .first()
        .map_or("", |bot| bot.get("MESSENGER_PAGE_ID"));
    let builder = Simulator::builder().page(page, "Kaffeehaus").instagram(
        "17841405793187218",
        "kaffeehaus",
        page,
    );
    setups
        .iter()
        .fold(builder, |builder, bot| builder.app(bot.app()))
}
