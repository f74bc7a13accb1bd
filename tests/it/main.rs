//! Bots as users write them, through the public surface: a module for each subject.

#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "what goes wrong here fails a test"
)]

#[path = "../support/mod.rs"]
mod support;

mod arrivals;
mod catch_up;
mod embedded;
mod floors;
mod handlers;
mod limits;
mod ownership;
mod removed_accounts;
mod scenarios;
mod sends;
mod sessions;
mod triggers;
mod when;
mod words;
