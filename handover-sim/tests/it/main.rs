//! The rules of the platform, its Graph API, the simulator over the network, and the command.

#![allow(
    clippy::expect_used,
    clippy::needless_pass_by_value,
    clippy::panic,
    clippy::unwrap_used,
    reason = "what goes wrong here fails a test, and JSON is given where it is written"
)]

mod support;

mod check;
mod command;
mod graph_api;
mod rules;
mod rules_table;
mod simulator;
