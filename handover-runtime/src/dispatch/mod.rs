//! Dispatch: events of one thread in order, one at a time; many threads at once.

mod burst;
mod claim;
mod consequences;
mod handle;
mod owner;
mod pace;
mod span;
mod transcript;
mod typing;
mod unknown;
mod wake;
mod worker;

use std::sync::Arc;

use tokio::sync::Semaphore;

pub(crate) use claim::{Workers, run};
pub(crate) use handle::request_instead;
pub(crate) use owner::Unasked;
pub use pace::Pace;
pub(crate) use wake::Wake;
pub(crate) use worker::FoundEarly;

use crate::accounts::Accounts;
use crate::journal::Journal;
use crate::metrics::Metrics;
use crate::outbox::{DirectSends, Outbox};
use crate::ownership::Rules;
use crate::routing::Table;
use crate::settings::Settings;
use crate::stop::Stop;
use crate::target::AppDirectory;

/// What every worker shares.
pub(crate) struct Dispatcher<S> {
    pub(crate) journal: Arc<dyn Journal>,
    pub(crate) table: Table<S>,
    pub(crate) state: S,
    pub(crate) apps: Arc<AppDirectory>,
    pub(crate) accounts: Arc<Accounts>,
    pub(crate) rules: Arc<Rules>,
    /// Accounts whose owners this app may not see, and until when it does not ask.
    pub(crate) unasked: Unasked,
    /// Who hears of what handlers send past the outbox.
    pub(crate) direct: Arc<DirectSends>,
    pub(crate) settings: Settings,
    /// One for each thread that is worked.
    pub(crate) slots: Arc<Semaphore>,
    pub(crate) wake: Wake,
    pub(crate) stop: Stop,
    pub(crate) outbox: Arc<Outbox>,
    pub(crate) found: FoundEarly,
    pub(crate) metrics: Arc<Metrics>,
}
