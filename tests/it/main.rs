//! Bots as users write them, through the public surface: a module for each subject.

#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "what goes wrong here fails a test"
)]

#[path = "../support/mod.rs"]
mod support;

mod accounts;
mod arrivals;
mod browser;
mod catch_up;
mod clients;
mod data_deletion;
mod describe;
mod embedded;
mod errors_page;
mod every_event;
mod examples;
mod floors;
mod graph_calls;
mod guide;
mod handback;
mod handlers;
mod history;
mod hygiene;
mod internal_events;
mod leaks;
mod limits;
mod live_chat;
mod moments;
mod notices;
mod operations;
mod operations_page;
mod outbox;
mod overload;
mod ownership;
mod pace;
mod pictures;
mod privacy;
mod public_names;
mod readme;
mod recording;
mod release;
mod removed_accounts;
mod replies;
mod restart;
mod retries;
mod routing;
mod saved;
mod scenario;
mod scenarios;
mod secrets;
mod security_page;
mod sends;
mod sessions;
mod setup;
mod speak_api;
mod store;
mod tenants;
mod testing;
mod threads;
mod timers;
mod triggers;
mod type_names;
mod webhook;
mod when;
mod words;
