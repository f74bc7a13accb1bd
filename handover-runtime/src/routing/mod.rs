//! Routing: which handler takes an event. The first route in the list that matches wins.

pub(crate) mod argument_check;
mod candidates;
pub(crate) mod companion;
pub(crate) mod describe;
mod filter;
#[cfg(any(test, fuzzing))]
pub(crate) mod fuzz;
pub(crate) mod handler;
pub(crate) mod key;
pub(crate) mod meta;
mod pace;
mod pattern;
pub(crate) mod reachability;
mod route;
pub(crate) mod routes;
pub(crate) mod webhook_fields;
pub(crate) mod when;
mod words;

pub use describe::Description;
pub use filter::RouteError;
pub use pace::Pace;
pub use routes::{IntoRoutes, Routes};

pub(crate) use routes::{Match, RoutingTable};
