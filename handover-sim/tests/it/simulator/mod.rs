//! The simulator through its public face: the rules, then the network.

mod send;

mod access;
mod again;
mod control_api;
mod data_deletion;
mod faults;
mod graph;
mod handles;
mod hours;
mod login;
mod openapi;
mod public;
#[rustfmt::skip]
mod webhooks;
