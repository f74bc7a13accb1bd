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
#[cfg(feature = "postgres")]
mod migrate;
mod new;
mod operations;
#[cfg(feature = "postgres")]
mod postgres;
mod record;
mod routes;
mod speak;
mod support;
mod thread;
mod trigger;
