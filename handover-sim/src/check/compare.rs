//! What the rules say beside what came.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

/// What differs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Aspect {
    /// Success instead of an error, or the reverse, or another content.
    Answer,
    /// Another error code or subcode.
    ErrorCode,
    /// Another channel.
    Channel,
    /// Another order.
    Order,
    /// A key is missing.
    MissingKey,
    /// There is one key more.
    AdditionalKey,
    /// Another value.
    Value,
    /// Another type of value, such as a text in place of a number.
    Type,
    /// An event is missing.
    MissingEvent,
    /// There is an event that the rules do not send.
    UnexpectedEvent,
    /// Another division into bodies, entries and items.
    Batching,
}

impl Aspect {
    /// Whether something else has happened, and not only looked different.
    pub(super) fn is_contradiction(self) -> bool {
        matches!(
            self,
            Self::Answer
                | Self::ErrorCode
                | Self::Channel
                | Self::Order
                | Self::MissingEvent
                | Self::UnexpectedEvent
        )
    }
}

/// A difference in one place.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Mismatch {
    pub(super) aspect: Aspect,
    pub(super) path: String,
    pub(super) expected: Option<Value>,
    pub(super) found: Option<Value>,
}

/// Keys whose values are compared. Of all others, only presence and type are: times, texts and addresses are
/// not the rules'.
const COMPARED: [&str; 22] = [
    "action",
    "ai_generated",
    "app_id",
    "control_type",
    "id",
    "is_deleted",
    "is_echo",
    "is_self_reply",
    "message_id",
    "metadata",
    "mid",
    "mids",
    "new_owner_app_id",
    "num_edit",
    "payload",
    "previous_owner_app_id",
    "recipient_id",
    "requested_owner_app_id",
    "success",
    "template_type",
    "type",
    "user_ref",
];

/// Keys that come and go with the platform's versions, and are compared with nothing.
const IGNORED: [&str; 4] = ["seq", "referral", "watermark", "fbtrace_id"];

/// Adds what differs to `mismatches`.
pub(super) fn compare(path: &str, expected: &Value, found: &Value, mismatches: &mut Vec<Mismatch>) {
    let last = path.rsplit('.').next().unwrap_or_default();
    let last = last.split('[').next().unwrap_or_default();
    match (expected, found) {
        (Value::Object(expected), Value::Object(found)) => {
            compare_objects(path, expected, found, mismatches);
        }
        (Value::Array(expected), Value::Array(found)) => {
            if expected.len() != found.len() {
                mismatches.push(Mismatch {
                    aspect: Aspect::Value,
                    path: path.to_owned(),
                    expected: Some(expected.clone().into()),
                    found: Some(found.clone().into()),
                });
                return;
            }
            for (place, (expected, found)) in expected.iter().zip(found).enumerate() {
                compare(&format!("{path}[{place}]"), expected, found, mismatches);
            }
        }
        (expected, found) => {
            let aspect = if type_of(expected) != type_of(found) {
                Aspect::Type
            } else if expected != found && COMPARED.contains(&last) {
                Aspect::Value
            } else {
                return;
            };
            mismatches.push(Mismatch {
                aspect,
                path: path.to_owned(),
                expected: Some(expected.clone()),
                found: Some(found.clone()),
            });
        }
    }
}

fn compare_objects(
    path: &str,
    expected: &Map<String, Value>,
    found: &Map<String, Value>,
    mismatches: &mut Vec<Mismatch>,
) {
    let keys: BTreeSet<_> = expected.keys().chain(found.keys()).collect();
    for key in keys {
        if IGNORED.contains(&key.as_str()) {
            continue;
        }
        let path = match path {
            "" => key.clone(),
            path => format!("{path}.{key}"),
        };
        match (expected.get(key), found.get(key)) {
            (Some(expected), Some(found)) => compare(&path, expected, found, mismatches),
            (expected, found) => mismatches.push(Mismatch {
                aspect: match found {
                    Some(_) => Aspect::AdditionalKey,
                    None => Aspect::MissingKey,
                },
                path,
                expected: expected.cloned(),
                found: found.cloned(),
            }),
        }
    }
}

fn type_of(value: &Value) -> u8 {
    match value {
        Value::Null => 0,
        Value::Bool(_) => 1,
        Value::Number(_) => 2,
        Value::String(_) => 3,
        Value::Array(_) => 4,
        Value::Object(_) => 5,
    }
}
