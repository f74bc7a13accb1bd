//! A bot for the threads of an Instagram professional account that is linked to a Page.

use handover::prelude::*;

/// A reply to a story deserves a word of thanks.
#[on_message(reply_to = "story", object = "instagram")]
async fn story_reply() -> &'static str {
    "Thank you for your reply to our story!"
}

/// A mention in somebody's story comes as an attachment.
#[on_message(attachment = "story_mention", object = "instagram")]
async fn story_mention() -> &'static str {
    "Thank you for the mention!"
}

/// Hands the conversation to the people in the Instagram Inbox.
#[on_message(words = ["agent", "human", "help me"])]
#[handoff(to = "instagram_inbox", reclaim_after = "2h")]
async fn to_agent() -> &'static str {
    "One moment, a colleague is taking over."
}

/// The colleague is done: the bot has the thread again.
#[on_pass_thread_control(from = "instagram_inbox")]
async fn back_again() -> &'static str {
    "I am back. Anything else?"
}

/// Nobody returned it: the bot has taken the thread back.
#[on_timer(name = "reclaim")]
async fn nobody_came() -> &'static str {
    "Sorry that it took so long. Can I help?"
}

/// Answers everything else.
#[fallback]
async fn greet() -> Message {
    Message::text("Hi! How can I help?").quick_reply("Agent", "AGENT")
}

/// The bot: its handlers, in the order in which they are asked.
pub fn bot() -> Bot {
    Bot::new(routes![
        story_reply,
        story_mention,
        to_agent,
        back_again,
        nobody_came,
        greet
    ])
}
