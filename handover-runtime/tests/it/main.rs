//! The Graph client against a server that plays its part.

#![allow(
    clippy::expect_used,
    clippy::needless_pass_by_value,
    clippy::panic,
    clippy::unwrap_used,
    reason = "what goes wrong here fails a test, and JSON is given where it is written"
)]

mod client;

mod graph_calls;
mod graph_connections;
mod graph_errors;
mod graph_https;
mod graph_limits;
#[cfg(feature = "whatsapp")]
mod whatsapp;
