//! One name, one type: no two types of the workspace share a name, apart from the platform's own words.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use crate::support::root;

const CRATES: [&str; 6] = [
    "src",
    "handover-cli/src",
    "handover-macros/src",
    "handover-protocol/src",
    "handover-runtime/src",
    "handover-sim/src",
];

/// Names that several types may have, and why.
const SHARED: [(&str, &str); 10] = [
    ("Account", "platform: one the bot speaks for, one simulated"),
    (
        "AppRoles",
        "platform: the extractor has the name of the event",
    ),
    (
        "Button",
        "platform: of a template, and as a simulated chat shows it",
    ),
    (
        "Entry",
        "platform: `entry` of a webhook; an entry of `routes![]`",
    ),
    (
        "Event",
        "platform: the extractor has the name of what it extracts",
    ),
    (
        "Inbox",
        "platform: the simulator's handle, and the one for scenario tests",
    ),
    ("Message", "platform: received, and to be sent"),
    (
        "Person",
        "platform: the simulator's handle, and the one for scenario tests",
    ),
    ("Thread", "platform: the extractor, and a simulated thread"),
    (
        "Traces",
        "one type, with the feature `opentelemetry` and without",
    ),
];

#[test]
fn a_type_name_means_one_thing() {
    let mut places: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for folder in CRATES {
        collect(&root().join(folder), &mut places);
    }
    assert!(places.len() > 500, "{}", places.len());
    let is_shared = |name: &str| SHARED.iter().any(|(shared, _)| *shared == name);
    places.retain(|_, files| files.len() > 1);
    for (name, _) in SHARED {
        assert!(
            places.contains_key(name),
            "`{name}` is one type: take it out of SHARED"
        );
    }
    places.retain(|name, _| !is_shared(name));
    assert!(places.is_empty(), "names of several types: {places:#?}");
}

fn collect(folder: &Path, places: &mut BTreeMap<String, BTreeSet<String>>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() && !path.ends_with("tests") {
            collect(&path, places);
        } else if path.extension().is_some_and(|end| end == "rs") && !path.ends_with("tests.rs") {
            let text = fs::read_to_string(&path).unwrap();
            for name in text.lines().filter_map(defined) {
                let file = path.strip_prefix(root()).unwrap().display().to_string();
                places.entry(name.to_owned()).or_default().insert(file);
            }
        }
    }
}

/// The type that a line defines. An associated type stands in a trait or an impl, so it is indented.
fn defined(line: &str) -> Option<&str> {
    let item = line.trim_start();
    let item = match item.strip_prefix("pub") {
        Some(rest) if rest.starts_with('(') => rest.split_once(") ")?.1,
        Some(rest) => rest.trim_start(),
        None => item,
    };
    let (keyword, rest) = item.split_once(' ')?;
    let is_type = match keyword {
        "struct" | "enum" | "trait" | "union" => true,
        "type" => !line.starts_with(' '),
        _ => false,
    };
    let end = rest
        .find(|c: char| !c.is_alphanumeric() && c != '_')
        .unwrap_or(rest.len());
    let name = &rest[..end];
    (is_type && name.starts_with(|c: char| c.is_uppercase())).then_some(name)
}
