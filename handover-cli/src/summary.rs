//! Summary of an event or a call on one line.

use std::fmt::Display;

use handover::protocol::AppId;
use serde_json::Value;

use crate::app;
use crate::terminal::excerpt;

/// Format of a part of an event or a call.
enum Part {
    /// A quoted text.
    Words,
    /// The plain value.
    Plain,
    /// The value after its name.
    Named(&'static str),
    /// An app.
    App(&'static str),
}

/// Parts that summarise an event or call, and their JSON pointers.
const PARTS: [(&str, Part); 38] = [
    ("/message/text", Part::Words),
    ("/message/attachment/type", Part::Plain),
    ("/message/attachment/payload/text", Part::Words),
    ("/message/attachments/0/type", Part::Plain),
    ("/message/quick_reply/payload", Part::Named("payload")),
    ("/message/referral/ref", Part::Named("ref")),
    ("/message_edit/text", Part::Words),
    ("/postback/title", Part::Words),
    ("/postback/payload", Part::Named("payload")),
    ("/postback/referral/ref", Part::Named("ref")),
    ("/referral/ref", Part::Named("ref")),
    ("/optin/ref", Part::Named("ref")),
    ("/optin/payload", Part::Named("payload")),
    ("/reaction/action", Part::Plain),
    ("/reaction/emoji", Part::Plain),
    (
        "/pass_thread_control/previous_owner_app_id",
        Part::App("from"),
    ),
    ("/pass_thread_control/metadata", Part::Named("metadata")),
    ("/take_thread_control/new_owner_app_id", Part::App("by")),
    ("/take_thread_control/metadata", Part::Named("metadata")),
    (
        "/request_thread_control/requested_owner_app_id",
        Part::App("by"),
    ),
    ("/request_thread_control/metadata", Part::Named("metadata")),
    // Of the bot's own events.
    ("/timer/name", Part::Plain),
    ("/take_back/name", Part::Plain),
    ("/taken_back/name", Part::Plain),
    ("/handoff_failed/target", Part::App("to")),
    ("/handoff_failed/reason", Part::Plain),
    ("/send_failed/message/text", Part::Words),
    ("/send_failed/reason", Part::Plain),
    ("/handoff/kind", Part::Plain),
    ("/handoff/app", Part::App("app")),
    ("/handoff/note", Part::Named("note")),
    // Of calls.
    ("/sender_action", Part::Plain),
    ("/target_app_id", Part::App("to")),
    ("/metadata", Part::Named("metadata")),
    // Of notices.
    ("/kind", Part::Plain),
    ("/app", Part::App("app")),
    ("/note", Part::Named("note")),
    ("/duration", Part::Named("seconds")),
];

/// Summarises an item of a webhook, or the body of a call. Empty if it has none of the parts.
pub(crate) fn of(item: &Value) -> String {
    let summary = PARTS.iter().filter_map(|(place, part)| {
        let text = match item.pointer(place)? {
            Value::Null => return None,
            Value::String(text) => excerpt(text, 60),
            other => excerpt(&other.to_string(), 60),
        };
        Some(match part {
            Part::Words => format!("{text:?}"),
            Part::Plain => text,
            Part::Named(name) => named(name, text),
            Part::App(name) => named(name, app::name(&AppId::from(text.as_str()))),
        })
    });
    summary.collect::<Vec<_>>().join(" ")
}

fn named(name: &str, value: impl Display) -> String {
    format!("{name} {value}")
}

/// Summarises an event or a call from the journal.
pub(crate) fn of_stored(content: &str) -> String {
    let stored: Value = match serde_json::from_str(content) {
        Ok(stored) => stored,
        Err(_) => return content.to_owned(),
    };
    let call = || stored.as_object()?.values().next();
    let Some(item) = stored.get("event").or_else(call) else {
        return content.to_owned();
    };
    let summary = of(item);
    if !summary.is_empty() {
        return summary;
    }
    // What only says who and when says the rest in its body.
    let envelope = ["sender", "recipient", "timestamp"];
    let fields = item.as_object().into_iter().flatten();
    let mut rest = fields.filter(|(name, _)| !envelope.contains(&name.as_str()));
    rest.next()
        .map(|(_, body)| body.to_string())
        .unwrap_or_default()
}
