//! Live chat: a bot that hands conversations to an agent and takes them back.
//!
//! ```text
//! Ana: Get Started
//! bot: Hi! Ask me anything, or write "agent" to talk to a person.
//! Ana: I need a human please
//! bot: One moment, a colleague is taking over.
//! (Ben finds the thread in the Page Inbox. The bot is silent now.)
//! Ana: Is anybody there?
//! Ben: Hi Ana, Ben here.
//! (He presses "Done".)
//! bot: I am back. You asked for a person: is that settled?
//! Ana: What is life?
//! bot: You said: What is life?
//! Ana: Why?
//! bot: You said: Why?
//! Ana: But why?
//! bot: I did not get that, so I am fetching a colleague.
//! ```
//!
//! `cargo run --example live_chat` starts it against the simulator and prints the address of a page
//! on which you are the customer and the agent. With `MESSENGER_PAGE_ID` and the other variables
//! set, the same program is a production bot.

use handover::prelude::*;
use serde::{Deserialize, Serialize};

/// Metadata for the agent.
#[derive(Clone, Serialize, Deserialize)]
struct Ticket {
    reason: String,
    last_message: String,
}

impl Ticket {
    /// Quotes the first 240 characters of a message.
    fn new(reason: &str, message: &str) -> Self {
        let last_message = message.chars().take(240).collect();
        Self {
            reason: reason.into(),
            last_message,
        }
    }
}

/// Session of a thread.
#[derive(Default, Serialize, Deserialize)]
struct Visit {
    misunderstood: u32,
    ticket: Option<Ticket>,
}

/// Answers *Get Started*.
#[on_postback(payload = "GET_STARTED")]
async fn welcome() -> &'static str {
    "Hi! Ask me anything, or write \"agent\" to talk to a person."
}

/// Hands the conversation to an agent.
#[on_message(words = ["agent", "human", "help me"])]
#[handoff(to = "page_inbox")]
async fn to_agent(text: Text, mut visit: Session<Visit>) -> Handoff<Ticket> {
    let ticket = Ticket::new("asked for a person", &text);
    visit.ticket = Some(ticket.clone());
    Handoff::saying("One moment, a colleague is taking over.").metadata(ticket)
}

/// The colleague pressed "Done": the bot has the thread again.
#[on_pass_thread_control(from = "page_inbox")]
async fn back_again(note: Option<Metadata>, mut visit: Session<Visit>) -> String {
    let ticket = std::mem::take(&mut *visit).ticket;
    match (note, ticket) {
        (Some(note), _) => format!("I am back. My colleague noted: {:.240}.", *note),
        (None, Some(ticket)) => format!("I am back. You {}: is that settled?", ticket.reason),
        (None, None) => "I am back. Anything else?".into(),
    }
}

/// The inbox asks for the thread, and gets it.
#[on_request_thread_control]
#[handoff(to = "requester")]
async fn grant() {}

/// The platform refused the handoff.
#[on_handoff_failed]
async fn stay() -> &'static str {
    "Nobody can be reached right now, so I stay with you."
}

/// Repeats messages that it does not understand, and hands over at the third one.
#[fallback]
async fn not_understood(text: Option<Text>, mut visit: Session<Visit>) -> Outcome {
    let said = text.map_or_else(|| "something without words".into(), |text| text.0);
    visit.misunderstood += 1;
    if visit.misunderstood <= 2 {
        return format!("You said: {said:.240}").into();
    }
    let ticket = Ticket::new("were not understood", &said);
    visit.ticket = Some(ticket.clone());
    Handoff::saying("I did not get that, so I am fetching a colleague.")
        .metadata(ticket)
        .into()
}

pub(crate) fn bot() -> Bot {
    Bot::new(routes![
        welcome,
        to_agent,
        back_again,
        grant,
        stay,
        not_understood
    ])
}

#[tokio::main]
async fn main() -> handover::Result {
    handover::run(bot()).await
}
