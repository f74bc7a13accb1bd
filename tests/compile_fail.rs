//! What rustc says about each mistake: one error, on the user's own wrong token, with what to do.
//!
//! `TRYBUILD=overwrite cargo test --test compile_fail` writes the expected messages anew. They hold
//! for the toolchain that `rust-toolchain.toml` names.

#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "what goes wrong here fails a test"
)]

use std::path::{Path, PathBuf};

#[test]
fn every_mistake_is_explained() {
    trybuild::TestCases::new().compile_fail("tests/ui/*/*.rs");
}

/// A mistake that is reported twice, or somewhere else as well, teaches nothing.
#[test]
fn every_mistake_is_one_error() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/ui");
    let mut messages = 0;
    for mistake in entries(&root) {
        for file in entries(&mistake).filter(|file| file.extension().is_some_and(|e| e == "stderr"))
        {
            let message = std::fs::read_to_string(&file).unwrap();
            let errors = message
                .lines()
                .filter(|line| line.starts_with("error"))
                .count();
            assert_eq!(errors, 1, "{}:\n{message}", file.display());
            messages += 1;
        }
    }
    assert!(messages >= 20, "only {messages} mistakes were found");
}

fn entries(directory: &Path) -> impl Iterator<Item = PathBuf> {
    let entries = std::fs::read_dir(directory).expect("the directory is there");
    entries.map(|entry| entry.unwrap().path())
}
