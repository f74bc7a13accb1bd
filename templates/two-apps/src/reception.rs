//! Answers first, and knows who knows more.

use handover::prelude::*;

use crate::question::{Billing, Question};

/// Questions about money are the specialist's.
#[on_message(words = ["invoice", "bill", "payment"])]
#[handoff(to = Billing)]
async fn to_billing(text: Text) -> Handoff<Question> {
    Handoff::saying("That is one for our billing team.").metadata(Question { text: text.0 })
}

/// The specialist is done.
#[on_pass_thread_control(from = Billing)]
async fn back_again() -> &'static str {
    "Reception again. Anything else?"
}

/// Says what it can do.
#[fallback]
async fn greet() -> &'static str {
    "This is the reception. Ask me about an \"invoice\" and I will pass you on."
}

/// The bot of the Page's default app.
pub fn bot() -> Bot {
    Bot::new(routes![to_billing, back_again, greet])
}
