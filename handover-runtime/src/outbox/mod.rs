//! The outbox: calls of one thread leave in order, many threads at once.

mod deliver;
mod guard;
mod retry;

pub(crate) use deliver::{Outbox, run};
pub(crate) use guard::gives_thread_away;
