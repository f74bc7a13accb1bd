//! What dispatch costs: route, extract, outcome; without a server, a journal or a network.
//!
//! `dispatch handover ROUTES EVENTS` dispatches so many texts to a list of routes, of which the last one
//! takes them; with 0 routes it does all that is not dispatch, such as making the events. `dispatch match
//! ROUTES EVENTS` does the same with a `match`. `benches/run` counts the instructions and allocations of
//! both with valgrind. With the system's allocator, which valgrind knows.

#![expect(
    clippy::expect_used,
    clippy::unwrap_used,
    reason = "what goes wrong here ends the benchmark"
)]

use std::hint::black_box;
use std::time::Instant;

use handover::prelude::*;
use handover::protocol::{EventBody, Received};
use handover::testing::{Dispatcher, event};

macro_rules! routes_that_do_not_match {
    ($($name:ident $text:tt)*) => {
        $(
            #[on_message(text = $text)]
            async fn $name() -> &'static str {
                $text
            }
        )*

        fn many() -> Routes {
            routes![$($name,)* echo]
        }

        fn matched(received: &Received) -> Option<String> {
            let EventBody::Message(message) = &received.event.body else {
                return None;
            };
            let text = message.text.as_deref()?.trim();
            // A text matches in any case, as with `text = …`.
            $(
                if text.eq_ignore_ascii_case($text) {
                    return Some($text.to_owned());
                }
            )*
            Some(text.to_owned())
        }
    };
}

/// Repeats the text.
#[on_message]
async fn echo(text: Text) -> String {
    text.0
}

routes_that_do_not_match! {
    route_0 "price" route_1 "hours" route_2 "address" route_3 "phone" route_4 "menu"
    route_5 "delivery" route_6 "returns" route_7 "refund" route_8 "size" route_9 "colour"
    route_10 "stock" route_11 "order" route_12 "invoice" route_13 "account" route_14 "password"
    route_15 "newsletter" route_16 "gift" route_17 "voucher" route_18 "discount" route_19 "shop"
    route_20 "parking" route_21 "jobs" route_22 "press" route_23 "events" route_24 "catering"
    route_25 "booking" route_26 "cancel" route_27 "change" route_28 "late" route_29 "damaged"
    route_30 "missing" route_31 "wrong" route_32 "warranty" route_33 "repair" route_34 "parts"
    route_35 "manual" route_36 "assembly" route_37 "pickup" route_38 "express" route_39 "abroad"
    route_40 "customs" route_41 "tax" route_42 "company" route_43 "wholesale" route_44 "samples"
    route_45 "care" route_46 "cleaning" route_47 "allergens" route_48 "vegan" route_49 "thanks"
}

fn main() {
    let arguments = std::env::args()
        .skip(1)
        .filter(|argument| argument != "--bench");
    let arguments: Vec<_> = arguments.collect();
    let [how, routes, events] = &arguments[..] else {
        println!("nothing measured: run `benches/run --only dispatch`");
        return;
    };
    let events: u32 = events.parse().unwrap();
    let begun = Instant::now();
    match (how.as_str(), routes.as_str()) {
        ("handover", "0") => dispatch(Routes::default(), events),
        ("handover", "1") => dispatch(routes![echo], events),
        ("handover", _) => dispatch(many(), events),
        _ => by_match(events),
    }
    let each = begun.elapsed() / events.max(1);
    println!("{}", each.as_nanos());
}

const TEXT: &str = "hello, is my order on its way?";

fn dispatch(routes: Routes, events: u32) {
    let runtime = runtime();
    runtime.block_on(async {
        let mut bot = Dispatcher::new(Bot::new(routes)).expect("the routes work");
        for number in 0..events {
            let event = event::message(TEXT).from(person(number));
            let _ = black_box(bot.dispatch(event).await);
        }
    });
}

/// The event is made as in [`dispatch`].
fn by_match(events: u32) {
    let runtime = runtime();
    runtime.block_on(async {
        for number in 0..events {
            let received = Received::from(event::message(TEXT).from(person(number)));
            let outcome = matched(black_box(&received)).map(Outcome::from);
            black_box(outcome);
        }
    });
}

/// Each writes once: every event is the first of its thread.
fn person(number: u32) -> String {
    (5_000_000_000_000_000 + u64::from(number)).to_string()
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap()
}
