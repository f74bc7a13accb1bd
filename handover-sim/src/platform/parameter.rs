//! Validation of parameters. Each error names the parameter.

use std::borrow::Cow;
use std::ops::RangeInclusive;

use serde_json::{Map, Value};
use url::Url;

use super::Refusal;

/// Parameter or a value in it, with the platform's name for it: `message[attachment][type]`. `null`
/// counts as absent.
#[derive(Debug, Clone)]
pub(crate) struct Parameter<'a> {
    name: String,
    value: &'a Value,
}

impl<'a> Parameter<'a> {
    pub(crate) fn new(name: impl Into<String>, value: Option<&'a Value>) -> Self {
        Self {
            name: name.into(),
            value: value.unwrap_or(&Value::Null),
        }
    }

    pub(crate) fn at(&self, key: &str) -> Self {
        Self::new(format!("{}[{key}]", self.name), self.value.get(key))
    }

    pub(crate) fn is_absent(&self) -> bool {
        self.value.is_null()
    }

    pub(crate) fn value(&self) -> &'a Value {
        self.value
    }

    pub(crate) fn missing(&self) -> Refusal {
        Refusal::parameter(format_args!("The parameter {} is required", self.name))
    }

    /// "Param {name} must …"
    pub(crate) fn wrong(&self, must: impl std::fmt::Display) -> Refusal {
        Refusal::parameter(format_args!("Param {} must {must}", self.name))
    }

    /// Returns the value as an object, if present.
    pub(crate) fn object(self) -> Result<Option<Self>, Refusal> {
        match self.value {
            Value::Null => Ok(None),
            Value::Object(_) => Ok(Some(self)),
            _ => Err(self.wrong("be a JSON object")),
        }
    }

    pub(crate) fn needed_object(self) -> Result<Self, Refusal> {
        let missing = self.missing();
        self.object()?.ok_or(missing)
    }

    /// Returns the value as text, if present. Numbers and booleans count as text, as on the
    /// platform.
    pub(crate) fn text(&self) -> Result<Option<Cow<'a, str>>, Refusal> {
        match self.value {
            Value::Null => Ok(None),
            Value::String(text) => Ok(Some(Cow::Borrowed(text))),
            Value::Number(_) | Value::Bool(_) => Ok(Some(Cow::Owned(self.value.to_string()))),
            _ => Err(self.wrong("be a string")),
        }
    }

    pub(crate) fn needed_text(&self) -> Result<Cow<'a, str>, Refusal> {
        self.text()?.ok_or_else(|| self.missing())
    }

    /// Returns a text with at most `most` characters, if present.
    pub(crate) fn text_within(&self, most: usize) -> Result<Option<Cow<'a, str>>, Refusal> {
        let text = self.text()?;
        if text
            .as_ref()
            .is_some_and(|text| text.chars().count() > most)
        {
            return Err(self.too_long(most));
        }
        Ok(text)
    }

    /// Returns a required text that is not blank, with at most `most` characters.
    pub(crate) fn words(&self, most: usize) -> Result<Cow<'a, str>, Refusal> {
        let text = self.text_within(most)?.ok_or_else(|| self.missing())?;
        if text.trim().is_empty() {
            return Err(self.wrong("be a non-empty UTF-8 encoded string"));
        }
        Ok(text)
    }

    pub(crate) fn too_long(&self, most: usize) -> Refusal {
        Refusal::parameter(format_args!(
            "Length of param {} must be less than or equal to {most}",
            self.name
        ))
    }

    /// Returns the elements of a list. Empty if absent.
    pub(crate) fn list(&self, size: RangeInclusive<usize>) -> Result<Vec<Self>, Refusal> {
        let elements = match self.value {
            Value::Null if *size.start() > 0 => return Err(self.missing()),
            Value::Null => &[][..],
            Value::Array(elements) => elements,
            _ => return Err(self.wrong("be an array")),
        };
        match elements.len() {
            few if few < *size.start() => Err(self.wrong(format_args!(
                "have at least {} elements, not {few}",
                size.start()
            ))),
            many if many > *size.end() => Err(self.wrong(format_args!(
                "have at most {} elements, not {many}",
                size.end()
            ))),
            _ => Ok(elements
                .iter()
                .enumerate()
                .map(|(index, element)| Self::new(format!("{}[{index}]", self.name), Some(element)))
                .collect()),
        }
    }

    /// Returns one of these values, if present.
    pub(crate) fn one_of<const N: usize>(
        &self,
        words: [&'static str; N],
    ) -> Result<Option<&'static str>, Refusal> {
        let Some(text) = self.text()? else {
            return Ok(None);
        };
        match words.into_iter().find(|word| *word == text) {
            Some(word) => Ok(Some(word)),
            None => Err(self.wrong(format_args!("be one of {{{}}}", words.join(", ")))),
        }
    }

    pub(crate) fn needed_one_of<const N: usize>(
        &self,
        words: [&'static str; N],
    ) -> Result<&'static str, Refusal> {
        self.one_of(words)?.ok_or_else(|| self.missing())
    }

    /// Returns an integer in this range, if present. Text with a number is accepted.
    pub(crate) fn whole(&self, within: RangeInclusive<i64>) -> Result<Option<i64>, Refusal> {
        let number = match self.value {
            Value::Null => return Ok(None),
            Value::Number(number) => number.as_i64(),
            Value::String(text) => text.trim().parse().ok(),
            _ => None,
        };
        match number {
            Some(number) if within.contains(&number) => Ok(Some(number)),
            _ => Err(self.wrong(format_args!(
                "be a whole number between {} and {}",
                within.start(),
                within.end()
            ))),
        }
    }

    /// Returns an amount: a number or text with a number.
    pub(crate) fn amount(&self) -> Result<Option<f64>, Refusal> {
        let number = match self.value {
            Value::Null => return Ok(None),
            Value::Number(number) => number.as_f64(),
            Value::String(text) => text.trim().parse().ok(),
            _ => None,
        };
        number
            .filter(|number| number.is_finite())
            .map(Some)
            .ok_or_else(|| self.wrong("be a number"))
    }

    pub(crate) fn flag(&self) -> Result<Option<bool>, Refusal> {
        match self.value {
            Value::Null => Ok(None),
            Value::Bool(flag) => Ok(Some(*flag)),
            Value::String(text) if text == "true" || text == "1" => Ok(Some(true)),
            Value::String(text) if text == "false" || text == "0" => Ok(Some(false)),
            _ => Err(self.wrong("be a boolean")),
        }
    }

    /// Returns an http(s) URL, if present.
    pub(crate) fn url(&self) -> Result<Option<Url>, Refusal> {
        let Some(text) = self.text()? else {
            return Ok(None);
        };
        match web_address(&text) {
            Some(url) => Ok(Some(url)),
            None => Err(Refusal::parameter(format_args!(
                "Param {} should represent a valid URL",
                self.name
            ))),
        }
    }

    pub(crate) fn needed_url(&self) -> Result<Url, Refusal> {
        self.url()?.ok_or_else(|| self.missing())
    }
}

/// Parses a URL with `http` or `https` and a host.
pub(crate) fn web_address(text: &str) -> Option<Url> {
    Url::parse(text)
        .ok()
        .filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host())
}

/// Refuses parameters of the wrong type, which the protocol's types keep in `extra`.
pub(super) fn check_types<const N: usize>(
    extra: &Map<String, Value>,
    names: [&str; N],
) -> Result<(), Refusal> {
    match names.iter().find(|name| extra.contains_key(**name)) {
        Some(name) => Err(Refusal::parameter(format_args!(
            "Param {name} is of the wrong type"
        ))),
        None => Ok(()),
    }
}
