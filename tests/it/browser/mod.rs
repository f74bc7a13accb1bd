//! The simulator's page and the operations page, played by clicking in a real browser.

#![allow(
    clippy::expect_used,
    clippy::needless_pass_by_value,
    clippy::panic,
    clippy::unwrap_used,
    reason = "what goes wrong here fails a test"
)]

mod beside;
mod clock;
mod faults;
mod handover;
mod keyboard;
mod layout;
mod newcomer;
mod operations;
mod phone;
mod restarts;
mod scale;
mod settings;
mod share;
mod timeline;
mod tour;
