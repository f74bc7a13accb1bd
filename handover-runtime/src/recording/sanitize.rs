//! What is written of a webhook and of a call. Every text is replaced unless it is known to be a word of the
//! platform.

use handover_protocol::Timestamp;
use serde_json::{Map, Number, Value, json};
use url::form_urlencoded;

use super::GraphCallRecord;
use super::pseudonym::Pseudonyms;

/// Keys whose values are words of the platform, if they look like words.
const WORDS: [&str; 27] = [
    "action",
    "content_type",
    "control_type",
    "field",
    "folder",
    "image_aspect_ratio",
    "item",
    "media_type",
    "messaging_type",
    "mode",
    "notification_messages_frequency",
    "notification_type",
    "object",
    "platform",
    "reaction",
    "role",
    "sender_action",
    "setting_type",
    "source",
    "status",
    "subscribed_fields",
    "tag",
    "template_type",
    "top_element_style",
    "type",
    "verb",
    "webview_height_ratio",
];

/// Texts of the platform that are kept everywhere.
const CONSTANTS: [&str; 6] = [
    "messenger_lead_gen_complete",
    "messenger_lead_gen_incomplete",
    "primary_receiver",
    "secondary_receiver",
    "{\"source\":\"axon\"}",
    "like_heart",
];

/// Keys whose numbers are times, codes or durations.
const NUMBERS: [&str; 14] = [
    "code",
    "duration",
    "error_subcode",
    "expiration",
    "expires_at",
    "expires_in",
    "num_edit",
    "seq",
    "status",
    "time",
    "timestamp",
    "token_expiry_timestamp",
    "version",
    "watermark",
];

/// Parameters that are secrets. They are not written at all.
const SECRETS: [&str; 10] = [
    "access_token",
    "appsecret_proof",
    "authorization_code",
    "client_secret",
    "fb_exchange_token",
    "input_token",
    "oauth_token",
    "password",
    "signed_request",
    "verify_token",
];

/// The line of a webhook, if its body is a JSON object.
pub(super) fn webhook(names: &Pseudonyms, at: Timestamp, body: &[u8]) -> Option<Value> {
    let body: Value = serde_json::from_slice(body).ok()?;
    body.is_object().then(|| {
        json!({
            "type": "webhook",
            "at": at.as_millis(),
            "body": names.value("", &body),
        })
    })
}

/// The line of a call.
pub(super) fn call(names: &Pseudonyms, call: &GraphCallRecord) -> Value {
    let path = call.uri.path();
    let lists_fields = path.ends_with("/subscriptions") || path.ends_with("/subscribed_apps");
    let query = call.uri.query().unwrap_or_default();
    let mut proof = false;
    let mut parameters = Map::new();
    for (name, value) in form_urlencoded::parse(query.as_bytes()) {
        proof |= name == "appsecret_proof";
        if SECRETS.contains(&&*name) {
            continue;
        }
        let is_json = value.starts_with(['{', '[']);
        let json = is_json
            .then(|| serde_json::from_str::<Value>(&value).ok())
            .flatten();
        let value = match (json, &*name) {
            (Some(json), _) => names.value(&name, &json),
            (None, "fields") if is_field_list(&value) => Value::from(&*value),
            (None, _) => names.value(&name, &Value::from(&*value)),
        };
        parameters.insert(names.key(&name), value);
    }
    let mut line = json!({
        "type": "call",
        "at": call.at.as_millis(),
        "took": u64::try_from(call.took.as_millis()).unwrap_or(u64::MAX),
        "method": call.method.as_str(),
        "account": names.id(&call.account),
        "path": names.path(path),
        "query": parameters,
    });
    if let Some((body, is_json)) = &call.body {
        match serde_json::from_slice::<Value>(body)
            .ok()
            .filter(|it| *is_json && it.is_object())
        {
            Some(Value::Object(fields)) if fields.contains_key("batch") => {
                line["upload"] = true.into();
            }
            Some(fields) => {
                proof |= fields.get("appsecret_proof").is_some();
                let mut written = names.value("", &fields);
                let listed = fields.get("fields").filter(|_| lists_fields);
                if let Some(Value::String(listed)) = listed.filter(|it| is_listed(it)) {
                    written["fields"] = listed.as_str().into();
                }
                line["body"] = written;
            }
            None => line["upload"] = true.into(),
        }
    }
    line["proof"] = proof.into();
    if let Some((status, date, answer)) = &call.answer {
        line["status"] = (*status).into();
        let date = date
            .as_deref()
            .and_then(|date| httpdate::parse_http_date(date).ok());
        if let Some(date) = date {
            line["date"] = Timestamp::from(date).as_millis().into();
        }
        let answer: Value = serde_json::from_slice(answer).unwrap_or_default();
        line["answer"] = match lists_fields {
            true => names.list_of_fields(&answer),
            false => names.value("", &answer),
        };
    }
    line
}

