//! Cargo, run by a test.

use std::env;
use std::process::Command;

/// Cargo as a shell runs it.
pub fn cargo() -> Command {
    let program = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut cargo = Command::new(program);
    without_package(&mut cargo);
    cargo
}

/// Removes the variables in which cargo tells a test its package. Build scripts such as that of `ring` depend
/// on them: with them, cargo would build most of the workspace once more, and again after the test.
pub fn without_package(command: &mut Command) -> &mut Command {
    const PREFIXES: [&str; 3] = ["CARGO_BIN_EXE_", "CARGO_MANIFEST_", "CARGO_PKG_"];
    for (name, _) in env::vars_os() {
        let is_of_the_test = |name: &str| PREFIXES.iter().any(|prefix| name.starts_with(prefix));
        if name.to_str().is_some_and(is_of_the_test) {
            command.env_remove(name);
        }
    }
    command
}
