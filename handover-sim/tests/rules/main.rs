//! The rules through the platform's public face: one test for each, and what holds whatever happens.

#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used)]

#[path = "../support/stage.rs"]
mod stage;

mod accounts;
mod audience;
mod batching;
mod beside;
mod control;
mod entry;
mod expiry;
mod handover_events;
mod inbox;
mod lead_ads;
mod legacy;
mod model;
mod person;
mod properties;
mod subscriptions;
mod window;
mod world;
mod zero_config;
