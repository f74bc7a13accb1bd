//! A bot that several machines run together: any of them receives, and one works each conversation.

use handover::prelude::*;
use serde::{Deserialize, Serialize};

/// Session of a thread. It is in the database, so whichever node works the thread has it.
#[derive(Default, Serialize, Deserialize)]
struct Visit {
    messages: u64,
}

/// Answers *Get Started*.
#[on_postback(payload = "GET_STARTED")]
async fn welcome() -> &'static str {
    "Hi! Ask me anything, or write \"agent\" to talk to a person."
}

/// Hands the conversation to an agent.
#[on_message(words = ["agent", "human", "help me"])]
#[handoff(to = "page_inbox", reclaim_after = "30m")]
async fn to_agent() -> &'static str {
    "One moment, a colleague is taking over."
}

/// The colleague pressed "Done": the bot has the thread again.
#[on_pass_thread_control(from = "page_inbox")]
async fn back_again() -> &'static str {
    "I am back. Anything else?"
}

/// No agent was done in time: the bot has taken the thread back.
#[on_timer(name = "reclaim")]
async fn nobody_came() -> &'static str {
    "My colleagues are busy right now, so I stay with you."
}

/// Counts, so that it would be seen if an event were handled twice or out of order.
#[on_message]
async fn counts(text: Text, mut visit: Session<Visit>) -> String {
    visit.messages += 1;
    format!("{}. You said: {:.240}", visit.messages, text.0)
}

/// The bot. An event goes to the first handler in the list that matches.
pub fn bot() -> Bot {
    Bot::new(routes![welcome, to_agent, back_again, nobody_came, counts])
}
