//! The `handover` command: tools around a bot.
//!
//! `arguments.rs` defines the command line, and each file in `command/` is one command.

mod app;
mod browser;
mod cargo_target;
mod child;
mod command;
mod command_error;
mod environment;
mod graph;
mod http;
mod routes_page;
mod span;
mod store;
mod summary;
mod terminal;

use std::process::ExitCode;

use clap::Parser;

use command::CliArguments;

fn main() -> ExitCode {
    match command::run(CliArguments::parse()) {
        Ok(code) => code,
        Err(command_error) => {
            terminal::complain(&command_error);
            command_error.exit_code()
        }
    }
}
