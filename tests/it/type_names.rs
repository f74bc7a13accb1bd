//! No two types of the workspace share a name, apart from the platform's own words in `SHARED`.

use std::collections::{BTreeMap, BTreeSet};
use std::{fs, path::Path};

use crate::support::root;

const SHARED: [(&str, &str); 12] = [
    ("Account", "platform: one the bot speaks for, one simulated"),
    (
        "AppRoles",
        "platform: the extractor is named after the event",
    ),
    ("Button", "platform: of a template, and of a simulated chat"),
    (
        "Entry",
        "platform: of a webhook; `routes![]` has entries too",
    ),
    (
        "Event",
        "platform: the extractor is named after what it reads",
    ),
    ("Inbox", "platform: of the simulator, and of scenario tests"),
    ("Message", "platform: received, and to be sent"),
    (
        "Person",
        "platform: of the simulator, and of scenario tests",
    ),
    ("Samples", "one type, with `metrics` and without"),
    ("Scraper", "one type, with `metrics` and without"),
    ("Thread", "platform: the extractor, and a simulated thread"),
    ("Traces", "one type, with `opentelemetry` and without"),
];

#[test]
fn a_type_name_means_one_thing() {
    let mut places: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    collect(&root().join("src"), &mut places);
    for name in ["cli", "macros", "protocol", "runtime", "sim"] {
        collect(&root().join(format!("handover-{name}/src")), &mut places);
    }
    assert!(places.len() > 500, "only {} names were found", places.len());
    places.retain(|_, files| files.len() > 1);
    for (name, _) in SHARED {
        let was_shared = places.remove(name).is_some();
        assert!(was_shared, "`{name}` is one type: take it out of SHARED");
    }
    assert!(places.is_empty(), "names of several types: {places:#?}");
}

fn collect(folder: &Path, places: &mut BTreeMap<String, BTreeSet<String>>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() && !path.ends_with("tests") {
            collect(&path, places);
        } else if path.extension().is_some_and(|end| end == "rs") && !path.ends_with("tests.rs") {
            for name in fs::read_to_string(&path)
                .unwrap()
                .lines()
                .filter_map(defined)
            {
                let files = places.entry(name.to_owned()).or_default();
                files.insert(path.display().to_string());
            }
        }
    }
}

/// The type that a line defines. An indented `type` is an associated one.
fn defined(line: &str) -> Option<&str> {
    let item = match line.trim_start().strip_prefix("pub") {
        Some(rest) if rest.starts_with('(') => rest.split_once(") ")?.1,
        Some(rest) => rest.trim_start(),
        None => line.trim_start(),
    };
    let (keyword, rest) = item.split_once(' ')?;
    let defines = matches!(keyword, "struct" | "enum" | "trait" | "union")
        || keyword == "type" && !line.starts_with(' ');
    let name = rest
        .split(|c: char| !c.is_alphanumeric() && c != '_')
        .next()?;
    (defines && name.starts_with(char::is_uppercase)).then_some(name)
}
