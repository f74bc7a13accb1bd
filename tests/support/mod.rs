//! What several tests need.

#![allow(dead_code, reason = "each test uses its part of it")]
#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "what goes wrong here fails a test"
)]
#![allow(
    clippy::needless_pass_by_value,
    reason = "JSON is given where it is written"
)]

pub(crate) mod bot;
pub(crate) mod browser;
pub(crate) mod control_api;
pub(crate) mod directory;
pub(crate) mod example;
pub(crate) mod gate;
pub(crate) mod installed;
pub(crate) mod logs;
pub(crate) mod markdown;
pub(crate) mod picture;
pub(crate) mod platform;
pub(crate) mod played_bot;
pub(crate) mod program;
pub(crate) mod prometheus;
pub(crate) mod receiver;
pub(crate) mod simulated;
pub(crate) mod simulator_page;
pub(crate) mod wait;
pub(crate) mod watched;

/// The root of the repository.
pub(crate) fn root() -> &'static std::path::Path {
    let tests = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    tests.parent().expect("`tests` is in the root")
}
