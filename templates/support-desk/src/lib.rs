//! A help desk: asks for the topic, hands over during office hours, takes the thread back if no agent
//! answers, and asks for a rating at the end.

mod hours;

use handover::prelude::*;
use serde::{Deserialize, Serialize};

pub use hours::OfficeHours;

/// Metadata for the agent.
#[derive(Serialize)]
struct Ticket {
    topic: String,
    last_message: String,
}

/// Session of a thread.
#[derive(Default, Serialize, Deserialize)]
struct Case {
    topic: Option<String>,
}

/// Answers *Get Started*.
#[on_postback(payload = "GET_STARTED")]
async fn welcome() -> Message {
    ask_for_topic("Hi! What is it about?")
}

/// A topic was tapped; its title is the text.
#[on_message(quick_reply = ["DELIVERY", "REFUND", "OTHER"])]
async fn topic(title: Text, mut case: Session<Case>) -> String {
    let answer = match &*title {
        "Delivery" => "Parcels arrive within three days.",
        "Refund" => "Refunds are paid within a week.",
        _ => "I will do my best.",
    };
    case.topic = Some(title.0);
    format!("{answer} Write \"agent\" to talk to a person.")
}

/// Hands over during office hours.
#[on_message(words = ["agent", "human", "person"])]
async fn to_agent(text: Text, case: Session<Case>, hours: State<OfficeHours>) -> Outcome {
    if !hours.are_now() {
        return format!("We are here {}. Leave us a message.", *hours).into();
    }
    let topic = case.topic.clone().unwrap_or_else(|| "not said".into());
    let last_message = text.chars().take(240).collect();
    Handoff::saying("One moment, a colleague is taking over.")
        .metadata(Ticket {
            topic,
            last_message,
        })
        .unclaimed_after(TEN_MINUTES)
        .into()
}

const TEN_MINUTES: std::time::Duration = std::time::Duration::from_secs(10 * 60);

/// No agent has answered: the bot has taken the thread back.
#[on_timer(name = "unclaimed")]
async fn nobody_came() -> &'static str {
    "Sorry, my colleagues are all busy. Write \"agent\" to try again."
}

/// The colleague pressed "Done".
#[on_pass_thread_control(from = "page_inbox")]
async fn rate(mut case: Session<Case>) -> Message {
    case.topic = None;
    Message::text("Did that help?")
        .quick_reply("Yes", "RATED_GOOD")
        .quick_reply("No", "RATED_BAD")
}

#[on_message(quick_reply = "RATED_GOOD")]
async fn rated_good() -> &'static str {
    "Glad to hear it!"
}

#[on_message(quick_reply = "RATED_BAD")]
async fn rated_bad() -> &'static str {
    "Thank you, we will do better. Write \"agent\" to talk to us again."
}

/// An agent asks for the thread, and gets it.
#[on_request_thread_control]
#[handoff(to = "requester")]
async fn grant() {}

/// The platform refused the handoff.
#[on_handoff_failed]
async fn stay() -> &'static str {
    "Nobody can be reached right now, so I stay with you."
}

/// A handler failed: hands over.
#[on_error]
#[handoff(to = "page_inbox")]
async fn sorry() -> &'static str {
    "Something went wrong on our side, so I am fetching a colleague."
}

/// Asks for the topic again.
#[fallback]
async fn not_understood() -> Message {
    ask_for_topic("I did not get that. What is it about?")
}

fn ask_for_topic(question: &str) -> Message {
    Message::text(question)
        .quick_reply("Delivery", "DELIVERY")
        .quick_reply("Refund", "REFUND")
        .quick_reply("Something else", "OTHER")
}

/// State of the bot.
#[derive(BotState)]
pub struct Desk {
    hours: OfficeHours,
}

/// The bot. An event goes to the first handler in the list that matches.
pub fn bot(hours: OfficeHours) -> Bot {
    let routes = routes![
        welcome,
        topic,
        to_agent,
        nobody_came,
        rate,
        rated_good,
        rated_bad,
        grant,
        stay,
        sorry,
        not_understood
    ];
    Bot::with_state(Desk { hours }, routes)
}
