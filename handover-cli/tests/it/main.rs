//! The command, run as a program.

#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "what goes wrong here fails a test"
)]

mod catch_up;
mod dev;
mod doctor;
mod frame;
mod guide;
mod journal;
mod leaks;
mod new;
mod operations;
mod record;
mod routes;
mod speak;
mod support;
mod thread;
mod trigger;
