//! Routing: which handler takes an event. The first route in the list that matches wins.

pub(crate) mod companion;
mod describe;
mod filter;
pub(crate) mod fit;
mod handler;
pub(crate) mod key;
pub(crate) mod meta;
mod pace;
mod pattern;
pub(crate) mod reach;
mod route;
mod routes;
mod seen;
pub(crate) mod when;
mod words;

pub use describe::Description;
pub use filter::RouteError;
pub use pace::Pace;
pub use routes::Routes;

pub(crate) use key::{Field, Key};
pub(crate) use meta::Meta;
pub(crate) use routes::{Answer, Match, Table};
