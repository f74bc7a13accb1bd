//! The `handover` command: everything around a bot.
//!
//! `arguments.rs` is what can be said, and each file in `command/` is one command.

mod app;
mod cargo_target;
mod command;
mod environment;
mod failure;
mod said;
mod signal;
mod span;
mod store;
mod terminal;

use std::process::ExitCode;

use clap::Parser;

use command::Arguments;

fn main() -> ExitCode {
    match command::run(Arguments::parse()) {
        Ok(code) => code,
        Err(failure) => {
            terminal::complain(&failure);
            failure.exit_code()
        }
    }
}
