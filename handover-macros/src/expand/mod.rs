//! Model to tokens: nothing is decided here.

mod app;
mod call;
mod checks;
mod companion;
pub(crate) mod handoff;
mod names;
pub(crate) mod on;
pub(crate) mod payload;
pub(crate) mod routes;
pub(crate) mod signal;
pub(crate) mod state;
