//! What the tests of several crates and the benchmarks share: an HTTP client, a stub of the Graph API,
//! random inputs, and how to run cargo. It depends on none of the crates that are tested.

#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    clippy::needless_pass_by_value,
    reason = "what goes wrong here fails a test"
)]

pub mod cargo;
pub mod fuzz;
pub mod graph;
pub mod http;
pub mod postgres;
pub mod server;

use std::time::Duration;

/// How long a test waits for what has to come: long enough for a machine that has much else to do.
pub const PATIENCE: Duration = Duration::from_secs(60);
