//! Form fields with paths as names: `recipient[id]=1`, `fields[]=greeting`.

use serde_json::{Map, Value};

/// Maximum nesting, because dropping a value recurses.
const MAX_DEPTH: usize = 32;

/// Sets the value at the path. A name without brackets or with malformed brackets is a plain name.
pub(super) fn put(fields: &mut Map<String, Value>, name: String, value: Value) {
    let Some((first, steps)) = steps(&name) else {
        fields.insert(name, value);
        return;
    };
    let mut place = fields.entry(first).or_insert(Value::Null);
    for step in steps {
        place = within(place, step);
    }
    *place = value;
}

fn steps(name: &str) -> Option<(&str, Vec<&str>)> {
    let (first, rest) = name.split_once('[')?;
    let steps: Vec<_> = rest.strip_suffix(']')?.split("][").collect();
    (!first.is_empty() && steps.len() <= MAX_DEPTH).then_some((first, steps))
}

/// Descends one step. `[]` and numbers address list items, in order.
fn within<'a>(place: &'a mut Value, step: &str) -> &'a mut Value {
    if step.bytes().all(|byte| byte.is_ascii_digit()) {
        if !place.is_array() {
            *place = Value::Array(Vec::new());
        }
    } else if !place.is_object() {
        *place = Value::Object(Map::new());
    }
    match place {
        Value::Array(items) => {
            let end = items.len();
            let index = step.parse().unwrap_or(end).min(end);
            if index == end {
                items.push(Value::Null);
            }
            &mut items[index]
        }
        other => &mut other[step],
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(pairs: &[(&str, &str)]) -> Value {
        let mut fields = Map::new();
        for (name, value) in pairs {
            put(&mut fields, (*name).to_owned(), (*value).into());
        }
        fields.into()
    }

    #[test]
    fn names_lead_into_objects_and_lists() {
        let sent = read(&[
            ("recipient[id]", "1"),
            ("message[quick_replies][0][title]", "Yes"),
            ("message[quick_replies][0][payload]", "YES"),
            ("message[quick_replies][1][title]", "No"),
            ("fields[]", "a"),
            ("fields[]", "b"),
        ]);
        let expected = json!({
            "recipient": {"id": "1"},
            "message": {"quick_replies": [{"title": "Yes", "payload": "YES"}, {"title": "No"}]},
            "fields": ["a", "b"],
        });
        assert_eq!(sent, expected);
    }

    #[test]
    fn odd_names_are_names() {
        let deep = format!("a{}", "[b]".repeat(MAX_DEPTH + 1));
        for name in ["[id]", "a[", "a]", "a[b]c", &deep] {
            assert_eq!(read(&[(name, "1")]), json!({ name: "1" }));
        }
        assert_eq!(read(&[("a[4000000000]", "1")]), json!({"a": ["1"]}));
        assert_eq!(
            read(&[("a", "1"), ("a[b]", "2"), ("a[]", "3")]),
            json!({"a": ["3"]})
        );
    }
}
