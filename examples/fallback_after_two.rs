//! Not understood once: the bot helps out. Not understood twice: a person is the better answer.
//!
//! ```text
//! Ana: When are you open?
//! bot: Every day from 7 to 19.
//! Ana: Do you sell hats?
//! bot: I did not get that. I know when we are open, and where we are.
//! Ana: HATS
//! bot: Sorry, I still do not get it. A colleague will.
//! (Ben finds the thread in the Page Inbox.)
//! Ben: Hi Ana, only cake so far!
//! (He presses "Done".)
//! Ana: Where are you?
//! bot: At Market Square 3.
//! ```
//!
//! `cargo run --example fallback_after_two` runs it against the simulator. With
//! `MESSENGER_PAGE_ID` and the other variables set, the same program is a production bot.

use handover::prelude::*;

/// How many messages in a row were not understood: all that the bot remembers of a thread.
type Misunderstood = Session<u32>;

#[on_message(words = ["open", "hours"])]
async fn hours(mut misunderstood: Misunderstood) -> &'static str {
    *misunderstood = 0;
    "Every day from 7 to 19."
}

#[on_message(words = ["where", "address"])]
async fn address(mut misunderstood: Misunderstood) -> &'static str {
    *misunderstood = 0;
    "At Market Square 3."
}

#[fallback]
async fn not_understood(mut misunderstood: Misunderstood) -> Outcome {
    *misunderstood += 1;
    if *misunderstood < 2 {
        return "I did not get that. I know when we are open, and where we are.".into();
    }
    *misunderstood = 0;
    Handoff::saying("Sorry, I still do not get it. A colleague will.").into()
}

pub(crate) fn bot() -> Bot {
    Bot::new(routes![hours, address, not_understood])
}

#[tokio::main]
async fn main() -> handover::Result {
    handover::run(bot()).await
}
