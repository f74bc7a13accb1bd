//! A bot for an Instagram professional account that is linked to a Page.
//!
//! ```text
//! (Ana answers the account's story.)
//! Ana: Is that cake vegan?
//! bot: Thank you for your answer to our story! Write "agent" to talk about it.
//! (She mentions the account in a story of her own.)
//! Ana: [story_mention]
//! bot: Thank you for showing us to your friends!
//! Ana: agent
//! bot: One moment, a colleague is taking over.
//! (Ben finds the thread in the Instagram Inbox.)
//! Ben: Hi Ana, it is.
//! (He is done.)
//! bot: I am back. Anything else?
//! ```
//!
//! It is called through the Page, with the Page's token, so nothing more is configured. What differs
//! from Messenger:
//!
//! * The people are in another inbox. `"page_inbox"` means it, too, on a thread of Instagram;
//!   `"instagram_inbox"` means it on every thread.
//! * There are stories. The address of one in which the account is mentioned ends after a day.
//! * There is no "Get Started": the bot's [`Profile`](handover::Profile) has ice breakers.
//! * Longer texts than 1000 bytes become several messages.
//!
//! `cargo run --example instagram` runs it against the simulator. With
//! `MESSENGER_PAGE_ID` (the linked Page) and the other variables set, the same program is a
//! production bot.

use handover::prelude::*;

#[on_message(reply_to = "story")]
async fn story_answered() -> &'static str {
    "Thank you for your answer to our story! Write \"agent\" to talk about it."
}

#[on_message(attachment = "story_mention")]
async fn mentioned() -> &'static str {
    "Thank you for showing us to your friends!"
}

#[on_message(words = "agent")]
#[handoff(to = "instagram_inbox")]
async fn to_agent() -> &'static str {
    "One moment, a colleague is taking over."
}

#[on_pass_thread_control(from = "instagram_inbox")]
async fn back_again() -> &'static str {
    "I am back. Anything else?"
}

#[fallback]
async fn greet() -> &'static str {
    "Hi! Write \"agent\" to talk to a person."
}

pub(crate) fn bot() -> Bot {
    Bot::new(routes![
        story_answered,
        mentioned,
        to_agent,
        back_again,
        greet
    ])
}

#[tokio::main]
async fn main() -> handover::Result {
    handover::run(bot()).await
}
