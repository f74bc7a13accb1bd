//! Two bots behind one Page: a receptionist passes questions about invoices to a
//! specialist, and the specialist passes the thread back.
//!
//! ```text
//! Ana: Hello
//! reception: This is the reception. Ask me about an "invoice" and I will pass you on.
//! Ana: Where is my invoice?
//! reception: That is one for our billing team.
//! billing: Billing here. You wrote: "Where is my invoice?". Say "done" when we are through.
//! Ana: And the last one?
//! billing: Your invoice is on its way. Say "done" when we are through.
//! Ana: Done
//! billing: Glad to help. Back to the reception.
//! reception: Reception again. Anything else?
//! ```
//!
//! `cargo run --example two_apps` starts both against the simulator. In production each is a process
//! with the configuration of its own app, `two_apps reception` and `two_apps billing`, and
//! `MESSENGER_APP_ID_BILLING` and `MESSENGER_APP_ID_RECEPTION` contain each other's ids. On one machine, each
//! needs a different `PORT`, `HANDOVER_STORE` and `HANDOVER_OPERATIONS`.

use handover::Simulation;
use handover::prelude::*;
use handover::{Target, TargetApp};
use serde::{Deserialize, Serialize};

/// Metadata from one bot to the other.
#[derive(Serialize, Deserialize)]
struct Question {
    text: String,
}

struct Billing;

impl Target for Billing {
    const APP: TargetApp = TargetApp::Named("billing");
}

struct Reception;

impl Target for Reception {
    const APP: TargetApp = TargetApp::Named("reception");
}

pub(crate) mod reception {
    use super::*;

    #[on_message(words = ["invoice", "bill", "payment"])]
    #[handoff(to = Billing)]
    async fn to_billing(text: Text) -> Handoff<Question> {
        Handoff::saying("That is one for our billing team.").metadata(Question { text: text.0 })
    }

    #[on_pass_thread_control(from = Billing)]
    async fn back_again() -> &'static str {
        "Reception again. Anything else?"
    }

    #[fallback]
    async fn greet() -> &'static str {
        "This is the reception. Ask me about an \"invoice\" and I will pass you on."
    }

    pub(crate) fn bot() -> Bot {
        Bot::new(routes![to_billing, back_again, greet])
    }
}

pub(crate) mod billing {
    use super::*;

    #[on_pass_thread_control(from = Reception)]
    async fn take_over(question: Metadata<Question>) -> String {
        format!(
            "Billing here. You wrote: \"{}\". Say \"done\" when we are through.",
            question.text
        )
    }

    #[on_message(text = ["done", "thanks"])]
    #[handoff(to = Reception)]
    async fn hand_back() -> &'static str {
        "Glad to help. Back to the reception."
    }

    #[fallback]
    async fn answer() -> &'static str {
        "Your invoice is on its way. Say \"done\" when we are through."
    }

    pub(crate) fn bot() -> Bot {
        Bot::new(routes![take_over, hand_back, answer])
    }
}

#[tokio::main]
async fn main() -> handover::Result {
    Simulation::new()
        .bot("reception", reception::bot())
        .bot("billing", billing::bot())
        .run()
        .await
}
