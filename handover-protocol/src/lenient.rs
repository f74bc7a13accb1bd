//! Lenient reading and writing of the platform's JSON objects.
//!
//! Reading an object never fails: `null` counts as absent, and a value that does not fit its field stays
//! in `extra` under its own key, next to unknown keys. Nothing is lost, and one odd value does not affect
//! the others.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde::de::DeserializeOwned;
use serde::ser::SerializeMap;
use serde::{Deserialize, Serialize, Serializer};
use serde_json::{Map, Value};

use crate::json::{JsonFields, JsonValue};
use crate::{AccountId, AppId, Object, PersonId, Timestamp};

/// Declares a struct that mirrors a JSON object.
///
/// `field: Type as "key"` names the key if it differs from the field; `=> writer` replaces the rule
/// that a field at its default is not written.
macro_rules! wire_object {
    (
        $(#[$meta:meta])*
        pub struct $name:ident {
            $(
                $(#[$field_meta:meta])*
                pub $field:ident: $type:ty $(as $key:literal)? $(=> $writer:path)?,
            )*
        }
    ) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Default, PartialEq)]
        pub struct $name {
            $(
                $(#[$field_meta])*
                pub $field: $type,
            )*
            /// Keys that have no field here, and values that did not fit theirs.
            pub extra: serde_json::Map<String, serde_json::Value>,
        }

        impl $name {
            const KEYS: &[&str] = &[$($crate::lenient::wire_object!(@key $field $($key)?)),*];
        }

        impl From<$crate::json::JsonFields<'_>> for $name {
            fn from(fields: $crate::json::JsonFields<'_>) -> Self {
                let mut object = Self::default();
                for (key, value) in fields {
                    match &*key {
                        $($crate::lenient::wire_object!(@key $field $($key)?) => {
                            $crate::lenient::fill(
                                &mut object.$field,
                                key,
                                value,
                                &mut object.extra,
                            );
                        })*
                        _ => {
                            object.extra.insert(key.into_owned(), value.into());
                        }
                    }
                }
                object
            }
        }

        impl $crate::lenient::FromJson for $name {
            fn fits(json: &$crate::json::JsonValue<'_>) -> bool {
                matches!(json, $crate::json::JsonValue::Object(_))
            }

            fn from_json(
                json: $crate::json::JsonValue<'_>,
            ) -> Result<Self, $crate::json::JsonValue<'_>> {
                match json {
                    $crate::json::JsonValue::Object(fields) => Ok(Self::from(fields)),
                    odd => Err(odd),
                }
            }
        }

        impl From<serde_json::Map<String, serde_json::Value>> for $name {
            fn from(object: serde_json::Map<String, serde_json::Value>) -> Self {
                Self::from($crate::json::JsonFields::from(object))
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                $crate::json::JsonFields::deserialize(deserializer).map(Self::from)
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                let mut map = serde::Serializer::serialize_map(serializer, None)?;
                $($crate::lenient::put(
                    &mut map,
                    $crate::lenient::wire_object!(@key $field $($key)?),
                    &self.$field,
                    $crate::lenient::wire_object!(@writer $($writer)?),
                    &self.extra,
                )?;)*
                $crate::lenient::put_rest(&mut map, &self.extra, Self::KEYS)?;
                serde::ser::SerializeMap::end(map)
            }
        }
    };
    (@key $field:ident) => { stringify!($field) };
    (@key $field:ident $key:literal) => { $key };
    (@writer) => { $crate::lenient::unless_default };
    (@writer $writer:path) => { $writer };
}
pub(crate) use wire_object;

