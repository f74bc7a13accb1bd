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

fn run(program: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(program);
    let output = command.args(arguments).output().expect("the harness runs");
    let text = String::from_utf8_lossy(&output.stdout);
    println!("handover-crash {}\n{text}", arguments.join(" "));
    output
}
