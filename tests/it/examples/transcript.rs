//! Conversations as the headers of the examples tell them.

use handover::protocol::{AppId, OutgoingAttachment};
use handover::sim::platform::{ChatMessage, MessageAuthor};
use handover::testing::Person;
use serde_json::Value;

/// The agent in every inbox.
pub(crate) const AGENT: &str = "Ben";

/// The transcript in the header of an example: a line for each message, and an empty one between the
/// chats of different persons. What is in parentheses is for readers.
pub(crate) fn expected(example: &str) -> String {
    let header = example.lines().map_while(|line| line.strip_prefix("//!"));
    let lines: Vec<_> = header
        .map(str::trim)
        .skip_while(|line| *line != "```text")
        .skip(1)
        .take_while(|line| *line != "```")
        .filter(|line| !line.starts_with('('))
        .collect();
    lines.join("\n")
}

/// The chats of these persons as they were, with one bot or several.
pub(crate) fn played(bots: &[&str], persons: &[&Person]) -> String {
    let chats = persons.iter().map(|person| {
        let messages = person.messages().into_iter();
        let lines = messages.map(|message| {
            let speaker = match &message.author {
                MessageAuthor::Person => person.name(),
                MessageAuthor::App(app) => name_of(app, bots),
            };
            format!("{speaker}: {}", shown(&message))
        });
        lines.collect::<Vec<_>>().join("\n")
    });
    chats.collect::<Vec<_>>().join("\n\n")
}

/// The scenario numbers its bots.
fn name_of<'a>(app: &AppId, bots: &[&'a str]) -> &'a str {
    const FIRST_BOT: u64 = 1_517_776_481_860_111;
    if *app == AppId::PAGE_INBOX || *app == AppId::INSTAGRAM_INBOX {
        return AGENT;
    }
    let mut numbered = bots.iter().zip(FIRST_BOT..);
    numbered
        .find_map(|(bot, id)| (AppId::from(id) == *app).then_some(*bot))
        .expect("one of the bots or an agent wrote it")
}

/// The text, and what can be tapped; of cards all, each in parentheses.
fn shown(message: &ChatMessage) -> String {
    let text = message.text.iter().cloned();
    let attachment = message.attachment.iter().map(attached);
    let quick_replies = message.quick_replies.iter().map(|reply| {
        let title = reply.title.as_ref().unwrap_or(&reply.content_type);
        format!("[{title}]")
    });
    let parts: Vec<_> = text.chain(attachment).chain(quick_replies).collect();
    parts.join(" ")
}

fn attached(attachment: &OutgoingAttachment) -> String {
    let payload = serde_json::to_value(&attachment.payload).expect("it came as JSON");
    if attachment.kind != "template" {
        return format!("[{}]", attachment.kind);
    }
    let cards = payload["elements"].as_array().into_iter().flatten();
    let cards = cards.map(|card| format!("({})", with_buttons(&card["title"], card)));
    let whole = payload["text"].is_string();
    let whole = whole.then(|| with_buttons(&payload["text"], &payload));
    whole.into_iter().chain(cards).collect::<Vec<_>>().join(" ")
}

fn with_buttons(text: &Value, holder: &Value) -> String {
    let buttons = holder["buttons"].as_array().into_iter().flatten();
    let titles = buttons.map(|button| format!("[{}]", word(&button["title"])));
    let words = std::iter::once(word(text).to_owned()).chain(titles);
    words.collect::<Vec<_>>().join(" ")
}

fn word(text: &Value) -> &str {
    text.as_str().unwrap_or_default()
}
