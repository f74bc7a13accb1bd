//! A bot for the threads of an Instagram professional account that is linked to a Page.

use handover::prelude::*;

/// Thanks for a reply to a story.
#[on_message(reply_to = "story", object = "instagram")]
async fn story_reply() -> &'static str {
    "Thank you for your reply to our story!"
}

/// Thanks for a mention in a story, which is an attachment.
#[on_message(attachment = "story_mention", object = "instagram")]
async fn story_mention() -> &'static str {
    "Thank you for the mention!"
}

/// Hands the conversation to an agent in the Instagram Inbox.
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

/// It did not come back in time: the bot has taken the thread back.
#[on_timer(name = "reclaim")]
async fn nobody_came() -> &'static str {
    "Sorry that it took so long. Can I help?"
}

/// Answers everything else.
#[fallback]
async fn greet() -> Message {
    Message::text("Hi! How can I help?").quick_reply("Agent", "AGENT")
}

/// The bot. An event goes to the first handler in the list that matches.
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
