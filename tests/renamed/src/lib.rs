//! What the attributes write must be fine by whatever a crate denies, and find `handover` under the
//! name that the crate gave it.

#![deny(
    missing_debug_implementations,
    missing_docs,
    rust_2018_idioms,
    unnameable_types,
    unreachable_pub,
    unused,
    unused_qualifications,
    clippy::pedantic
)]

use bot::extract::Context;
use bot::prelude::*;

/// What the handlers share.
#[derive(Debug, BotState)]
#[handover(crate = bot)]
pub struct Shop {
    name: Name,
}

/// The shop's name.
#[derive(Clone, Debug)]
pub struct Name(pub String);

/// A line of an order.
#[derive(Debug, FromPayload)]
#[handover(crate = bot)]
pub struct Line {
    article: String,
    count: u32,
}

fn is_open(_: &Context) -> bool {
    true
}

fn is_long(answer: &str) -> bool {
    answer.len() > 3
}

/// Greets.
#[on_message(crate = bot, text = ["hi", "hello"], when = is_open)]
pub async fn greet(name: State<Name>, text: Text) -> String {
    format!("{text} from {}", name.0.0)
}

/// Adds a line.
#[on_postback(crate = bot, payload = "ADD:{article}:{count}")]
pub async fn add(Payload(line): Payload<Line>) -> String {
    std::future::ready(format!("{} × {}", line.count, line.article)).await
}

/// Fetches a person.
#[fallback(crate = bot)]
#[handoff(crate = bot, to = "page_inbox", say = "One moment.", when = is_long)]
pub async fn lost(mut text: Text, Thread(thread): Thread) -> String {
    text.0.insert(0, '¿');
    format!("{text} {}", thread.party)
}

/// All of them.
#[must_use]
pub fn routes() -> Routes<Shop> {
    bot::routes![greet, add, lost]
}

#[cfg(test)]
mod tests {
    use bot::TargetApp;
    use bot::testing::{Dispatcher, event};

    use super::{Name, Shop, routes};

    #[tokio::test(flavor = "current_thread")]
    async fn a_renamed_crate_routes_as_any_other() {
        let shop = Shop {
            name: Name("Anna's".into()),
        };
        let mut bot = Dispatcher::new(bot::Bot::with_state(shop, routes())).unwrap();
        assert_eq!(
            bot.dispatch(event::message("hi")).await.texts(),
            ["hi from Anna's"]
        );
        let answer = bot.dispatch(event::postback("ADD:tea:2")).await;
        assert_eq!(answer.texts(), ["2 × tea"]);
        let answer = bot.dispatch(event::message("what").from("42")).await;
        assert_eq!(answer.texts(), ["¿what 42", "One moment."]);
        assert_eq!(answer.handoff(), Some(TargetApp::Inbox));
    }
}
