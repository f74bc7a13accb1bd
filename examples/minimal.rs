//! A bot that repeats what it hears.

use handover::prelude::*;

#[on_message]
async fn echo(text: Text) -> String {
    format!("You said: {text}")
}

#[tokio::main]
async fn main() -> handover::Result {
    Bot::new(routes![echo]).run().await
}
