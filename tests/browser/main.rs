//! The simulator's page, played by clicking in a real browser.

#[path = "../support/mod.rs"]
mod support;

mod clock;
mod faults;
mod handover;
mod keyboard;
mod layout;
mod phone;
mod restarts;
mod scale;
mod settings;
mod timeline;
