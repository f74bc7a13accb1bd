//! A bot that repeats messages.

use handover::prelude::*;

/// Repeats the message.
#[on_message]
async fn echo(text: Text) -> String {
    format!("You said: {text}")
}

/// The bot. An event goes to the first handler in the list that matches.
pub fn bot() -> Bot {
    Bot::new(routes![echo])
}
