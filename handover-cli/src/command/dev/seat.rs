//! Who takes part: each bot with its app, its port and its secrets.

use std::io;
use std::net::{Ipv4Addr, TcpListener};

use handover_sim::{SimulatedApp, Simulator, SimulatorBuilder};

use crate::environment::{DESK, Environment};

/// A bot to be.
pub(super) struct Seat {
    /// Its name, where there are several.
    pub(super) name: Option<String>,
    pub(super) port: u16,
    /// What its environment says.
    pub(super) variables: Vec<(String, String)>,
}

impl Seat {
    fn get(&self, name: &str) -> &str {
        let found = self.variables.iter().find(|(known, _)| known == name);
        found.map_or("", |(_, value)| value)
    }

    fn webhook(&self) -> String {
        format!("http://127.0.0.1:{}/webhook", self.port)
    }

    /// Where it can be reached.
    pub(super) fn told(&self) -> String {
        let name = self.name.as_deref().unwrap_or("the bot");
        format!("{name} listens at {}", self.webhook())
    }

    fn app(&self) -> SimulatedApp {
        SimulatedApp::new(
            self.get("MESSENGER_APP_ID"),
            self.name.as_deref().unwrap_or("Your bot"),
        )
        .webhook(self.webhook())
        .secret(self.get("MESSENGER_APP_SECRET"))
        .token(self.get("MESSENGER_ACCESS_TOKEN"))
        .verify_token(self.get("MESSENGER_VERIFY_TOKEN"))
    }
}

/// The bots of these names; without names, one.
pub(super) fn seats(
    environment: &Environment,
    names: &[String],
    port: u16,
) -> io::Result<Vec<Seat>> {
    let set =
        |name: &str, default: &str| environment.get(name).unwrap_or_else(|| default.to_owned());
    let own: Vec<_> = DESK
        .into_iter()
        .filter(|(name, _)| name.starts_with("MESSENGER_"))
        .map(|(name, default)| (name.to_owned(), set(name, default)))
        .collect();
    if names.is_empty() {
        return Ok(vec![Seat {
            name: None,
            port: listen(port)?.local_addr()?.port(),
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
    let seat = |((name, id), wanted): ((&String, u64), u16)| {
        let listener = listen(if port == 0 { 0 } else { wanted })?;
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
        Ok(Seat {
            name: Some(name.clone()),
            port,
            variables,
        })
    };
    names.iter().zip(first_id..).zip(port..).map(seat).collect()
}

/// At this port, or at another one if a program has it.
fn listen(port: u16) -> io::Result<TcpListener> {
    let here = |port| TcpListener::bind((Ipv4Addr::LOCALHOST, port));
    here(port).or_else(|_| here(0))
}

/// The platform that they all share.
pub(super) fn simulator(seats: &[Seat]) -> SimulatorBuilder {
    let page = seats
        .first()
        .map_or("", |seat| seat.get("MESSENGER_PAGE_ID"));
    let builder = Simulator::builder().page(page, "Kaffeehaus").instagram(
        "17841405793187218",
        "kaffeehaus",
        page,
    );
    seats
        .iter()
        .fold(builder, |builder, seat| builder.app(seat.app()))
}
