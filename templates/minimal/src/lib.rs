//! A bot that repeats what it hears.

use handover::prelude::*;

/// Says what was said.
#[on_message]
async fn echo(text: Text) -> String {
    format!("You said: {text}")
}

/// The bot: its handlers, in the order in which they are asked.
pub fn bot() -> Bot {
    Bot::new(routes![echo])
}
