//! Hides what people have said.

use serde_json::Value;

/// Keys whose text says nothing of a person: ids of the platform, and names of kinds.
const SHOWN: &[&str] = &[
    "account",
    "after",
    "app",
    "app_id",
    "attachment_type",
    "channel",
    "content_type",
    "id",
    "kind",
    "media_type",
    "messaging_type",
    "mid",
    "new_owner_app_id",
    "notifier",
    "object",
    "person",
    "previous_owner_app_id",
    "product",
    "requested_owner_app_id",
    "sender_action",
    "status",
    "tag",
    "target_app_id",
    "template_type",
    "type",
];

/// Where a signal is, and in it what its sender chose the keys of.
const SIGNAL: &str = "signal";
const CONTENT: &str = "content";

/// Replaces each text of the platform by its length, but for ids and the names of kinds; of signals, each text of
/// their content.
pub(super) fn hide_texts(value: &mut Value) {
    hide(value, SHOWN);
}

/// Replaces each text by its length, where the bot chooses the keys.
pub(super) fn hide_all_texts(value: &mut Value) {
    hide(value, &[]);
}

fn hide(value: &mut Value, shown: &[&str]) {
    match value {
        Value::Object(fields) => {
            for (key, value) in fields {
                if value.is_string() && shown.contains(&key.as_str()) {
                    continue;
                }
                let content = match key.as_str() {
                    SIGNAL => value.get_mut(CONTENT).map(Value::take),
                    _ => None,
                };
                hide(value, shown);
                if let Some(mut content) = content {
                    hide_all_texts(&mut content);
                    value[CONTENT] = content;
                }
            }
        }
        Value::Array(values) => values.iter_mut().for_each(|value| hide(value, shown)),
        Value::String(text) => {
            let length = text.chars().count();
            *text = format!("({length} characters)");
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn texts_are_hidden_and_ids_are_not() {
        let mut event = json!({
            "sender": {"id": "1254"},
            "message": {"mid": "m_1", "text": "My name is Ana", "quick_reply": {"payload": "ANA"}},
            "note": ["ana@example.com", 7, true, null],
            "timestamp": 1_458_692_752_478_u64
        });
        hide_texts(&mut event);
        let expected = json!({
            "sender": {"id": "1254"},
            "message": {"mid": "m_1", "text": "(14 characters)", "quick_reply": {"payload": "(3 characters)"}},
            "note": ["(15 characters)", 7, true, null],
            "timestamp": 1_458_692_752_478_u64
        });
        assert_eq!(event, expected);
        let mut signal = json!({
            "object": "page",
            "own": {"signal": {"id": "7", "name": "booked", "content": {
                "person": "Ana", "status": ["for two", {"id": "A-1"}], "signal": "by phone", "seats": 2}}},
        });
        hide_texts(&mut signal);
        let expected = json!({
            "object": "page",
            "own": {"signal": {"id": "7", "name": "(6 characters)", "content": {
                "person": "(3 characters)", "status": ["(7 characters)", {"id": "(3 characters)"}],
                "signal": "(8 characters)", "seats": 2}}},
        });
        assert_eq!(signal, expected);
        let mut session = json!([{ "id": "Ana", "kind": "a guest" }, "no nuts"]);
        hide_all_texts(&mut session);
        let expected =
            json!([{ "id": "(3 characters)", "kind": "(7 characters)" }, "(7 characters)"]);
        assert_eq!(session, expected);
    }
}
