//! A notice in the words of a chat.

use handover_protocol::AppId;
use serde_json::Value;

use super::{Notice, NoticeKind};

/// The longest note that is quoted, in characters.
const LONGEST_NOTE: usize = 1000;

/// What happened, in English; what others wrote is escaped, so that it cannot mention anybody.
pub(super) fn text(notice: &Notice) -> String {
    let thread = format!(
        "person {} of account {}",
        escaped(&notice.thread.party.to_string()),
        escaped(notice.thread.account.as_str())
    );
    let app = notice.app.as_ref().map_or("another app".to_owned(), app);
    let minutes = notice
        .since
        .map(|since| notice.at.duration_since(since).as_secs() / 60);
    let mut text = match (notice.kind, minutes) {
        (NoticeKind::HandedOver, _) => format!("*Handed over* to {app}: {thread}"),
        (NoticeKind::Unclaimed, Some(minutes)) => format!(
            "*Nobody has answered* for {minutes} min: {thread}. The bot takes the conversation back from {app}."
        ),
        (NoticeKind::Unclaimed, None) => {
            format!("*Nobody has answered*: {thread}. The bot takes the conversation back.")
        }
        (NoticeKind::Returned, Some(minutes)) => {
            format!("*Returned* to the bot: {thread}, after {minutes} min with {app}")
        }
        (NoticeKind::Returned, None) => format!("*Returned* to the bot: {thread}"),
    };
    if let Some(note) = &notice.note {
        for line in readable(note).lines() {
            text.push_str("\n> ");
            text.push_str(&escaped(line));
        }
    }
    text
}

/// Slack's three control characters, as it asks for them; so `<!channel>` is just text.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}

fn app(app: &AppId) -> String {
    match app {
        app if *app == AppId::PAGE_INBOX => "the Page Inbox".to_owned(),
        app if *app == AppId::INSTAGRAM_INBOX => "the Instagram Inbox".to_owned(),
        app => format!("app {}", escaped(app.as_str())),
    }
}

/// A note that is a JSON object reads as lines of names and values.
fn readable(note: &str) -> String {
    let text = match serde_json::from_str(note) {
        Ok(Value::Object(fields)) => {
            let lines = fields.iter().map(|(name, value)| match value {
                Value::String(text) => format!("{name}: {text}"),
                other => format!("{name}: {other}"),
            });
            lines.collect::<Vec<_>>().join("\n")
        }
        _ => note.to_owned(),
    };
    text.chars().take(LONGEST_NOTE).collect()
}
