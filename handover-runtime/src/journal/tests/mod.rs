//! Every journal behaves alike: a random history of each is compared with a simple model, and single
//! rules are tested one by one.

#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "what goes wrong here fails a test"
)]

#[cfg(feature = "postgres")]
mod arrivals;
mod calls;
#[cfg(feature = "postgres")]
mod commits;
mod echoes;
mod failed_commits;
mod fixture;
mod history;
mod late;
mod lifecycles;
mod listing;
#[cfg(feature = "postgres")]
mod mentions;
mod model;
#[cfg(feature = "postgres")]
mod nodes;
#[cfg(feature = "postgres")]
mod postgres;
mod reclaim;
mod replaced;
mod replay;
mod retention;
mod sqlite;
mod threads;
mod timers;
mod turns;
mod waiting;
