//! The bot for invoices.

use handover::prelude::*;

use crate::question::{Question, Reception};

/// The reception passed a question on.
#[on_pass_thread_control(from = Reception)]
async fn take_over(question: Metadata<Question>) -> String {
    format!(
        "Billing here. You wrote: \"{}\". Say \"done\" when we are through.",
        question.text
    )
}

/// Passes the thread back.
#[on_message(text = ["done", "thanks"])]
#[handoff(to = Reception)]
async fn hand_back() -> &'static str {
    "Glad to help. Back to the reception."
}

/// Answers.
#[fallback]
async fn answer() -> &'static str {
    "Your invoice is on its way. Say \"done\" when we are through."
}

/// The bot of the second app.
pub fn bot() -> Bot {
    Bot::new(routes![take_over, hand_back, answer])
}
