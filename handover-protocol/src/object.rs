//! The product a webhook body is about.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Product of a webhook: the value of its `object`.
///
/// ```
/// use handover_protocol::Object;
///
/// let object: Object = serde_json::from_str("\"instagram\"")?;
/// assert_eq!(object, Object::Instagram);
/// assert_eq!(Object::from("user").as_str(), "user");
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Object {
    /// `page`: Messenger.
    Page,
    /// `instagram`: Instagram messaging, with either of its login products.
    Instagram,
    /// Any other product; empty if the body did not say.
    Other(String),
}

impl Object {
    /// The name on the wire.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Page => "page",
            Self::Instagram => "instagram",
            Self::Other(name) => name,
        }
    }
}

impl Default for Object {
    /// The product of a body that names none.
    fn default() -> Self {
        Self::Other(String::new())
    }
}

impl From<String> for Object {
    fn from(name: String) -> Self {
        match name.as_str() {
            "page" => Self::Page,
            "instagram" => Self::Instagram,
            _ => Self::Other(name),
        }
    }
}

impl From<&str> for Object {
    fn from(name: &str) -> Self {
        Self::from(name.to_owned())
    }
}

impl fmt::Display for Object {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl Serialize for Object {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for Object {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(Self::from)
    }
}
