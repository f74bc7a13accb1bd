//! `{result=name:$.path}`: what one item of a batch takes from the answer of another.

use std::collections::HashMap;

use serde_json::Value;

/// The answers so far, by the items' names. Those that are no good are `None`.
pub(super) type Results = HashMap<String, Option<Value>>;

const OPENING: &str = "{result=";

/// The items a text refers to, which may be percent-encoded.
pub(super) fn names(text: &str) -> Vec<String> {
    let decoded = percent_decoded(text);
    let mut names = Vec::new();
    let mut rest = decoded.as_str();
    while let Some((_, after)) = rest.split_once(OPENING) {
        names.extend(after.split_once(':').map(|(name, _)| name.to_owned()));
        rest = after;
    }
    names
}

fn percent_decoded(text: &str) -> String {
    let pairs = url::form_urlencoded::parse(text.as_bytes());
    pairs.fold(String::new(), |all, (name, value)| {
        format!("{all}{name}={value}&")
    })
}

/// The text with the answers filled in. `None` if there is no answer it needs.
pub(super) fn fill(text: &str, results: &Results) -> Option<String> {
    let mut filled = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once(OPENING) {
        let (reference, after) = after.split_once('}')?;
        let (name, path) = reference.split_once(':')?;
        let answer = results.get(name)?.as_ref()?;
        filled.push_str(before);
        filled.push_str(&found(answer, path)?);
        rest = after;
    }
    filled.push_str(rest);
    Some(filled)
}

/// What a JSONPath leads to, as the platform knows them: `$.data.*.id`, `$.data[0].id`. Several
/// values are separated by commas.
fn found(answer: &Value, path: &str) -> Option<String> {
    let steps = path.strip_prefix('$')?.replace('[', ".").replace(']', "");
    let mut here = vec![answer];
    for step in steps.split('.').filter(|step| !step.is_empty()) {
        here = here
            .into_iter()
            .flat_map(|value| children(value, step))
            .collect();
    }
    let texts = here.into_iter().map(|value| match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    });
    Some(texts.collect::<Vec<_>>().join(",")).filter(|text| !text.is_empty())
}

fn children<'a>(value: &'a Value, step: &str) -> Vec<&'a Value> {
    match (value, step) {
        (Value::Array(values), "*") => values.iter().collect(),
        (Value::Object(fields), "*") => fields.values().collect(),
        (Value::Array(values), index) => {
            let index = index.parse::<usize>().ok();
            index
                .and_then(|index| values.get(index))
                .into_iter()
                .collect()
        }
        (Value::Object(fields), name) => fields.get(name).into_iter().collect(),
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{Results, fill, names};

    #[test]
    fn takes_from_answers() {
        let answer = json!({"id": 7, "data": [{"id": "a"}, {"id": "b"}]});
        let results = Results::from([("one".to_owned(), Some(answer)), ("bad".to_owned(), None)]);
        for (text, filled) in [
            ("plain", Some("plain")),
            ("/{result=one:$.id}/x", Some("/7/x")),
            ("?ids={result=one:$.data.*.id}", Some("?ids=a,b")),
            ("{result=one:$.data[1].id}", Some("b")),
            ("{result=one:$.nothing}", None),
            ("{result=bad:$.id}", None),
            ("{result=two:$.id}", None),
            ("{result=one", None),
        ] {
            assert_eq!(fill(text, &results).as_deref(), filled, "{text}");
        }
        let encoded = "a=%7Bresult%3Done%3A%24.id%7D&b={result=two:$.id}";
        assert_eq!(names(encoded), ["one", "two"]);
    }
}
