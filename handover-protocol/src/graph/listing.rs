//! Lists that come in pieces.

use serde::de::DeserializeOwned;
use serde::ser::SerializeMap;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::{Map, Value};

use crate::json::{JsonFields, JsonValue};
use crate::lenient::{
    FromJson, always, by_serde, put, put_rest, take, take_by_serde, unless_default, wire_object,
};

/// A list, or a piece of one: the answer to most `GET` calls.
///
/// ```json
/// {"data":[{"id":"P","name":"Ana"}],"paging":{"cursors":{"before":"B","after":"A"},"next":"https://…"}}
/// ```
///
/// ```
/// use handover_protocol::{Listing, Persona};
///
/// let personas: Listing<Persona> = serde_json::from_str(r#"{"data":[{"id":"P","name":"Ana"}]}"#)?;
/// assert_eq!(personas.data[0].name, "Ana");
/// assert_eq!(personas.next(), None);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Listing<T> {
    /// The rows.
    pub data: Vec<T>,
    /// Position of this page in the list.
    pub paging: Option<Paging>,
    /// Keys that have no field here, and values that did not fit theirs.
    pub extra: Map<String, Value>,
}

wire_object! {
    /// Paging of a list.
    ///
    /// ```json
    /// {"cursors":{"before":"B","after":"A"},"next":"https://graph.facebook.com/…"}
    /// ```
    pub struct Paging {
        /// Cursors of this page.
        pub cursors: Option<Cursors>,
        /// The address of the next piece, with the access token in it: not for logs.
        pub next: Option<String>,
        /// The address of the previous piece, with the access token in it: not for logs.
        pub previous: Option<String>,
    }
}

wire_object! {
    /// Cursors of a page.
    ///
    /// ```json
    /// {"before":"B","after":"A"}
    /// ```
    pub struct Cursors {
        /// Its first row.
        pub before: Option<String>,
        /// Its last row: what to ask for the next piece with, as `after`.
        pub after: Option<String>,
    }
}

impl<T> Listing<T> {
    /// The cursor with which to ask for the next piece, if there is one.
    pub fn next(&self) -> Option<&str> {
        let paging = self.paging.as_ref()?;
        paging.next.as_ref()?;
        paging.cursors.as_ref()?.after.as_deref()
    }
}

impl<'de, T: DeserializeOwned> Deserialize<'de> for Listing<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut fields = JsonFields::deserialize(deserializer)?;
        Ok(Self {
            data: take_by_serde(&mut fields, "data"),
            paging: take(&mut fields, "paging"),
            extra: fields.into(),
        })
    }
}

impl<T: DeserializeOwned> FromJson for Listing<T> {
    fn fits(json: &JsonValue<'_>) -> bool {
        matches!(json, JsonValue::Object(_))
    }

    fn from_json(json: JsonValue<'_>) -> Result<Self, JsonValue<'_>> {
        by_serde(json)
    }
}

impl<T: Serialize + PartialEq> Serialize for Listing<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        put(&mut map, "data", &self.data, always, &self.extra)?;
        put(
            &mut map,
            "paging",
            &self.paging,
            unless_default,
            &self.extra,
        )?;
        put_rest(&mut map, &self.extra, &["data", "paging"])?;
        map.end()
    }
}
