use std::fmt::Write;
use std::sync::Arc;

use axum::http::{HeaderMap, HeaderName, header};
use serde::ser::{SerializeMap, Serializer};

/// The headers of a request or an answer, one per line, without secrets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Headers(pub(super) Arc<str>);

impl Headers {
    pub(super) fn of(headers: &HeaderMap) -> Self {
        let mut lines = String::new();
        for name in headers.keys() {
            let values: Vec<_> = headers
                .get_all(name)
                .iter()
                .map(|value| String::from_utf8_lossy(value.as_bytes()))
                .collect();
            let value = match redacted(name) {
                true => "(hidden)".to_owned(),
                false => values.join(", "),
            };
            // Writing into a string cannot fail.
            let _ = writeln!(lines, "{name}: {value}");
        }
        Self(lines.into())
    }

    pub(super) fn pairs(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.lines().filter_map(|line| line.split_once(": "))
    }
}

fn redacted(name: &HeaderName) -> bool {
    [header::AUTHORIZATION, header::COOKIE].contains(name)
}

/// As an object.
impl serde::Serialize for Headers {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        for (name, value) in self.pairs() {
            map.serialize_entry(name, value)?;
        }
        map.end()
    }
}
