//! The smallest bot: it repeats what it hears.
//!
//! ```text
//! Ana: Good morning!
//! bot: You said: Good morning!
//! ```
//!
//! `cargo run --example minimal` runs it against the simulator. With
//! `MESSENGER_PAGE_ID` and the other variables set, the same program is a production bot.

use handover::prelude::*;

#[on_message]
async fn echo(text: Text) -> String {
    format!("You said: {text}")
}

pub(crate) fn bot() -> Bot {
    Bot::new(routes![echo])
}

#[tokio::main]
async fn main() -> handover::Result {
    handover::run(bot()).await
}
