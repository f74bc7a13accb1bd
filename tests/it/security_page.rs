//! `docs/security.md` names a test for each promise, and each of them is there.

use std::collections::BTreeSet;
use std::path::Path;

use crate::support::root;

/// The names of functions and modules in the Rust files below a folder.
fn names_in(folder: &Path, names: &mut BTreeSet<String>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            names.extend(path.file_name().map(|it| it.to_string_lossy().into_owned()));
            names_in(&path, names);
        } else if path.extension().is_some_and(|it| it == "rs") {
            names.extend(path.file_stem().map(|it| it.to_string_lossy().into_owned()));
            let source = std::fs::read_to_string(&path).unwrap();
            let functions = source.split("fn ").skip(1);
            let words = functions.filter_map(|it| it.split(['(', '<']).next());
            names.extend(words.map(|it| it.trim().to_owned()));
        }
    }
}

#[test]
fn each_promise_names_its_test() {
    let page = std::fs::read_to_string(root().join("docs/security.md")).unwrap();
    let mut names = BTreeSet::new();
    for folder in [
        "tests/it",
        "handover-runtime/src",
        "handover-runtime/tests/it",
        "handover-cli/tests/it",
        "handover-sim/tests/it",
    ] {
        names_in(&root().join(folder), &mut names);
    }
    let rows = page.lines().filter(|line| line.starts_with("| S"));
    let mut promises = 0;
    for row in rows {
        let columns: Vec<_> = row.trim_matches('|').split('|').map(str::trim).collect();
        let [number, promise, test] = columns[..] else {
            panic!("three columns: {row}");
        };
        promises += 1;
        assert_eq!(number, format!("S{promises}"), "they are numbered in order");
        assert!(!promise.is_empty() && !test.is_empty(), "{row}");
        let quoted = test.split('`').skip(1).step_by(2);
        for path in quoted.filter(|it| it.contains("::")) {
            let is_name = |it: &&str| it.starts_with(|c: char| c.is_ascii_lowercase());
            for name in path.split("::").filter(is_name) {
                assert!(
                    names.contains(name),
                    "{number}: there is no `{name}` ({path})"
                );
            }
        }
    }
    assert!(promises >= 20, "{promises} promises");
}
