//! What a fuzzer runs with any bytes: files that the bot and the command read at the start.

#![allow(clippy::expect_used, reason = "a panic is what the fuzzer looks for")]

use std::path::Path;

use super::file::parse;
use crate::environment::Environment;
use crate::routing::describe::DescribedProgram;
use crate::store::Store;

/// A file of accounts, a file `.env`, a description of a bot, and the address of a store: a value, or an
/// error that quotes no token.
pub fn input_files(input: &[u8]) {
    const TOKEN: &str = "EAABcanary";
    if let Err(error) = parse(Path::new("accounts.json"), input) {
        let shown = format!("{error} {error:?}");
        assert!(!shown.contains(TOKEN), "{shown}");
    }
    let environment = Environment::read(input);
    let shown = format!("{environment:?}");
    assert!(!shown.contains("EAABcanary-value"), "{shown}");
    if let Ok(program) = serde_json::from_slice::<DescribedProgram>(input) {
        let written = serde_json::to_string(&program).expect("it can be written");
        assert!(serde_json::from_str::<DescribedProgram>(&written).is_ok());
    }
    let text = String::from_utf8_lossy(input);
    if let Err(error) = text.trim().parse::<Store>() {
        let shown = format!("{error} {error:?}");
        assert!(!shown.contains(TOKEN), "{shown}");
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn input_files() {
        handover_testkit::fuzz::fuzz("input_files", super::input_files);
    }
}
