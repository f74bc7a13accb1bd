//! Model to tokens: nothing is decided here.

mod app;
pub(crate) mod handoff;
pub(crate) mod on;
pub(crate) mod payload;
pub(crate) mod routes;
pub(crate) mod signal;
pub(crate) mod state;
pub(crate) mod unnamed;
