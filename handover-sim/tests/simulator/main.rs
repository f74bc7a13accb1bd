//! The simulator through its public face: the rules, then the network.

#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used)]

mod common;

mod send;

mod desk;
mod graph;
mod handles;
mod webhooks;
