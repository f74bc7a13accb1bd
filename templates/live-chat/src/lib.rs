//! Live chat: a bot that hands conversations to an agent and takes them back.

use handover::prelude::*;
use serde::{Deserialize, Serialize};

/// Metadata for the agent.
#[derive(Serialize)]
struct Ticket {
    last_message: String,
}

impl Ticket {
    /// Quotes the first 240 characters of a message.
    fn quoting(message: &str) -> Self {
        Self {
            last_message: message.chars().take(240).collect(),
        }
    }
}

/// Session of a thread.
#[derive(Default, Serialize, Deserialize)]
struct Visit {
    misunderstood: u32,
}

/// Answers *Get Started*.
#[on_postback(payload = "GET_STARTED")]
async fn welcome() -> &'static str {
    "Hi! Ask me anything, or write \"agent\" to talk to a person."
}

/// Hands the conversation to an agent.
#[on_message(words = ["agent", "human", "help me"])]
#[handoff(to = "page_inbox", reclaim_after = "30m")]
async fn to_agent(text: Text) -> Handoff<Ticket> {
    Handoff::saying("One moment, a colleague is taking over.").metadata(Ticket::quoting(&text))
}

/// The colleague pressed "Done": the bot has the thread again.
#[on_pass_thread_control(from = "page_inbox")]
async fn back_again(mut visit: Session<Visit>) -> &'static str {
    visit.misunderstood = 0;
    "I am back. Anything else?"
}

/// No agent was done in time: the bot has taken the thread back.
#[on_timer(name = "reclaim")]
async fn nobody_came() -> &'static str {
    "My colleagues are busy right now, so I stay with you. Write \"agent\" to try again."
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
    Handoff::saying("I did not get that, so I am fetching a colleague.")
        .metadata(Ticket::quoting(&said))
        .into()
}

/// The bot. An event goes to the first handler in the list that matches.
pub fn bot() -> Bot {
    Bot::new(routes![
        welcome,
        to_agent,
        back_again,
        nobody_came,
        grant,
        stay,
        not_understood
    ])
}
