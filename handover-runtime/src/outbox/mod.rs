//! The outbox: calls of one thread leave in order, many threads at once.

mod deliver;
mod direct;
mod guard;
mod pauses;
mod rate;
mod retry;
mod sign;
mod watch;

pub use deliver::Blocked;
pub(crate) use deliver::{ECHO_PAUSE_MS, Outbox, Slots, run};
pub(crate) use direct::DirectSends;
pub(crate) use pauses::Pauses;
pub(crate) use rate::Limiter;
pub use rate::SendRate;
pub(crate) use watch::watch;
