//! Running the harness as the program that it is.

#![allow(clippy::expect_used, reason = "what goes wrong here fails a test")]

use std::process::{Command, Output};

/// What it says is shown; a failing run can be run again by its seed.
pub(crate) fn harness(arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_handover-crash"));
    let output = command.args(arguments).output().expect("the harness runs");
    let text = String::from_utf8_lossy(&output.stdout);
    println!("handover-crash {}\n{text}", arguments.join(" "));
    output
}
