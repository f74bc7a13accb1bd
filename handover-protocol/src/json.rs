//! JSON on its way into types: texts stay in the body that is read, objects stay lists, and so most
//! of it is never copied. What no type has a field for becomes a [`Value`] in the end.

use std::borrow::Cow;
use std::fmt;

use serde::de::value::{BorrowedStrDeserializer, MapDeserializer, SeqDeserializer};
use serde::de::{Deserializer, IntoDeserializer, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, forward_to_deserialize_any};
use serde_json::{Error, Map, Number, Value};

/// Any JSON.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) enum JsonValue<'a> {
    #[default]
    Null,
    Bool(bool),
    Number(Number),
    Text(Cow<'a, str>),
    List(Vec<JsonValue<'a>>),
    Object(JsonFields<'a>),
}

/// Fields of an object, in the order of the body. Of several fields with one key, the last counts.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct JsonFields<'a>(Vec<(Cow<'a, str>, JsonValue<'a>)>);

impl<'a> JsonFields<'a> {
    pub(crate) fn one(key: &str, value: JsonValue<'a>) -> Self {
        Self(vec![(Cow::Owned(key.to_owned()), value)])
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, &JsonValue<'a>)> {
        self.0.iter().map(|(name, value)| (&**name, value))
    }

    pub(crate) fn get(&self, key: &str) -> Option<&JsonValue<'a>> {
        let field = self.0.iter().rfind(|(name, _)| name == key);
        field.map(|(_, value)| value)
    }

    pub(crate) fn remove(&mut self, key: &str) -> Option<JsonValue<'a>> {
        let at = self.0.iter().rposition(|(name, _)| name == key)?;
        let (_, removed) = self.0.remove(at);
        if self.0[..at].iter().any(|(name, _)| name == key) {
            self.0.retain(|(name, _)| name != key);
        }
        Some(removed)
    }

    pub(crate) fn insert(&mut self, key: &'static str, value: JsonValue<'a>) {
        self.0.push((Cow::Borrowed(key), value));
    }
}

impl<'a> IntoIterator for JsonFields<'a> {
    type Item = (Cow<'a, str>, JsonValue<'a>);
    type IntoIter = std::vec::IntoIter<Self::Item>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl From<JsonValue<'_>> for Value {
    fn from(json: JsonValue<'_>) -> Self {
        match json {
            JsonValue::Null => Self::Null,
            JsonValue::Bool(bool) => Self::Bool(bool),
            JsonValue::Number(number) => Self::Number(number),
            JsonValue::Text(text) => Self::String(text.into_owned()),
            JsonValue::List(items) => items.into_iter().map(Self::from).collect(),
            JsonValue::Object(fields) => Self::Object(fields.into()),
        }
    }
}

impl From<Value> for JsonValue<'_> {
    fn from(value: Value) -> Self {
        match value {
            Value::Null => Self::Null,
            Value::Bool(bool) => Self::Bool(bool),
            Value::Number(number) => Self::Number(number),
            Value::String(text) => Self::Text(Cow::Owned(text)),
            Value::Array(items) => Self::List(items.into_iter().map(Self::from).collect()),
            Value::Object(map) => Self::Object(map.into()),
        }
    }
}

impl From<JsonFields<'_>> for Map<String, Value> {
    fn from(JsonFields(fields): JsonFields<'_>) -> Self {
        let mut map = Self::new();
        for (key, value) in fields {
            map.insert(key.into_owned(), value.into());
        }
        map
    }
}

impl From<Map<String, Value>> for JsonFields<'_> {
    fn from(map: Map<String, Value>) -> Self {
        let fields = map.into_iter();
        Self(
            fields
                .map(|(key, value)| (Cow::Owned(key), value.into()))
                .collect(),
        )
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for JsonValue<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(JsonVisitor)
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for JsonFields<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(FieldsVisitor)
    }
}

struct JsonVisitor;

