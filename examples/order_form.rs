//! A form over several messages: what was said is kept in a session, and each answer asks for what is
//! still missing.
//!
//! ```text
//! Ana: Get Started
//! bot: What shall we bake for you?
//! bot: (Sachertorte [Sachertorte, please]) (Apple strudel [Strudel, please])
//! Ana: Sachertorte, please
//! bot: How large shall it be? [Small] [Large]
//! Ana: Is there a huge one?
//! bot: How large shall it be? [Small] [Large]
//! Ana: Large
//! bot: What shall we write on it?
//! Ana: Happy birthday, Mum!
//! bot: Large Sachertorte, "Happy birthday, Mum!". Is that right? [Order it] [Start again]
//! Ana: Order it
//! bot: Thank you! It is ready tomorrow.
//! ```
//!
//! `cargo run --example order_form` runs it against the simulator. With
//! `MESSENGER_PAGE_ID` and the other variables set, the same program is a production bot.

use handover::prelude::*;
use serde::{Deserialize, Serialize};

/// What has been filled in so far. It outlives restarts, as all sessions do.
#[derive(Default, Serialize, Deserialize)]
struct Order {
    cake: Option<String>,
    size: Option<String>,
    words: Option<String>,
}

impl Order {
    /// Asks for the first thing that is missing; of the whole, whether it is right.
    fn next(&self) -> Message {
        let Some(cake) = &self.cake else {
            return cakes().into();
        };
        let Some(size) = &self.size else {
            return "How large shall it be?".with_quick_replies(["Small", "Large"]);
        };
        let Some(words) = &self.words else {
            return "What shall we write on it?".into();
        };
        format!("{size} {cake}, \"{words:.240}\". Is that right?").with_buttons([
            Button::postback("Order it", "ORDER"),
            Button::postback("Start again", "START_AGAIN"),
        ])
    }
}

fn cakes() -> Carousel {
    let card = |name: &str, button| {
        let button = Button::postback(button, format!("CAKE:{name}"));
        Card::new(name).button(button)
    };
    Carousel::new()
        .card(card("Sachertorte", "Sachertorte, please"))
        .card(card("Apple strudel", "Strudel, please"))
}

#[on_postback(payload = ["GET_STARTED", "START_AGAIN"])]
async fn start(mut order: Session<Order>) -> (&'static str, Message) {
    *order = Order::default();
    ("What shall we bake for you?", order.next())
}

/// Cards stay in the chat: a tap on another one changes the order, at any time.
#[on_postback(payload = "CAKE:{name}")]
async fn cake(name: Payload, mut order: Session<Order>) -> Message {
    order.cake = Some(name.0);
    order.next()
}

#[on_message(text = ["small", "large"])]
async fn size(text: Text, mut order: Session<Order>) -> Message {
    order.size = Some(text.0);
    order.next()
}

/// Only a form that asks for words takes any text for an answer; else it asks again.
#[fallback]
async fn words(text: Option<Text>, mut order: Session<Order>) -> Message {
    if order.cake.is_some() && order.size.is_some() {
        order.words = text.map(|text| text.0);
    }
    order.next()
}

/// The button stays in the chat as well, so the form may be another one by now.
#[on_postback(payload = "ORDER")]
async fn submit(mut order: Session<Order>) -> Message {
    if order.words.is_none() {
        return order.next();
    }
    *order = Order::default();
    "Thank you! It is ready tomorrow.".into()
}

pub(crate) fn bot() -> Bot {
    Bot::new(routes![start, cake, size, submit, words])
}

#[tokio::main]
async fn main() -> handover::Result {
    handover::run(bot()).await
}