/// Type of a field, which is made from the JSON without a copy: `serde` would copy an object once for each
/// object around it.
pub(crate) trait FromJson: Sized {
    /// Whether it can be read from this.
    fn fits(json: &JsonValue<'_>) -> bool;

    /// Reads it; returns what does not fit.
    fn from_json(json: JsonValue<'_>) -> Result<Self, JsonValue<'_>>;
}

impl FromJson for String {
    fn fits(json: &JsonValue<'_>) -> bool {
        matches!(json, JsonValue::Text(_))
    }

    fn from_json(json: JsonValue<'_>) -> Result<Self, JsonValue<'_>> {
        match json {
            JsonValue::Text(text) => Ok(text.into_owned()),
            odd => Err(odd),
        }
    }
}

impl<T: FromJson> FromJson for Option<T> {
    fn fits(json: &JsonValue<'_>) -> bool {
        *json == JsonValue::Null || T::fits(json)
    }

    fn from_json(json: JsonValue<'_>) -> Result<Self, JsonValue<'_>> {
        match json {
            JsonValue::Null => Ok(None),
            json => T::from_json(json).map(Some),
        }
    }
}

impl<T: FromJson> FromJson for Box<T> {
    fn fits(json: &JsonValue<'_>) -> bool {
        T::fits(json)
    }

    fn from_json(json: JsonValue<'_>) -> Result<Self, JsonValue<'_>> {
        T::from_json(json).map(Self::new)
    }
}

impl<T: FromJson> FromJson for Vec<T> {
    fn fits(json: &JsonValue<'_>) -> bool {
        matches!(json, JsonValue::List(items) if items.iter().all(T::fits))
    }

    fn from_json(json: JsonValue<'_>) -> Result<Self, JsonValue<'_>> {
        match json {
            JsonValue::List(items) if items.iter().all(T::fits) => {
                let mut list = Self::with_capacity(items.len());
                for item in items {
                    if let Ok(item) = T::from_json(item) {
                        list.push(item);
                    }
                }
                Ok(list)
            }
            odd => Err(odd),
        }
    }
}

/// Reads a type that is not declared with [`wire_object`] as `serde` does.
macro_rules! from_json_by_serde {
    ($($type:ty),* $(,)?) => {$(
        impl $crate::lenient::FromJson for $type {
            fn fits(json: &$crate::json::JsonValue<'_>) -> bool {
                <Self as serde::Deserialize>::deserialize(json).is_ok()
            }

            fn from_json(
                json: $crate::json::JsonValue<'_>,
            ) -> Result<Self, $crate::json::JsonValue<'_>> {
                $crate::lenient::by_serde(json)
            }
        }
    )*};
}
pub(crate) use from_json_by_serde;

from_json_by_serde! {
    AccountId, AppId, Map<String, Value>, Object, PersonId, Timestamp, Value, bool, f64, i64, u16, u32,
    u64,
}

impl<T: DeserializeOwned> FromJson for BTreeMap<String, T> {
    fn fits(json: &JsonValue<'_>) -> bool {
        Self::deserialize(json).is_ok()
    }

    fn from_json(json: JsonValue<'_>) -> Result<Self, JsonValue<'_>> {
        by_serde(json)
    }
}

pub(crate) fn by_serde<T: DeserializeOwned>(json: JsonValue<'_>) -> Result<T, JsonValue<'_>> {
    match T::deserialize(&json) {
        Ok(read) => Ok(read),
        Err(_) => Err(json),
    }
}

/// Puts what it reads into a field; returns what does not fit. Of one type for all fields, so that
/// what follows is compiled once and not for each.
type FieldReader<'field> =
    dyn for<'json> FnMut(JsonValue<'json>) -> Result<(), JsonValue<'json>> + 'field;

/// Reads a field of an object; a value that does not fit becomes one of `extra`. Of several fields
/// with one key, the last counts.
pub(crate) fn fill<T: FromJson + Default>(
    field: &mut T,
    key: Cow<'_, str>,
    value: JsonValue<'_>,
    extra: &mut Map<String, Value>,
) {
    *field = T::default();
    fill_by(key, value, extra, &mut |json| {
        T::from_json(json).map(|value| *field = value)
    });
}

fn fill_by(
    key: Cow<'_, str>,
    value: JsonValue<'_>,
    extra: &mut Map<String, Value>,
    read: &mut FieldReader<'_>,
) {
    if !extra.is_empty() {
        extra.remove(&*key);
    }
    if let Err(odd) = fit(value, read) {
        extra.insert(key.into_owned(), odd.into());
    }
}

/// Takes a field out of an object; a value that does not fit stays there.
pub(crate) fn take<T: FromJson + Default>(object: &mut JsonFields<'_>, key: &'static str) -> T {
    let mut field = T::default();
    take_by(object, key, &mut |json| {
        T::from_json(json).map(|value| field = value)
    });
    field
}

/// The same, for types that only `serde` knows.
pub(crate) fn take_by_serde<T: DeserializeOwned + Default>(
    object: &mut JsonFields<'_>,
    key: &'static str,
) -> T {
    let mut field = T::default();
    take_by(object, key, &mut |json| {
        by_serde(json).map(|value| field = value)
    });
    field
}

fn take_by(object: &mut JsonFields<'_>, key: &'static str, read: &mut FieldReader<'_>) {
    if let Some(value) = object.remove(key)
        && let Err(odd) = fit(value, read)
    {
        object.insert(key, odd);
    }
}

fn fit<'json>(value: JsonValue<'json>, read: &mut FieldReader<'_>) -> Result<(), JsonValue<'json>> {
    if matches!(value, JsonValue::Null) {
        return Ok(());
    }
    let Err(odd) = read(value) else {
        return Ok(());
    };
    match rephrased(&odd).map(read) {
        Some(Ok(())) => Ok(()),
        _ => Err(odd),
    }
}

/// The same thing as the other type the platform is known to print it as: `5` and `"5"`, `"true"`
/// for `true`, one object in place of a list of one.
fn rephrased<'a>(value: &JsonValue<'a>) -> Option<JsonValue<'a>> {
    match value {
        JsonValue::Number(number) => Some(JsonValue::Text(number.to_string().into())),
        JsonValue::Text(text) => serde_json::from_str(text)
            .ok()
            .map(|scalar: Value| JsonValue::from(scalar))
            .filter(|scalar| matches!(scalar, JsonValue::Number(_) | JsonValue::Bool(_))),
        JsonValue::Object(_) => Some(JsonValue::List(vec![value.clone()])),
        _ => None,
    }
}

/// Writes a field, or in its absence the value that did not fit it when it was read.
pub(crate) fn put<'a, M: SerializeMap, T: Default + PartialEq, W: Serialize>(
    map: &mut M,
    key: &'static str,
    field: &'a T,
    writer: impl FnOnce(&'a T) -> Option<W>,
    extra: &Map<String, Value>,
) -> Result<(), M::Error> {
    match extra.get(key) {
        Some(misfit) if *field == T::default() => map.serialize_entry(key, misfit),
        _ => match writer(field) {
            Some(field) => map.serialize_entry(key, &field),
            None => Ok(()),
        },
    }
}

/// Writes the keys that no field has.
pub(crate) fn put_rest<M: SerializeMap>(
    map: &mut M,
    extra: &Map<String, Value>,
    fields: &[&str],
) -> Result<(), M::Error> {
    extra
        .iter()
        .filter(|(key, _)| !fields.contains(&key.as_str()))
        .try_for_each(|(key, value)| map.serialize_entry(key, value))
}

/// The usual writer: absent, empty and false are not written.
pub(crate) fn unless_default<T: Default + PartialEq>(field: &T) -> Option<&T> {
    (*field != T::default()).then_some(field)
}

/// The writer of fields without which an answer would not be one.
pub(crate) fn always<T>(field: &T) -> Option<&T> {
    Some(field)
}

/// The writer of ids that the platform prints as numbers.
pub(crate) fn as_number<T: AsRef<str>>(id: &Option<T>) -> Option<IdNumber<'_>> {
    id.as_ref().map(|id| IdNumber(id.as_ref()))
}

/// Like [`as_number`], for the previous owner of an idle thread.
pub(crate) fn as_number_or_null(app: &Option<AppId>) -> Option<Option<IdNumber<'_>>> {
    Some(as_number(app))
}

/// The writer of numbers that may have a fraction; the platform prints those without one as whole.
pub(crate) fn as_decimal(number: &Option<f64>) -> Option<Decimal> {
    number.map(Decimal)
}

/// Like [`as_decimal`], for [`always`].
pub(crate) fn always_as_decimal(number: &f64) -> Option<Decimal> {
    Some(Decimal(*number))
}

pub(crate) struct Decimal(f64);

impl Serialize for Decimal {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        /// Beyond it, not every whole number has an `f64`.
        const EXACT: f64 = (1_u64 << 53) as f64;
        if self.0.fract() == 0.0 && self.0.abs() <= EXACT {
            serializer.serialize_i64(self.0 as i64)
        } else {
            serializer.serialize_f64(self.0)
        }
    }
}

pub(crate) struct IdNumber<'a>(&'a str);

impl Serialize for IdNumber<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match whole_number(self.0) {
            Some(number) => serializer.serialize_u64(number),
            None => serializer.serialize_str(self.0),
        }
    }
}

/// The number that is written like this, and in no other way.
pub(crate) fn whole_number(text: &str) -> Option<u64> {
    let number: u64 = text.parse().ok()?;
    (number.to_string() == text).then_some(number)
}

/// The writer of times that the platform prints in seconds.
pub(crate) fn as_seconds(time: &Option<Timestamp>) -> Option<Seconds> {
    time.map(Seconds)
}

/// The writer of times that the platform takes as a text of seconds.
pub(crate) fn as_seconds_text(time: &Option<Timestamp>) -> Option<String> {
    time.map(|time| (time.as_millis() / 1000).to_string())
}

pub(crate) struct Seconds(Timestamp);

impl Serialize for Seconds {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let seconds = self.0.as_millis() / 1000;
        if Timestamp::reading(seconds) == self.0 {
            serializer.serialize_i64(seconds)
        } else {
            self.0.serialize(serializer)
        }
    }
}
