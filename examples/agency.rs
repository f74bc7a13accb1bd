//! An agency: one bot for many clients, each with separate settings, who come and go while it runs.
//!
//! ```text
//! (Ana writes to the café's Page, whose people answer at any time.)
//! Ana: hours
//! bot: We answer at any time.
//! Ana: I need a human
//! bot: One moment, a colleague is taking over.
//!
//! (Dan writes to the bakery's Page.)
//! Dan: hours
//! bot: We answer Mon-Sat 05:00-12:00 Europe/Berlin.
//! (The bakery leaves the agency, and its entry the file.)
//! Dan: Is anybody there?
//! (It comes back, with other hours.)
//! Dan: hours
//! bot: We answer Mon-Fri 08:00-12:00 Europe/Berlin.
//! ```
//!
//! The clients are in a file, `agency.json`, with their tokens and settings; a [`TokenStore`] of your own
//! can be a database instead. A client that is added gets its profile and its subscription at once; of one
//! that is removed, everything ends.
//!
//! `cargo run --example agency` runs it against the simulator. With `MESSENGER_ACCOUNTS_FILE`,
//! `MESSENGER_APP_ID` and the other variables of the app set, the same program is a production bot.

use std::sync::Arc;

use handover::prelude::*;
use handover::sim::SimulatorBuilder;
use handover::{OfficeHours, Simulation, TokenFile, TokenStore};

#[on_message(text = "hours")]
async fn hours(hours: OfficeHours) -> String {
    format!("We answer {hours}.")
}

/// To the people of this client: the Page Inbox, or the app that its settings name.
#[on_message(words = ["human", "agent"])]
async fn to_agent(hours: OfficeHours) -> Outcome {
    if hours.are_now() {
        Handoff::saying("One moment, a colleague is taking over.").into()
    } else {
        format!("We are here {hours}. Leave us a message.").into()
    }
}

#[fallback]
async fn help() -> Message {
    "What would you like to know?".with_quick_replies(["Hours", "Talk to a human"])
}

pub(crate) fn bot(clients: impl TokenStore) -> Bot {
    Bot::new(routes![hours, to_agent, help])
        .token_store(Arc::new(clients))
        .subscribe()
}

pub(crate) const BAKERY: &str = "1063254873751024";

pub(crate) fn platform(platform: SimulatorBuilder) -> SimulatorBuilder {
    platform.page(BAKERY, "Bakery")
}

/// The tokens of the simulator.
pub(crate) const CLIENTS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/agency.json");

#[tokio::main]
async fn main() -> handover::Result {
    let file = std::env::var_os("MESSENGER_ACCOUNTS_FILE").unwrap_or(CLIENTS.into());
    let bot = bot(TokenFile::open(file)?);
    Simulation::new()
        .platform(platform)
        .bot("agency", bot)
        .run()
        .await
}
