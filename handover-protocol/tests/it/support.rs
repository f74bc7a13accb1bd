//! How the tests look at shapes.

use std::fmt::Debug;

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

/// Reads a shape, and checks that every key of it has a field, and that it is written as it was,
/// also with keys in it that nobody knows.
pub(crate) fn shape<T: Serialize + DeserializeOwned + Debug>(json: Value) -> T {
    let value: T = serde_json::from_value(json.clone()).unwrap();
    assert_eq!(serde_json::to_value(&value).unwrap(), json);
    let all = format!("{value:?}");
    assert!(!all.contains("extra: {\""), "not every key is typed: {all}");

    let mut with_news = json;
    add_news(&mut with_news);
    let value: T = serde_json::from_value(with_news.clone()).unwrap();
    assert_eq!(serde_json::to_value(&value).unwrap(), with_news);
    serde_json::from_value(with_news).unwrap()
}

/// Adds a key to every object.
pub(crate) fn add_news(json: &mut Value) {
    match json {
        Value::Array(items) => items.iter_mut().for_each(add_news),
        Value::Object(entries) => {
            entries.values_mut().for_each(add_news);
            entries.insert("zz_news".to_owned(), json!({"of": ["tomorrow", 1, null]}));
        }
        _ => {}
    }
}
