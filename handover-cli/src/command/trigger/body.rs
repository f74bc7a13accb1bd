//! Bodies of webhooks, in the platform's format.

use std::fmt::Write;

use serde_json::{Map, Value, json};

use super::kind::{Details, Kind, Shape};

pub(super) fn write(kind: &Kind, details: &Details, standby: bool) -> Vec<u8> {
    let mut entry = json!({"id": details.account, "time": details.now});
    let (place, item) = match kind.shape {
        Shape::OfPerson(keys) => ("messaging", item(details, true, true, &keys(details))),
        Shape::OfNobody(keys) => ("messaging", item(details, false, true, &keys(details))),
        Shape::Standby(keys) => ("standby", item(details, true, true, &keys(details))),
        Shape::OfAccount(keys) => ("messaging", item(details, true, false, &keys(details))),
        Shape::Change(field, value) => {
            entry["time"] = json!(details.now.as_millis() / 1000);
            ("changes", json!({"field": field, "value": value(details)}))
        }
        Shape::Call(call) => {
            entry["time"] = json!(details.now.as_millis() / 1000);
            ("calls", call(details))
        }
    };
    let place = if standby && place == "messaging" {
        "standby"
    } else {
        place
    };
    entry[place] = json!([item]);
    let instagram = details.instagram || matches!(kind.name, "comments" | "mentions");
    let object = if instagram { "instagram" } else { "page" };
    as_the_platform_writes(&json!({"object": object, "entry": [entry]}))
}

/// An item of `messaging` or `standby`: from the person or to them.
fn item(details: &Details, has_sender: bool, from_person: bool, keys: &Value) -> Value {
    let (person, account) = (
        json!({"id": details.person}),
        json!({"id": details.account}),
    );
    let (sender, recipient) = if from_person {
        (person, account)
    } else {
        (account, person)
    };
    let mut item = Map::new();
    if has_sender {
        item.insert("sender".to_owned(), sender);
    }
    item.insert("recipient".to_owned(), recipient);
    item.insert("timestamp".to_owned(), json!(details.now));
    item.extend(keys.as_object().cloned().unwrap_or_default());
    Value::Object(item)
}

/// ASCII with escaped slashes, as the platform writes it: the signature covers exactly these bytes.
fn as_the_platform_writes(body: &Value) -> Vec<u8> {
    let mut written = String::new();
    for c in body.to_string().chars() {
        match c {
            '/' => written.push_str("\\/"),
            c if c.is_ascii() => written.push(c),
            c => {
                for unit in c.encode_utf16(&mut [0; 2]) {
                    // Writing into a string cannot fail.
                    let _ = write!(written, "\\u{unit:04x}");
                }
            }
        }
    }
    written.into_bytes()
}
