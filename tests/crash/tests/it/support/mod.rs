//! Running the harness as the program that it is.

#![allow(
    clippy::expect_used,
    clippy::panic,
    reason = "what goes wrong here fails a test"
)]
#![allow(dead_code, reason = "each test uses its part of it")]

mod mutated;

use std::path::Path;
use std::process::{Command, Output};

/// What it says is shown; a failing run can be run again by its seed.
pub(crate) fn harness(arguments: &[&str]) -> Output {
    run(Path::new(env!("CARGO_BIN_EXE_handover-crash")), arguments)
}

/// The same of a bot with a planted mistake.
pub(crate) fn mutated_harness(mutation: &str, arguments: &[&str]) -> Output {
    run(
        mutated::program(),
        &[arguments, &["--mutation", mutation]].concat(),
    )
}

/// A run ends at its first violation, which may be another than the one that is looked for, and what a kill or a fault
/// hits is chance. So a mistake has so many runs in which to show, each with another seed.
const RUNS: u32 = 5;

/// Checks that a bot with a planted mistake has one of these violations.
pub(crate) fn assert_shows(mutation: &str, violations: &[&str], arguments: &[&str]) {
    let is_found = (0..RUNS).any(|_| {
        let output = mutated_harness(mutation, arguments);
        let text = String::from_utf8_lossy(&output.stdout);
        let (_, found) = text.split_once("violations: ").unwrap_or_default();
        output.status.code() == Some(1) && violations.iter().any(|one| found.contains(one))
    });
    assert!(
        is_found,
        "{mutation} does not show as any of {violations:?}"
    );
}

fn run(program: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(program);
    let output = command.args(arguments).output().expect("the harness runs");
    let text = String::from_utf8_lossy(&output.stdout);
    println!("handover-crash {}\n{text}", arguments.join(" "));
    output
}
