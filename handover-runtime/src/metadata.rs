//! Conversion of values into metadata.

use serde::Serialize;
use serde_json::Value;

/// Returns a string unchanged, and any other value as JSON text.
pub fn to_text(value: &impl Serialize) -> Result<String, serde_json::Error> {
    Ok(match serde_json::to_value(value)? {
        Value::String(text) => text,
        other => other.to_string(),
    })
}
