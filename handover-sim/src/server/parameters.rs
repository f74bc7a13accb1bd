use axum::http::{HeaderMap, Uri, header};
use bytes::Bytes;
use serde_json::{Map, Value};
use url::form_urlencoded;

use super::brackets::put;
use super::multipart;
use crate::platform::Refusal;

/// RequestParameters that are objects or lists; as form fields and in queries they are JSON text.
const OBJECTS: [&str; 19] = [
    "actions",
    "batch",
    "commands",
    "components",
    "fields",
    "get_started",
    "greeting",
    "ice_breakers",
    "message",
    "params",
    "payload",
    "persistent_menu",
    "recipient",
    "reply_to",
    "subscribed_fields",
    "template",
    "thread_control",
    "user_ids",
    "whitelisted_domains",
];

/// RequestParameters nobody is to see.
const SECRETS: [&str; 4] = [
    "client_secret",
    "fb_exchange_token",
    "input_token",
    "verify_token",
];

/// The parameters of a Graph API call: those of the query, overruled by those of the body, which is
/// JSON, form fields, or a form with files.
#[derive(Debug, Clone, Default)]
pub(super) struct RequestParameters {
    fields: Map<String, Value>,
    pub(super) files: Vec<File>,
}

/// A file that came with a call.
#[derive(Debug, Clone)]
pub(super) struct File {
    pub(super) name: String,
    pub(super) content_type: String,
    pub(super) body: Bytes,
}

impl RequestParameters {
    pub(super) fn read(uri: &Uri, headers: &HeaderMap, body: &Bytes) -> Result<Self, Refusal> {
        let mut all = Self {
            fields: pairs(uri.query().unwrap_or_default().as_bytes()),
            files: Vec::new(),
        };
        let kind = headers
            .get(header::CONTENT_TYPE)
            .and_then(|kind| kind.to_str().ok())
            .unwrap_or_default();
        let family = kind.to_ascii_lowercase();
        if body.trim_ascii().is_empty() {
        } else if family.starts_with("application/x-www-form-urlencoded") {
            all.fields.append(&mut pairs(body));
        } else if family.starts_with("multipart/") {
            all.read_multipart(kind, body)?;
        } else {
            let mut fields: Map<String, Value> = serde_json::from_slice(body).map_err(|error| {
                Refusal::parameter(format_args!("The body is not a JSON object: {error}"))
            })?;
            all.fields.append(&mut fields);
        }
        all.untext();
        Ok(all)
    }

    fn read_multipart(&mut self, kind: &str, body: &Bytes) -> Result<(), Refusal> {
        let parts = multipart::read(kind, body).ok_or_else(|| {
            Refusal::parameter("The body is not multipart/form-data with the boundary it names")
        })?;
        for part in parts {
            if let Some(content_type) = part.file {
                self.files.push(File {
                    name: part.name,
                    content_type,
                    body: part.body,
                });
            } else {
                let text = String::from_utf8_lossy(&part.body).into_owned();
                put(&mut self.fields, part.name, text.into());
            }
        }
        Ok(())
    }

    /// Parses fields that came as JSON in a text.
    fn untext(&mut self) {
        for (name, value) in &mut self.fields {
            if let Value::String(text) = value
                && OBJECTS.contains(&name.as_str())
                && let Some(read) = untext(text)
            {
                *value = read;
            }
        }
    }

    /// Replaces every text, also within objects.
    pub(super) fn replace_texts(
        &mut self,
        replace: &impl Fn(&str) -> Option<String>,
    ) -> Option<()> {
        for (_, value) in &mut self.fields {
            replace_texts(value, replace)?;
        }
        self.untext();
        Some(())
    }

    /// Takes a parameter out, so that it is neither used nor shown any further.
    pub(super) fn take(&mut self, name: &str) -> Option<Value> {
        self.fields.remove(name)
    }

    /// Like [`take`](Self::take), as text.
    pub(super) fn take_text(&mut self, name: &str) -> Option<String> {
        match self.take(name)? {
            Value::String(text) => Some(text),
            other => Some(other.to_string()),
        }
    }

    pub(super) fn text(&self, name: &str) -> Option<&str> {
        self.fields.get(name)?.as_str()
    }

    pub(super) fn get(&self, name: &str) -> Option<&Value> {
        self.fields.get(name)
    }

    pub(super) fn set(&mut self, name: &str, value: &str) {
        self.fields.insert(name.to_owned(), value.into());
    }

    pub(super) fn fields(&self) -> &Map<String, Value> {
        &self.fields
    }

    /// What the timeline shows of them.
    pub(super) fn to_json(&self) -> Option<String> {
        if self.fields.is_empty() {
            return None;
        }
        let mut shown = self.fields.clone();
        for name in SECRETS {
            if let Some(secret) = shown.get_mut(name) {
                *secret = "(hidden)".into();
            }
        }
        Some(Value::Object(shown).to_string())
    }
}

fn pairs(encoded: &[u8]) -> Map<String, Value> {
    let mut fields = Map::new();
    for (name, value) in form_urlencoded::parse(encoded) {
        put(&mut fields, name.into_owned(), value.into());
    }
    fields
}

/// Parses an object or a list that came as a text.
fn untext(text: &str) -> Option<Value> {
    let text = text.trim();
    if !text.starts_with(['{', '[']) {
        return None;
    }
    serde_json::from_str(text).ok().or_else(|| lax(text))
}

/// `{id:PSID}`, the way the documentation prints recipients in queries.
fn lax(text: &str) -> Option<Value> {
    let id = text.strip_prefix("{id:")?.strip_suffix('}')?;
    Some(serde_json::json!({ "id": id.trim() }))
}

fn replace_texts(value: &mut Value, replace: &impl Fn(&str) -> Option<String>) -> Option<()> {
    match value {
        Value::String(text) => *text = replace(text)?,
        Value::Array(values) => {
            for value in values {
                replace_texts(value, replace)?;
            }
        }
        Value::Object(fields) => {
            for (_, value) in fields {
                replace_texts(value, replace)?;
            }
        }
        _ => {}
    }
    Some(())
}
