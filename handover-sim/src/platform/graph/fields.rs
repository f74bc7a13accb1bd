//! `fields=id,messages.limit(5){id,from}`: the requested properties of an object.

use serde_json::{Map, Value};

use super::super::Refusal;
use super::Parameters;

/// Maximum nesting of fields.
const DEPTH: usize = 4;

/// A list of fields.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct FieldList(Vec<RequestedField>);

/// One requested field, with the requested fields of its objects.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct RequestedField {
    name: String,
    limit: Option<usize>,
    within: FieldList,
}

impl FieldList {
    /// Reads the parameter `fields`, with the platform's default.
    pub(crate) fn read(parameters: &Parameters, default: &str) -> Result<Self, Refusal> {
        let asked = match parameters.get("fields") {
            None | Some(Value::Null) => return Self::parse(default),
            Some(Value::String(text)) => text.clone(),
            // The platform also accepts a list.
            Some(Value::Array(names)) => {
                let names: Vec<_> = names.iter().filter_map(Value::as_str).collect();
                names.join(",")
            }
            Some(_) => return Err(Refusal::parameter("Param fields must be a string")),
        };
        Self::parse(&asked)
    }

    pub(crate) fn parse(text: &str) -> Result<Self, Refusal> {
        parse(text, DEPTH).ok_or_else(|| Refusal::fields(text))
    }

    /// Returns the requested fields of the objects in this field, or `default`.
    pub(crate) fn or(&self, default: &str) -> Result<Self, Refusal> {
        if self.0.is_empty() {
            Self::parse(default)
        } else {
            Ok(self.clone())
        }
    }

    /// Returns the object with its id and the requested fields. Properties that are null are left
    /// out, as on the platform.
    pub(crate) fn view(
        &self,
        node: &str,
        id: &str,
        mut field: impl FnMut(&RequestedField) -> Option<Result<Value, Refusal>>,
    ) -> Result<Value, Refusal> {
        let mut object = Map::new();
        for asked in &self.0 {
            if asked.name == "id" {
                continue;
            }
            let value = field(asked).ok_or_else(|| Refusal::no_field(&asked.name, node))??;
            if !value.is_null() {
                object.insert(asked.name.clone(), value);
            }
        }
        object.insert("id".to_owned(), id.into());
        Ok(Value::Object(object))
    }
}

impl RequestedField {
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// Returns the requested maximum number of objects.
    pub(crate) fn limit(&self) -> Option<usize> {
        self.limit
    }

    pub(crate) fn within(&self) -> &FieldList {
        &self.within
    }
}

fn parse(text: &str, depth: usize) -> Option<FieldList> {
    split(text)?
        .into_iter()
        .map(str::trim)
        .filter(|part| !part.is_empty())
        .map(|part| field(part, depth))
        .collect::<Option<Vec<_>>>()
        .map(FieldList)
}

/// Splits at commas outside of braces. `None` if the braces do not match.
fn split(text: &str) -> Option<Vec<&str>> {
    let (mut parts, mut start, mut open) = (Vec::new(), 0, 0_usize);
    for (at, character) in text.char_indices() {
        match character {
            '{' => open += 1,
            '}' => open = open.checked_sub(1)?,
            ',' if open == 0 => {
                parts.push(&text[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    parts.push(&text[start..]);
    (open == 0).then_some(parts)
}

fn field(text: &str, depth: usize) -> Option<RequestedField> {
    let (head, within) = match text.split_once('{') {
        Some((head, rest)) => {
            let inside = rest.trim_end().strip_suffix('}')?;
            (head, parse(inside, depth.checked_sub(1)?)?)
        }
        None => (text, FieldList::default()),
    };
    let mut parts = head.trim().split('.');
    let name = parts.next()?;
    let mut limit = None;
    for modifier in parts {
        let argument = modifier.strip_suffix(')')?.split_once('(')?;
        if argument.0 == "limit" {
            limit = Some(argument.1.trim().parse().ok()?);
        }
    }
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '_';
    (!name.is_empty() && name.chars().all(plain)).then(|| RequestedField {
        name: name.to_owned(),
        limit,
        within,
    })
}
