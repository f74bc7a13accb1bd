use axum::http::{HeaderMap, Uri, header};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use url::form_urlencoded;

use crate::platform::Refusal;

/// Parameters that are objects; as form fields and in queries they are JSON text.
const OBJECTS: [&str; 6] = [
    "recipient",
    "message",
    "payload",
    "reply_to",
    "template",
    "thread_control",
];

/// The parameters of a Graph API call: those of the query, overruled by those of the body, which is
/// JSON or form fields.
#[derive(Debug, Default)]
pub(super) struct Parameters(Map<String, Value>);

impl Parameters {
    pub(super) fn read(uri: &Uri, headers: &HeaderMap, body: &[u8]) -> Result<Self, Refusal> {
        let mut all = pairs(uri.query().unwrap_or_default().as_bytes());
        let kind = headers
            .get(header::CONTENT_TYPE)
            .and_then(|kind| kind.to_str().ok())
            .unwrap_or_default();
        if body.trim_ascii().is_empty() {
        } else if kind.starts_with("application/x-www-form-urlencoded") {
            all.append(&mut pairs(body));
        } else if kind.starts_with("multipart/") {
            return Err(Refusal::parameter(
                "Uploads are not supported by this simulator: send attachments by URL",
            ));
        } else {
            let mut fields: Map<String, Value> = serde_json::from_slice(body).map_err(|error| {
                Refusal::parameter(format_args!("The body is not a JSON object: {error}"))
            })?;
            all.append(&mut fields);
        }
        Ok(Self(all))
    }

    /// Takes a text parameter out, so that it is neither used nor shown any further.
    pub(super) fn take_text(&mut self, name: &str) -> Option<String> {
        match self.0.remove(name)? {
            Value::String(text) => Some(text),
            other => Some(other.to_string()),
        }
    }

    pub(super) fn text(&self, name: &str) -> Option<&str> {
        self.0.get(name)?.as_str()
    }

    /// A parameter that may be an object, whether it came as one or as text.
    pub(super) fn object(&self, name: &str) -> Option<Value> {
        match self.0.get(name)? {
            Value::String(text) => untext(name, text).or_else(|| Some(text.as_str().into())),
            other => Some(other.clone()),
        }
    }

    /// The parameters as one typed request.
    pub(super) fn into_request<T: DeserializeOwned>(mut self) -> Result<T, Refusal> {
        for (name, value) in &mut self.0 {
            if let Value::String(text) = value
                && let Some(read) = untext(name, text)
            {
                *value = read;
            }
        }
        serde_json::from_value(Value::Object(self.0))
            .map_err(|error| Refusal::parameter(format_args!("Invalid parameter: {error}")))
    }

    pub(super) fn to_json(&self) -> Option<String> {
        let any = !self.0.is_empty();
        any.then(|| Value::Object(self.0.clone()).to_string())
    }
}

fn pairs(encoded: &[u8]) -> Map<String, Value> {
    form_urlencoded::parse(encoded)
        .map(|(name, value)| (name.into_owned(), Value::String(value.into_owned())))
        .collect()
}

/// What an object-valued parameter that came as text stands for.
fn untext(name: &str, text: &str) -> Option<Value> {
    if !OBJECTS.contains(&name) {
        return None;
    }
    serde_json::from_str(text).ok().or_else(|| lax(text))
}

/// `{id:PSID}`, the way the documentation prints recipients in queries.
fn lax(text: &str) -> Option<Value> {
    let id = text.trim().strip_prefix("{id:")?.strip_suffix('}')?;
    Some(serde_json::json!({ "id": id.trim() }))
}
