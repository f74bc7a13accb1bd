//! Three nodes on one PostgreSQL server, which are killed, frozen and stopped, as is the server.

#![allow(clippy::expect_used, reason = "what goes wrong here fails a test")]

use std::process::Command;

#[test]
fn three_nodes_lose_and_repeat_nothing_whatever_happens_to_them() {
    let output = Command::new(env!("CARGO_BIN_EXE_handover-crash"))
        .args(["cluster", "--faults", "25"])
        .output();
    let output = output.expect("the harness runs");
    println!("{}", String::from_utf8_lossy(&output.stdout));
    assert!(output.status.success(), "violations: see above");
}
