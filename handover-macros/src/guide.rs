//! The guide lists every attribute with its keys.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use crate::model::{KeyName, TriggerName};
use crate::parse::handoff;

/// The rows of the tables: what is in the first cell, and in the last.
fn rows() -> Vec<(String, Vec<String>)> {
    let page = "../docs/guide/src/reference/attributes.md";
    let page = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(page)).unwrap();
    let rows = page.lines().filter(|line| line.starts_with("| `"));
    rows.map(|row| {
        let (first, rest) = row[3..].split_once("` |").unwrap();
        let last = rest.trim_end_matches('|').rsplit('|').next().unwrap();
        let names = last.split('`').skip(1).step_by(2);
        (first.to_owned(), names.map(str::to_owned).collect())
    })
    .collect()
}

#[test]
fn the_guide_lists_every_attribute_with_its_keys() {
    let rows = rows();
    let (attributes, keys) = rows.split_at(TriggerName::ALL.len());
    let attributes: BTreeMap<_, _> = attributes.iter().cloned().collect();
    let (shared, handoff) = keys.split_at(3);
    let shared: Vec<_> = shared.iter().map(|(key, _)| &**key).collect();
    for trigger in TriggerName::ALL {
        let listed = attributes.get(trigger.name()).expect("it is listed");
        let listed = listed.iter().map(|key| &**key);
        let listed: Vec<_> = listed.chain(shared.iter().copied()).collect();
        let keys: Vec<_> = trigger.keys().map(KeyName::name).collect();
        assert_eq!(listed, keys, "#[{}]", trigger.name());
    }
    let mut handoff: Vec<_> = handoff.iter().map(|(key, _)| &**key).collect();
    let mut keys = handoff::KEYS.to_vec();
    handoff.sort_unstable();
    keys.sort_unstable();
    assert_eq!(handoff, keys);
}
