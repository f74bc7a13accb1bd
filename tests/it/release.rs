//! What goes out to others is whole: manifests, licences, packages, changelog.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use handover_testkit::cargo::cargo;
use serde_json::Value;

use crate::support::root;

const CRATES: [&str; 6] = [
    "handover",
    "handover-cli",
    "handover-macros",
    "handover-protocol",
    "handover-runtime",
    "handover-sim",
];

fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// What cargo prints.
fn printed(arguments: &[&str]) -> String {
    let output = cargo().args(arguments).current_dir(root()).output();
    let output = output.expect("cargo runs");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "cargo {arguments:?}: {said}");
    String::from_utf8(output.stdout).unwrap()
}

/// What Cargo knows of the crates that are published, by name.
fn manifests() -> BTreeMap<String, Value> {
    let arguments = ["metadata", "--no-deps", "--format-version=1", "--offline"];
    let metadata: Value = serde_json::from_str(&printed(&arguments)).unwrap();
    let packages = metadata["packages"].as_array().unwrap().iter();
    // `publish = false` is an empty list of registries.
    let published = packages.filter(|package| package["publish"].is_null());
    published
        .map(|package| {
            (
                package["name"].as_str().unwrap().to_owned(),
                package.clone(),
            )
        })
        .collect()
}

#[test]
fn every_crate_says_what_it_is() {
    let manifests = manifests();
    assert_eq!(manifests.keys().collect::<Vec<_>>(), CRATES.each_ref());
    for (name, package) in &manifests {
        let text = |key: &str| package[key].as_str().unwrap_or_default();
        assert_eq!(text("license"), "MIT OR Apache-2.0", "{name}");
        assert_eq!(text("version"), env!("CARGO_PKG_VERSION"), "{name}");
        assert_eq!(text("readme"), "README.md", "{name}");
        assert!(text("description").len() > 20, "{name}");
        let keywords = package["keywords"].as_array().unwrap();
        // crates.io takes no more, and none that is longer.
        assert!((1..=5).contains(&keywords.len()), "{name}: {keywords:?}");
        let is_short = |word: &Value| word.as_str().unwrap().len() <= 20;
        assert!(keywords.iter().all(is_short), "{name}: {keywords:?}");
        let categories = package["categories"].as_array().unwrap();
        assert!((1..=5).contains(&categories.len()), "{name}");
    }
}

#[test]
fn crates_want_each_other_in_exactly_this_version() {
    for (name, package) in manifests() {
        for dependency in package["dependencies"].as_array().unwrap() {
            let on = dependency["name"].as_str().unwrap();
            // Its own tests want a crate with other features; that is not published.
            if CRATES.contains(&on) && on != name {
                let expected = concat!("=", env!("CARGO_PKG_VERSION"));
                assert_eq!(dependency["req"], expected, "{name} wants {on}");
            }
        }
    }
}

/// Files that the code reads while it is compiled, where it is not a test.
fn compiled_in(name: &str) -> Vec<&'static str> {
    match name {
        "handover-cli" => vec![
            "templates/live-chat/Cargo.toml.liquid",
            "templates/_shared/.gitignore",
            "templates/two-apps/src/billing.rs",
            "templates/language-model/src/bot.rs",
        ],
        "handover-runtime" => vec!["src/journal/storage/sqlite/schema.sql"],
        "handover-sim" => vec!["assets/page.html", "src/server/control_api/openapi.json"],
        _ => Vec::new(),
    }
}

#[test]
fn packages_have_what_they_need_and_no_more() {
    for name in CRATES {
        let listed = printed(&[
            "package",
            "--list",
            "--allow-dirty",
            "--offline",
            "-p",
            name,
        ]);
        let listed: BTreeSet<_> = listed.lines().collect();
        let usual = ["Cargo.toml", "README.md", "LICENSE-APACHE", "LICENSE-MIT"];
        for file in usual.into_iter().chain(compiled_in(name)) {
            assert!(listed.contains(file), "{name} lacks {file}: {listed:#?}");
        }
        if name == "handover" {
            let foreign = ["tests/", "benches/", "templates/", ".github/", "handover-"];
            let is_foreign = |file: &&&str| foreign.iter().any(|start| file.starts_with(start));
            let found: Vec<_> = listed.iter().filter(is_foreign).collect();
            assert!(found.is_empty(), "{name} has {found:?}");
            assert!(listed.contains("examples/minimal.rs"), "{listed:#?}");
        }
    }
}

#[test]
fn the_licences_are_those_of_the_workspace() {
    for name in CRATES.iter().filter(|name| **name != "handover") {
        for licence in ["LICENSE-APACHE", "LICENSE-MIT"] {
            assert_eq!(read(&format!("{name}/{licence}")), read(licence), "{name}");
        }
    }
}

#[test]
fn one_rust_is_the_oldest_everywhere() {
    let oldest = env!("CARGO_PKG_RUST_VERSION");
    assert!(read("rust-toolchain.toml").contains(&format!("channel = \"{oldest}.")));
    for package in manifests().values() {
        assert_eq!(package["rust_version"], oldest, "{}", package["name"]);
    }
    for template in fs::read_dir(root().join("templates")).unwrap() {
        let manifest = template.unwrap().path().join("Cargo.toml.liquid");
        if let Ok(text) = fs::read_to_string(&manifest) {
            let line = format!("rust-version = \"{oldest}\"");
            assert!(text.contains(&line), "{}", manifest.display());
        }
    }
}

#[test]
fn the_changelog_is_one() {
    let changelog = read("CHANGELOG.md");
    let mut versions = changelog
        .lines()
        .filter_map(|line| line.strip_prefix("## "));
    assert_eq!(versions.next(), Some("Unreleased"));
    for version in versions {
        let (number, date) = version.split_once(" - ").expect(version);
        assert!(
            number.starts_with('[') && number.ends_with(']'),
            "{version}"
        );
        assert_eq!(date.len(), "2026-11-23".len(), "{version}");
    }
    let known = [
        "Added",
        "Changed",
        "Deprecated",
        "Removed",
        "Fixed",
        "Security",
    ];
    for kind in changelog
        .lines()
        .filter_map(|line| line.strip_prefix("### "))
    {
        assert!(known.contains(&kind), "{kind}");
    }
}
