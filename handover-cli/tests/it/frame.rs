//! What the command says of itself.

use std::process::Command;

use crate::support::handover;

#[tokio::test]
async fn help_points_to_the_simulator() {
    let help = handover(&["--help"]).run().await;
    assert!(help.good().contains("Usage: handover"), "{}", help.stdout);
    assert!(help.stdout.contains("`handover-sim`"), "{}", help.stdout);
}

#[tokio::test]
async fn version_is_the_packages() {
    let version = handover(&["--version"]).run().await;
    let expected = format!("handover {}\n", env!("CARGO_PKG_VERSION"));
    assert_eq!(version.good(), expected);
}

#[tokio::test]
async fn nothing_to_do_is_answered_with_help() {
    let help = handover(&[]).run().await;
    assert!(help.misuse().contains("Usage: handover"), "{}", help.stderr);
}

#[tokio::test]
async fn a_misspelt_command_is_corrected() {
    let refusal = handover(&["triger"]).run().await;
    assert!(refusal.misuse().contains("'trigger'"), "{}", refusal.stderr);
}

#[tokio::test]
async fn every_shell_gets_completions() {
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let script = handover(&["completions", shell]).run().await;
        assert!(script.good().contains("trigger"), "{shell}");
    }
}

#[test]
fn cargo_runs_it_as_its_own() {
    let output = Command::new(env!("CARGO_BIN_EXE_cargo-handover"))
        .args(["handover", "--version"])
        .output()
        .expect("the command runs");
    let expected = format!("handover {}\n", env!("CARGO_PKG_VERSION"));
    assert_eq!(String::from_utf8_lossy(&output.stdout), expected);
    let refused = Command::new(env!("CARGO_BIN_EXE_cargo-handover"))
        .args(["handover", "trigger"])
        .output()
        .expect("the command runs");
    assert_eq!(refused.status.code(), Some(2));
}
