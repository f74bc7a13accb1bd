//! The wire types as the platform writes and reads them: a module for each part.

#![allow(
    clippy::expect_used,
    clippy::needless_pass_by_value,
    clippy::panic,
    clippy::unwrap_used,
    reason = "what goes wrong here fails a test, and JSON is given where it is written"
)]

mod support;

mod coverage;
mod errors;
mod event_shapes;
mod events;
mod graph;
mod ids;
mod limits;
mod payloads;
mod profile;
mod reading;
mod round_trip;
mod send;
mod templates;
mod thread_control;
mod timestamps;
mod tolerance_properties;
#[cfg(feature = "whatsapp")]
mod whatsapp;
