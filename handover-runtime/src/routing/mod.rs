//! Routing: which handler takes an event. The first route in the list that matches wins.

mod companion;
mod describe;
mod filter;
mod fit;
mod handler;
mod key;
mod meta;
mod pace;
mod pattern;
mod reach;
mod route;
mod routes;
mod seen;
mod when;
mod words;

pub use companion::{
    Attached, Candidate, Companion, Entry, FutureCheck, Handled, HandlerFn, Handles, HandlesWith,
    IfExtracted, Inert, NoSession, OfAnything, OfFunction, OfHandler, OfNone, OfOther, OfSession,
    Otherwise, Placeholder, SameSession, SessionType, attach, check_can_fail, check_future, metas,
    nothing,
};
pub use describe::Description;
pub use filter::RouteError;
pub use fit::check_argument;
pub use handler::Handler;
pub use key::{Field, Key, Place};
pub use meta::Meta;
pub use pace::Pace;
pub use reach::{List, check_reachable, check_trigger};
pub use route::Route;
pub use routes::Routes;
pub(crate) use routes::{Answer, Match, Table};
pub use when::{Ask, Predicate, When};
