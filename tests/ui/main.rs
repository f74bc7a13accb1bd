//! What rustc says about each mistake: one error, on the user's own wrong token, with what to do.
//!
//! A line `//~ ^^^` in a case underlines what is wrong in the line above it. A case that starts with
//! `// 2 errors: …` says why rustc cannot be brought to report less.
//!
//! `TRYBUILD=overwrite cargo test -p handover-ui` writes the expected messages again. They hold
//! for the toolchain that `rust-toolchain.toml` names.

#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "what goes wrong here fails a test"
)]

use std::path::{Path, PathBuf};

const ROOT: &str = env!("CARGO_MANIFEST_DIR");

#[test]
fn every_mistake_is_explained() {
    let bare = bare_bodies();
    let cases = trybuild::TestCases::new();
    cases.compile_fail("*/*.rs");
    cases.compile_fail(bare.join("*.rs"));
}

/// Writes the cases in `body` without their attributes. A mistake in a body reads as in any function, so
/// what rustc says about them is the same.
fn bare_bodies() -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("bare_body");
    // Cases that are gone by now.
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).unwrap();
    let bodies = cases().filter(|case| case.parent().unwrap().ends_with("body"));
    let mut written = 0;
    for case in bodies {
        let code = std::fs::read_to_string(&case).unwrap();
        let attributes = ["\n#[on_message]\n", "\n#[handoff("];
        let code = attributes.iter().fold(code, |code, attribute| {
            code.replace(attribute, &attribute.replace('#', "//#"))
        });
        // A bare function cannot be listed.
        let (code, _) = code.rsplit_once("fn main()").unwrap();
        let bare = folder.join(case.file_name().unwrap());
        std::fs::write(&bare, format!("{code}fn main() {{}}\n")).unwrap();
        let message = std::fs::read_to_string(case.with_extension("stderr")).unwrap();
        let message = message.replace(" body/", &format!(" {}/", folder.display()));
        std::fs::write(bare.with_extension("stderr"), message).unwrap();
        written += 1;
    }
    assert!(written >= 20, "only {written} were found");
    folder
}

/// A mistake that is reported twice, or somewhere else, teaches nothing.
#[test]
fn every_mistake_is_reported_once_and_at_its_place() {
    for case in cases() {
        let code = std::fs::read_to_string(&case).unwrap();
        let stderr = case.with_extension("stderr");
        let message = std::fs::read_to_string(&stderr)
            .unwrap_or_else(|error| panic!("{}: {error}", stderr.display()));
        let mut shown = shown(&message);
        shown.sort_unstable();
        let mut expected = marked(&code);
        if let Some(errors) = excused(&code) {
            assert_eq!(shown.len(), errors, "{}:\n{message}", case.display());
            shown.truncate(1);
            expected.truncate(1);
        }
        assert_eq!(shown, expected, "{}:\n{message}", case.display());
    }
}

/// A handler that is not listed says nothing of what a user sees.
#[test]
fn every_handler_is_listed() {
    let mut listed = 0;
    let is_exempt = |case: &PathBuf| {
        let name = case.file_stem().unwrap().to_string_lossy();
        name.starts_with("never_listed")
    };
    for case in cases().filter(|case| !is_exempt(case)) {
        let code = std::fs::read_to_string(&case).unwrap();
        let lists: String = code.split("routes![").skip(1).collect();
        for handler in handlers(&code) {
            assert!(lists.contains(handler), "{handler} in {}", case.display());
            listed += 1;
        }
    }
    assert!(listed >= 200, "only {listed} were found");
}

/// The names of the functions at the margin that have a trigger.
fn handlers(code: &str) -> Vec<&str> {
    let mut names = Vec::new();
    let mut has_trigger = false;
    for line in code.lines() {
        let attribute = line.strip_prefix("#[").unwrap_or_default();
        has_trigger |= attribute.starts_with("on_") || attribute.starts_with("fallback");
        let is_function = line.starts_with(|letter: char| letter.is_ascii_lowercase());
        if let Some((_, after)) = line.split_once("fn ").filter(|_| is_function) {
            let name = after.split(['(', '<']).next().unwrap();
            if std::mem::take(&mut has_trigger) {
                names.push(name);
            }
        } else if line.ends_with(['{', ';', '}']) {
            has_trigger = false;
        }
    }
    names
}

/// Only the folder for them has cases with several.
#[test]
fn mistakes_are_tested_one_by_one() {
    for case in cases().filter(|case| !case.parent().unwrap().ends_with("several")) {
        let code = std::fs::read_to_string(&case).unwrap();
        assert_eq!(marked(&code).len(), 1, "{}", case.display());
    }
}

#[test]
fn mistakes_are_many_and_excuses_few() {
    let cases: Vec<_> = cases().collect();
    let excused = cases
        .iter()
        .filter(|case| excused(&std::fs::read_to_string(case).unwrap()).is_some());
    assert!(excused.count() <= 4);
    assert!(cases.len() >= 200, "only {} were found", cases.len());
}

/// Where something is wrong: the line, the column, and how many letters are underlined.
type Place = (usize, usize, usize);

/// What the case marks.
fn marked(code: &str) -> Vec<Place> {
    let mut places = Vec::new();
    for (above, marker) in code.lines().enumerate() {
        if let Some(carets) = marker.strip_prefix("//~") {
            let mut column = "//~".len() + 1;
            for mark in carets.split(' ') {
                if !mark.is_empty() {
                    places.push((above, column, mark.len()));
                }
                column += mark.len() + 1;
            }
        }
    }
    places
}

/// How many errors the case says there have to be.
fn excused(code: &str) -> Option<usize> {
    let (errors, _) = code.strip_prefix("// ")?.split_once(" errors: ")?;
    Some(errors.parse().expect("a number of errors"))
}

/// What rustc points at, error by error.
fn shown(message: &str) -> Vec<Place> {
    let mut places = Vec::new();
    let mut lines = message.lines();
    while let Some(line) = lines.next() {
        if !line.starts_with("error") {
            continue;
        }
        let place = lines.next().and_then(|arrow| arrow.split_once(".rs:"));
        let (_, place) = place.expect("a place follows the message");
        let (line, column) = place.split_once(':').expect("a line and a column");
        let underlined = lines
            .find(|line| line.trim_start().starts_with('|') && line.contains('^'))
            .expect("something is underlined");
        let carets = underlined.trim_start_matches(|letter| letter != '^');
        let length = carets.chars().take_while(|letter| *letter == '^').count();
        places.push((line.parse().unwrap(), column.parse().unwrap(), length));
    }
    places
}

fn cases() -> impl Iterator<Item = PathBuf> {
    let folders = entries(Path::new(ROOT)).filter(|entry| entry.is_dir());
    let files = folders.flat_map(|folder| entries(&folder));
    files.filter(|file| file.extension().is_some_and(|extension| extension == "rs"))
}

fn entries(directory: &Path) -> impl Iterator<Item = PathBuf> + use<> {
    let entries = std::fs::read_dir(directory).expect("the directory is there");
    entries.map(|entry| entry.unwrap().path())
}
