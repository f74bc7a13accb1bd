//! The table of rules in the documentation and the tests are about the same rules.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use handover_sim::platform::Behavior;

const CRATE: &str = env!("CARGO_MANIFEST_DIR");

/// Rows of the table: rule, choice, tests.
fn rows() -> Vec<[String; 3]> {
    let table = Path::new(CRATE).join("../docs/simulator/rules.md");
    let text = std::fs::read_to_string(table).unwrap();
    let rows = text.lines().filter(|line| line.starts_with("| "));
    rows.filter(|row| !row.starts_with("| Rule "))
        .map(|row| {
            let cells: Vec<_> = row.trim_matches('|').split('|').map(str::trim).collect();
            let [rule, choice, tests] = cells[..] else {
                panic!("a row has three cells: {row}");
            };
            [rule, choice, tests].map(str::to_owned)
        })
        .collect()
}

/// What stands between backquotes.
fn quoted(text: &str) -> impl Iterator<Item = String> {
    text.split('`').skip(1).step_by(2).map(str::to_owned)
}

fn named_in_the_table() -> BTreeSet<String> {
    let rows = rows();
    rows.iter()
        .flat_map(|[_, _, tests]| quoted(tests))
        .collect()
}

fn files_below(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap();
    entries
        .map(|entry| entry.unwrap().path())
        .flat_map(|path| match path.is_dir() {
            true => files_below(&path),
            false => vec![path],
        })
        .filter(|path| path.extension().is_some_and(|extension| extension == "rs"))
        .collect()
}

/// The names of the functions that are marked as tests.
fn tests_below(folder: &str) -> BTreeSet<String> {
    let mut tests = BTreeSet::new();
    for file in files_below(&Path::new(CRATE).join(folder)) {
        let text = std::fs::read_to_string(file).unwrap();
        let mut lines = text.lines().map(str::trim);
        while let Some(line) = lines.next() {
            let is_mark = line == "#[test]" || line.starts_with("#[tokio::test");
            if is_mark {
                let name = lines.find_map(|line| {
                    let line = line.strip_prefix("async ").unwrap_or(line);
                    Some(line.strip_prefix("fn ")?.split('(').next()?.to_owned())
                });
                tests.extend(name);
            }
        }
    }
    tests
}

#[test]
fn every_test_in_the_table_exists() {
    let named = named_in_the_table();
    assert!(named.len() > 100, "the table was read: {}", named.len());
    let tests = tests_below("tests");
    let missing: Vec<_> = named.difference(&tests).collect();
    assert!(missing.is_empty(), "no such tests: {missing:?}");
}

#[test]
fn every_rule_that_is_tested_is_in_the_table() {
    let named = named_in_the_table();
    let mut tests = tests_below("tests/it/rules");
    tests.extend(tests_below("tests/it/graph_api"));
    let missing: Vec<_> = tests.difference(&named).collect();
    assert!(missing.is_empty(), "not in the table: {missing:?}");
}

#[test]
fn every_choice_in_the_table_exists() {
    let behavior = serde_json::to_value(Behavior::default()).unwrap();
    for [rule, choice, _] in rows() {
        let mut names = quoted(&choice);
        if let Some(name) = names.next() {
            let default = behavior
                .get(&name)
                .unwrap_or_else(|| panic!("{rule} There is no choice {name}"));
            let first = names.next();
            assert_eq!(first.as_deref(), default.as_str(), "default of {name}");
        }
    }
}

/// `handover-sim check` names rules, so the crate has the rows of the table.
#[test]
fn the_check_knows_the_rules_of_the_table() {
    let mut lines = String::new();
    for [rule, choice, tests] in rows() {
        let setting = quoted(&choice).next().unwrap_or_default();
        for id in quoted(&tests) {
            lines.push_str(&format!("{id}\t{setting}\t{rule}\n"));
        }
    }
    let path = Path::new(CRATE).join("src/check/rules.txt");
    if std::env::var_os("UPDATE_RULES").is_some() {
        std::fs::write(&path, &lines).unwrap();
    }
    let known = std::fs::read_to_string(path).unwrap();
    assert!(
        known == lines,
        "src/check/rules.txt is out of date: set UPDATE_RULES=1 and run this test again"
    );
}
