//! The outbox: calls in order for each thread, many threads at once.

mod attempt;
mod compose;
mod deliver;
mod guard;
mod metrics;
mod nodes;
mod notices;
mod observed;
mod pauses;
mod rate;
mod refused;
mod renewal;
mod result;
mod retry;
mod sender_action;
mod watch;

pub(crate) use compose::{Composer, HELD_FOR, NoRecipient};
pub(crate) use deliver::{Outbox, SendPermits, run};
pub(crate) use metrics::OutboxMetrics;
pub(crate) use nodes::agree;
pub(crate) use notices::{NoticeMetrics, Notices, Notifiers, deliver as deliver_notices};
pub(crate) use observed::ObservedSends;
pub(crate) use pauses::AccountPauses;
pub(crate) use rate::Limiter;
pub(crate) use renewal::renew;
pub(crate) use watch::watch;
