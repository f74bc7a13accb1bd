//! Routing: which handler takes an event. The first route in the list that matches wins.

mod check;
mod describe;
mod filter;
mod fit;
mod handler;
mod key;
mod meta;
mod pattern;
mod reach;
mod route;
mod routes;
mod seen;
mod words;

pub use check::{check_future, check_outcome};
pub use describe::Description;
pub use filter::RouteError;
pub use fit::check_argument;
pub use handler::Handler;
pub use key::{Field, Key, Place};
pub use meta::{Described, Meta};
pub use reach::{List, check_reachable};
pub use route::Route;
pub use routes::Routes;
pub(crate) use routes::{Answer, Table};
