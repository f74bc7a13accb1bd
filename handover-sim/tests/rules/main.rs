//! The rules through the platform's public face: one test for each, and what holds whatever happens.

#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used)]

#[path = "../support/stage.rs"]
mod stage;

mod control;
mod inbox;
mod person;
mod properties;
