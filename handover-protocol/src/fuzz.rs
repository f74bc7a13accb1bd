//! What a fuzzer runs with any bytes: a test with a stable compiler, and libFuzzer (`fuzz/`).

#![allow(
    clippy::expect_used,
    clippy::missing_panics_doc,
    clippy::panic,
    reason = "a panic is what the fuzzer looks for"
)]

use serde_json::Value;

use crate::{Channel, Event, EventBody, Received, read};

/// The body of a webhook: whatever is JSON is read; kinds, ids and texts are those that a plain walk
/// through the JSON finds; and an event survives being written.
pub fn envelope(body: &[u8]) {
    let read = read(body);
    let json: Option<Value> = serde_json::from_slice(body).ok();
    let webhook = match (read, json) {
        (Err(_), None) => return,
        (Err(error), Some(json)) => panic!("{json} is JSON, and is not read: {error}"),
        (Ok(webhook), json) => {
            if let Some(json) = json {
                compare(&json, &webhook.received);
            }
            webhook
        }
    };
    for received in &webhook.received {
        let written = serde_json::to_string(received).expect("an event can be written");
        let again: Received = serde_json::from_str(&written).expect("and read");
        assert_eq!(*received, again, "{written}");
        let event = &received.event;
        event.body.content().expect("its content can be written");
        // That none of these panics.
        let _ = (
            event.person(&received.account),
            event.user_ref(),
            event.mid(),
            event.lead(),
            event.prior_message(),
            received.hop_context(),
            received.is_own(),
        );
    }
}

/// Compares what was read with what a plain walk finds, if the body has the platform's usual frame.
fn compare(json: &Value, received: &[Received]) {
    let Some(expected) = walk(json) else {
        return;
    };
    assert_eq!(expected.len(), received.len(), "{json}");
    for (expected, received) in expected.iter().zip(received) {
        expected.compare(received);
    }
}

/// The older spelling of `policy_enforcement`.
const OLDER: &str = "policy-enforcement";

/// An item of a list, with its entry.
struct Expected<'a> {
    entry: &'a Value,
    channel: Channel,
    item: &'a Value,
}

/// The items of an envelope with a list of entries, each with lists of items; `None` of another body.
fn walk(json: &Value) -> Option<Vec<Expected<'_>>> {
    const LISTS: [(&str, Channel); 4] = [
        ("messaging", Channel::Messaging),
        ("standby", Channel::Standby),
        ("changes", Channel::Changes),
        ("calls", Channel::Calls),
    ];
    let mut items = Vec::new();
    for entry in json.as_object()?.get("entry")?.as_array()? {
        let fields = entry.as_object()?;
        if fields.contains_key("messaging:") {
            return None;
        }
        let before = items.len();
        for (list, channel) in LISTS {
            let Some(list) = fields.get(list) else {
                continue;
            };
            items.extend(list.as_array()?.iter().map(|item| Expected {
                entry,
                channel,
                item,
            }));
        }
        // Lists of another name are read where there are none of these.
        if items.len() == before && fields.values().any(Value::is_array) {
            return None;
        }
    }
    Some(items)
}

impl Expected<'_> {
    fn compare(&self, received: &Received) {
        let Self {
            entry,
            channel,
            item,
        } = self;
        assert_eq!(received.channel, *channel, "{item}");
        agree(received.account.as_str(), &entry["id"], entry);
        if matches!(channel, Channel::Changes | Channel::Calls) {
            return;
        }
        let event = &received.event;
        for (side, read) in [("sender", &event.sender), ("recipient", &event.recipient)] {
            if !item[side].is_object() {
                continue;
            }
            let read = read.as_ref().and_then(|party| party.id.as_ref());
            agree(read.map_or("", |id| id.as_str()), &item[side]["id"], item);
        }
        match (&item["message"], &event.body) {
            (Value::Object(_), EventBody::Message(message) | EventBody::Echo(message)) => {
                let written = &item["message"];
                let is_echo = matches!(event.body, EventBody::Echo(_));
                assert_eq!(is_echo, flag(&written["is_echo"]), "{item}");
                let read = message.text.as_deref().unwrap_or_default();
                agree(read, &written["text"], item);
                let read = message.mid.as_deref().unwrap_or_default();
                agree(read, &written["mid"], item);
            }
            (Value::Object(_), body) => panic!("{item} is read as {}", body.kind()),
            (_, body) => {
                // The older spelling of a key shows the same kind.
                let older = |kind: &str| kind == "policy_enforcement" && item[OLDER].is_object();
                let present = |kind: &&&str| item[**kind].is_object() || older(kind);
                let mut known = EventBody::KINDS.iter().filter(present);
                let (first, second) = (known.next(), known.next());
                if let (Some(kind), None) = (first, second)
                    && item["field"].is_null()
                {
                    assert_eq!(body.kind(), *kind, "{item}");
                }
                if let EventBody::Postback(postback) = body {
                    let read = postback.payload.as_deref().unwrap_or_default();
                    agree(read, &item["postback"]["payload"], item);
                }
            }
        }
        // Nothing is lost: what was read is written under the same keys.
        if let Value::Object(fields) = item {
            let written = serde_json::to_value(event).expect("an event can be written");
            for (key, value) in fields {
                let is_absent = value.is_null() || key == OLDER;
                assert!(
                    is_absent || !written[key].is_null(),
                    "{key} of {item} is lost: {written}"
                );
            }
            assert_eq!(Event::from(written), *event, "{item}");
        }
    }
}

/// What was read has to be the text, or the number as one; empty otherwise. A fraction, or a number with more
/// digits than `Value` keeps, is not compared.
fn agree(read: &str, value: &Value, item: &Value) {
    let expected = match value {
        Value::String(text) => text.clone(),
        Value::Number(number) if number.is_f64() => return,
        Value::Number(number) => number.to_string(),
        _ => String::new(),
    };
    assert_eq!(read, expected, "{item}");
}

/// `true`, also as a text.
fn flag(value: &Value) -> bool {
    let is_true = |text: &str| serde_json::from_str(text).ok() == Some(true);
    value.as_bool().unwrap_or(false) || value.as_str().is_some_and(is_true)
}

#[cfg(test)]
mod tests {
    #[test]
    fn envelope() {
        handover_testkit::fuzz::fuzz("envelope", super::envelope);
    }
}