impl<'de> Visitor<'de> for JsonVisitor {
    type Value = JsonValue<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any JSON")
    }

    fn visit_unit<E>(self) -> Result<JsonValue<'de>, E> {
        Ok(JsonValue::Null)
    }

    fn visit_none<E>(self) -> Result<JsonValue<'de>, E> {
        Ok(JsonValue::Null)
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<JsonValue<'de>, D::Error> {
        JsonValue::deserialize(deserializer)
    }

    fn visit_bool<E>(self, bool: bool) -> Result<JsonValue<'de>, E> {
        Ok(JsonValue::Bool(bool))
    }

    fn visit_i64<E>(self, number: i64) -> Result<JsonValue<'de>, E> {
        Ok(JsonValue::Number(number.into()))
    }

    fn visit_u64<E>(self, number: u64) -> Result<JsonValue<'de>, E> {
        Ok(JsonValue::Number(number.into()))
    }

    fn visit_f64<E>(self, number: f64) -> Result<JsonValue<'de>, E> {
        Ok(Number::from_f64(number).map_or(JsonValue::Null, JsonValue::Number))
    }

    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<JsonValue<'de>, E> {
        Ok(JsonValue::Text(Cow::Borrowed(text)))
    }

    fn visit_str<E>(self, text: &str) -> Result<JsonValue<'de>, E> {
        Ok(JsonValue::Text(Cow::Owned(text.to_owned())))
    }

    fn visit_string<E>(self, text: String) -> Result<JsonValue<'de>, E> {
        Ok(JsonValue::Text(Cow::Owned(text)))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<JsonValue<'de>, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = seq.next_element()? {
            items.push(item);
        }
        Ok(JsonValue::List(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<JsonValue<'de>, A::Error> {
        FieldsVisitor.visit_map(map).map(JsonValue::Object)
    }
}

struct FieldsVisitor;

impl<'de> Visitor<'de> for FieldsVisitor {
    type Value = JsonFields<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<JsonFields<'de>, A::Error> {
        let mut fields = Vec::new();
        while let Some((ObjectKey(key), value)) = map.next_entry()? {
            fields.push((key, value));
        }
        Ok(JsonFields(fields))
    }
}

/// `Cow` itself never borrows.
struct ObjectKey<'a>(Cow<'a, str>);

impl<'de: 'a, 'a> Deserialize<'de> for ObjectKey<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct KeyVisitor;

        impl<'de> Visitor<'de> for KeyVisitor {
            type Value = Cow<'de, str>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a key")
            }

            fn visit_borrowed_str<E>(self, key: &'de str) -> Result<Cow<'de, str>, E> {
                Ok(Cow::Borrowed(key))
            }

            fn visit_str<E>(self, key: &str) -> Result<Cow<'de, str>, E> {
                Ok(Cow::Owned(key.to_owned()))
            }

            fn visit_string<E>(self, key: String) -> Result<Cow<'de, str>, E> {
                Ok(Cow::Owned(key))
            }
        }

        deserializer.deserialize_str(KeyVisitor).map(Self)
    }
}

impl<'de> IntoDeserializer<'de, Error> for &'de JsonValue<'_> {
    type Deserializer = Self;

    fn into_deserializer(self) -> Self {
        self
    }
}

impl<'de> Deserializer<'de> for &'de JsonValue<'_> {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self {
            JsonValue::Null => visitor.visit_unit(),
            JsonValue::Bool(bool) => visitor.visit_bool(*bool),
            JsonValue::Number(number) => number.deserialize_any(visitor),
            JsonValue::Text(text) => visitor.visit_borrowed_str(text),
            JsonValue::List(items) => SeqDeserializer::new(items.iter()).deserialize_any(visitor),
            JsonValue::Object(fields) => {
                let fields = fields.0.iter().map(|(key, value)| (&**key, value));
                MapDeserializer::new(fields).deserialize_any(visitor)
            }
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self {
            JsonValue::Null => visitor.visit_none(),
            _ => visitor.visit_some(self),
        }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Error> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        match self {
            JsonValue::Text(text) => {
                BorrowedStrDeserializer::new(text).deserialize_enum(name, variants, visitor)
            }
            other => Value::from(other.clone()).deserialize_enum(name, variants, visitor),
        }
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 u8 u16 u32 u64 f32 f64 char str string bytes byte_buf unit unit_struct
        seq tuple tuple_struct map struct identifier ignored_any
    }
}