fn is_listed(fields: &Value) -> bool {
    fields.as_str().is_some_and(is_field_list)
}

/// Names of fields, separated by commas, perhaps with fields in braces.
fn is_field_list(text: &str) -> bool {
    text.len() <= 300
        && text
            .split([',', '{', '}', '(', ')', '.'])
            .all(|name| name.is_empty() || is_word(name))
}

/// Whether a text may be a word of the platform.
fn is_word(text: &str) -> bool {
    let is_letter = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    text.len() <= 40
        && text.starts_with(|first: char| first.is_ascii_alphabetic())
        && text.bytes().all(is_letter)
}

/// Whether a key is one of the platform's, which have small letters.
fn is_key(text: &str) -> bool {
    is_word(&text.replace('-', "_")) && !text.bytes().any(|byte| byte.is_ascii_uppercase())
}

fn is_number(text: &str) -> bool {
    text.len() >= 5 && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn is_id(key: &str) -> bool {
    ["id", "ids", "mid", "mids"].contains(&key)
        || key.ends_with("_id")
        || key.ends_with("_ids")
        || key == "recipient"
}

impl Pseudonyms {
    /// A value, with everything replaced that is not known to be the platform's.
    fn value(&self, key: &str, value: &Value) -> Value {
        match value {
            Value::Null | Value::Bool(_) => value.clone(),
            Value::Number(number) => self.number(key, number),
            Value::String(text) => self.string(key, text).into(),
            Value::Array(items) => items.iter().map(|item| self.value(key, item)).collect(),
            Value::Object(fields) => {
                let fields = fields
                    .iter()
                    .filter(|(key, _)| !SECRETS.contains(&key.as_str()));
                fields
                    .map(|(key, value)| (self.key(key), self.value(key, value)))
                    .collect()
            }
        }
    }

    /// The answer about subscriptions, whose fields have names.
    fn list_of_fields(&self, answer: &Value) -> Value {
        let mut written = self.value("", answer);
        let rows = answer.get("data").and_then(Value::as_array);
        for (place, row) in rows.into_iter().flatten().enumerate() {
            let listed = row.get("fields").and_then(Value::as_array);
            for (field, listed) in listed.into_iter().flatten().enumerate() {
                let name = listed.get("name").unwrap_or(listed).as_str();
                if let Some(name) = name.filter(|name| is_word(name)) {
                    written["data"][place]["fields"][field] = json!({ "name": name });
                }
            }
        }
        written
    }

    fn key(&self, key: &str) -> String {
        if is_number(key) {
            self.id(key)
        } else if is_key(key) {
            key.to_owned()
        } else {
            self.text(key)
        }
    }

    fn string(&self, key: &str, text: &str) -> String {
        let lower = text.get(..8).unwrap_or(text).to_ascii_lowercase();
        if CONSTANTS.contains(&text) || (WORDS.contains(&key) && is_word(text)) {
            text.to_owned()
        } else if is_number(text) {
            self.id(text)
        } else if lower.starts_with("http://") || lower.starts_with("https://") {
            self.url(text)
        } else if is_id(key)
            && text.len() <= 256
            && !text.contains(|it: char| it.is_whitespace() || it == '@')
        {
            self.id(text)
        } else {
            self.text(text)
        }
    }

    fn number(&self, key: &str, number: &Number) -> Value {
        if NUMBERS.contains(&key) {
            return number.clone().into();
        }
        let Some(whole) = number.as_u64() else {
            // Coordinates, prices.
            return json!(0.5);
        };
        let other = self.id(&whole.to_string());
        other.parse::<u64>().map_or(json!(0), Value::from)
    }

    /// A path without its version.
    fn path(&self, path: &str) -> String {
        let is_version = |segment: &str| {
            let digits = segment.strip_prefix('v').map(|rest| rest.replace('.', ""));
            digits.is_some_and(|digits| {
                !digits.is_empty() && digits.bytes().all(|it| it.is_ascii_digit())
            })
        };
        let segments = path.split('/').filter(|segment| !segment.is_empty());
        let segments = segments
            .enumerate()
            .filter(|(place, it)| *place > 0 || !is_version(it));
        let segments = segments.map(|(_, segment)| {
            let is_name = is_word(segment)
                && !segment.starts_with("m_")
                && !segment.starts_with("t_")
                && segment
                    .bytes()
                    .all(|it| it.is_ascii_lowercase() || it == b'_');
            match is_name {
                true => segment.to_owned(),
                false => self.id(segment),
            }
        });
        segments.fold(String::new(), |path, segment| format!("{path}/{segment}"))
    }
}
