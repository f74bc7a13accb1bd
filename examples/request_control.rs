//! An agent asks for the thread, and the bot decides: during office hours it gives it away at once,
//! outside of them it keeps it.
//!
//! ```text
//! (It is eleven at night.)
//! Ana: I lost my umbrella.
//! bot: Noted! A colleague reads it from 9 to 17 (UTC).
//! (Ben asks for the thread in the Page Inbox, and does not get it.)
//! bot: A colleague has seen your message already and answers in the morning.
//! (At ten in the morning he asks again.)
//! bot: Good morning! My colleague takes over.
//! Ben: Hi Ana, is it the green one?
//! ```
//!
//! `cargo run --example request_control` runs it against the simulator. With
//! `MESSENGER_PAGE_ID` and the other variables set, the same program is a production bot.

use std::ops::Range;

use handover::extract::Context;
use handover::prelude::*;

/// Hours of the day, UTC.
const OFFICE_HOURS: Range<i64> = 9..17;

/// By the time at which the platform was asked.
fn office_is_open(request: &Context) -> bool {
    let asked_at = request.received().event.timestamp.unwrap_or_default();
    OFFICE_HOURS.contains(&(asked_at.as_millis() / 3_600_000 % 24))
}

/// During office hours, every app that requests the thread gets it.
#[on_request_thread_control(when = office_is_open)]
#[handoff(to = "requester")]
async fn grant() -> &'static str {
    "Good morning! My colleague takes over."
}

/// Otherwise it stays with the bot: nothing forces it to pass the thread.
#[on_request_thread_control]
async fn keep() -> &'static str {
    "A colleague has seen your message already and answers in the morning."
}

#[fallback]
async fn note() -> &'static str {
    "Noted! A colleague reads it from 9 to 17 (UTC)."
}

pub(crate) fn bot() -> Bot {
    Bot::new(routes![grant, keep, note])
}

#[tokio::main]
async fn main() -> handover::Result {
    handover::run(bot()).await
}
