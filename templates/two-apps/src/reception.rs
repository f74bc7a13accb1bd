//! The bot of the default app, which passes questions on.

use handover::prelude::*;

use crate::question::{Billing, Question};

/// Passes questions about invoices to billing.
#[on_message(words = ["invoice", "bill", "payment"])]
#[handoff(to = Billing)]
async fn to_billing(text: Text) -> Handoff<Question> {
    Handoff::saying("That is one for our billing team.").metadata(Question { text: text.0 })
}

/// Billing is done.
#[on_pass_thread_control(from = Billing)]
async fn back_again() -> &'static str {
    "Reception again. Anything else?"
}

/// Explains itself.
#[fallback]
async fn greet() -> &'static str {
    "This is the reception. Ask me about an \"invoice\" and I will pass you on."
}

/// The bot of the Page's default app.
pub fn bot() -> Bot {
    Bot::new(routes![to_billing, back_again, greet])
}
