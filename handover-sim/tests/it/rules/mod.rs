//! The rules through the platform's public face: one test for each, and what holds whatever happens.

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
mod random_actions;
mod subscriptions;
mod window;
mod zero_config;
