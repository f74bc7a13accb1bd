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

/// Replaces each text of the platform by its length, but for ids and the names of kinds.
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
                if !(value.is_string() && shown.contains(&key.as_str())) {
                    hide(value, shown);
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
        let mut session = json!([{ "id": "Ana", "kind": "a guest" }, "no nuts"]);
        hide_all_texts(&mut session);
        let expected =
            json!([{ "id": "(3 characters)", "kind": "(7 characters)" }, "(7 characters)"]);
        assert_eq!(session, expected);
    }
}
