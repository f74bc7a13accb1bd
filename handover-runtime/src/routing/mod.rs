//! Routing: which handler takes an event. The first route in the list that matches wins.

mod check;
mod filter;
mod handler;
mod meta;
mod route;
mod routes;

pub use check::{check_future, check_outcome};
pub use filter::RouteError;
pub use handler::Handler;
pub use meta::{Described, Filter, Meta};
pub use route::Route;
pub use routes::Routes;
pub(crate) use routes::{Answer, Table};
