//! Short summary of a timeline row.

use serde_json::Value;

use super::timeline_item::TimelineItem;

/// Maximum length. Longer texts are truncated.
const MAX_LENGTH: usize = 100;

/// Interner, titles, targets and notes of the first event of a webhook, or of a call; none if it has
/// nothing of the kind.
pub(super) fn summary(row: &TimelineItem) -> Option<String> {
    let request: Value = serde_json::from_str(row.request.as_deref()?).ok()?;
    let words = words(event(&request));
    (!words.is_empty()).then(|| shortened(&words.join(" · ")))
}

fn event(request: &Value) -> &Value {
    let entry = &request["entry"][0];
    let events = ["messaging", "standby"].map(|channel| &entry[channel][0]);
    let event = events.into_iter().find(|event| event.is_object());
    event.unwrap_or(request)
}

fn words(event: &Value) -> Vec<String> {
    // Objects in form fields are JSON text.
    let message = match &event["message"] {
        Value::String(text) => &serde_json::from_str(text).unwrap_or(Value::Null),
        message => message,
    };
    let handovers =
        ["pass", "take", "request"].map(|name| &event[format!("{name}_thread_control")]);
    let about = [
        word("", &message["text"]),
        attachment(&message["attachment"]),
        attachment(&message["attachments"][0]),
        word("", &event["postback"]["title"]),
        word("", &event["postback"]["payload"]),
        word("", &event["reaction"]["emoji"]),
        word("", &event["message_edit"]["text"]),
        word("ref ", &event["referral"]["ref"]),
        word("", &event["sender_action"]),
        word("to ", &event["target_app_id"]),
        word("", &event["metadata"]),
    ];
    let handovers = handovers.into_iter().flat_map(|handover| {
        [
            word("from ", &handover["previous_owner_app_id"]),
            word("to ", &handover["new_owner_app_id"]),
            word("by ", &handover["requested_owner_app_id"]),
            word("", &handover["metadata"]),
        ]
    });
    about.into_iter().chain(handovers).flatten().collect()
}

fn attachment(attachment: &Value) -> Option<String> {
    let kind = word("", &attachment["type"])?;
    let template = word(" ", &attachment["payload"]["template_type"]);
    Some(kind + &template.unwrap_or_default())
}

fn word(before: &str, value: &Value) -> Option<String> {
    match value {
        Value::String(text) if !text.is_empty() => Some(format!("{before}{text}")),
        Value::Number(number) => Some(format!("{before}{number}")),
        _ => None,
    }
}

fn shortened(text: &str) -> String {
    match text.char_indices().nth(MAX_LENGTH) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}
