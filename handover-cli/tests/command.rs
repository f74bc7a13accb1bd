//! What the command says of itself.

use std::io;
use std::process::Command;

struct Answer {
    code: Option<i32>,
    stdout: String,
    stderr: String,
}

fn handover(arguments: &[&str]) -> io::Result<Answer> {
    let output = Command::new(env!("CARGO_BIN_EXE_handover"))
        .args(arguments)
        .output()?;
    let text = |bytes| String::from_utf8_lossy(bytes).into_owned();
    Ok(Answer {
        code: output.status.code(),
        stdout: text(&output.stdout),
        stderr: text(&output.stderr),
    })
}

#[test]
fn help_points_to_the_simulator() -> io::Result<()> {
    let help = handover(&["--help"])?;
    assert_eq!(help.code, Some(0));
    assert!(help.stdout.contains("Usage: handover"), "{}", help.stdout);
    assert!(help.stdout.contains("`handover-sim`"), "{}", help.stdout);
    Ok(())
}

#[test]
fn version_is_the_packages() -> io::Result<()> {
    let version = handover(&["--version"])?;
    assert_eq!(version.code, Some(0));
    let expected = format!("handover {}\n", env!("CARGO_PKG_VERSION"));
    assert_eq!(version.stdout, expected);
    Ok(())
}

#[test]
fn nothing_to_do_is_answered_with_help() -> io::Result<()> {
    let help = handover(&[])?;
    assert_eq!(help.code, Some(2));
    assert!(help.stderr.contains("Usage: handover"), "{}", help.stderr);
    Ok(())
}

#[test]
fn what_does_not_exist_is_refused() -> io::Result<()> {
    let refusal = handover(&["dev"])?;
    assert_eq!(refusal.code, Some(2));
    assert!(refusal.stderr.contains("'dev'"), "{}", refusal.stderr);
    Ok(())
}
