//! The outbox: calls of one thread leave in order, many threads at once.

mod deliver;
mod direct;
mod guard;
mod metrics;
mod pauses;
mod rate;
mod renewal;
mod retry;
mod sign;
mod watch;

pub use deliver::Blocked;
pub(crate) use deliver::{Outbox, Slots, run};
pub(crate) use direct::DirectSends;
pub(crate) use metrics::OutboxMetrics;
pub(crate) use pauses::Pauses;
pub(crate) use rate::Limiter;
pub(crate) use renewal::renew;
pub(crate) use watch::watch;
