//! One bot for several Pages and Instagram accounts, each with its own token, and handlers for some
//! of them only.
//!
//! ```text
//! (Ana writes to the café's Page.)
//! Ana: hours
//! bot: The café is open from 7 to 19.
//!
//! (Cleo writes to the café's Instagram account.)
//! Cleo: hours
//! bot: The café is open from 7 to 19.
//! Cleo: menu
//! bot: Our menu is in the highlights of our profile.
//!
//! (Dan writes to the bakery's Page.)
//! Dan: hours
//! bot: The bakery is open from 4 to 12.
//! Dan: menu
//! bot: Bread, rolls and pretzels.
//! ```
//!
//! The accounts are in a file such as `many_pages.json`, and the bot speaks for whatever is in it, also
//! for what is added while it runs. Your own [`TokenStore`] can be a database instead.
//!
//! `cargo run --example many_pages` runs it against the simulator. With
//! `MESSENGER_ACCOUNTS_FILE`, `MESSENGER_APP_ID` and the other variables of the app set, the same
//! program is a production bot.

use std::sync::Arc;

use handover::Simulation;
use handover::prelude::*;
use handover::sim::SimulatorBuilder;
use handover::{TokenFile, TokenStore};

#[on_message(text = "hours", page = "1063254873751024")]
async fn hours_of_the_bakery() -> &'static str {
    "The bakery is open from 4 to 12."
}

/// Of all other accounts.
#[on_message(text = "hours")]
async fn hours_of_the_cafe() -> &'static str {
    "The café is open from 7 to 19."
}

#[on_message(text = "menu", object = "instagram")]
async fn menu_on_instagram() -> &'static str {
    "Our menu is in the highlights of our profile."
}

#[on_message(text = "menu", page = "1063254873751024")]
async fn menu_of_the_bakery() -> &'static str {
    "Bread, rolls and pretzels."
}

#[fallback]
async fn help() -> Message {
    "What would you like to know?".with_quick_replies(["Hours", "Menu"])
}

pub(crate) fn bot(accounts: impl TokenStore) -> Bot {
    Bot::new(routes![
        hours_of_the_bakery,
        hours_of_the_cafe,
        menu_on_instagram,
        menu_of_the_bakery,
        help
    ])
    .token_store(Arc::new(accounts))
}

pub(crate) const BAKERY: &str = "1063254873751024";

pub(crate) fn platform(platform: SimulatorBuilder) -> SimulatorBuilder {
    platform.page(BAKERY, "Bakery")
}

/// The tokens of the simulator.
pub(crate) const ON_YOUR_DESK: &str =
    concat!(env!("CARGO_MANIFEST_DIR"), "/examples/many_pages.json");

#[tokio::main]
async fn main() -> handover::Result {
    let file = std::env::var_os("MESSENGER_ACCOUNTS_FILE").unwrap_or(ON_YOUR_DESK.into());
    let bot = bot(TokenFile::open(file)?);
    Simulation::new()
        .platform(platform)
        .bot("many_pages", bot)
        .run()
        .await
}
