//! Dispatch: events of one thread in order, one at a time; many threads at once.

mod answer;
mod burst;
mod claim;
mod consequences;
mod event_metrics;
mod failure;
mod handback;
mod handle;
mod handler_metrics;
mod owner;
mod pace;
mod reclaim;
mod settings;
mod span;
mod transcript;
mod typing;
mod unknown;
mod worker;

use std::sync::Arc;

use tokio::sync::Semaphore;

pub(crate) use claim::run;
pub(crate) use event_metrics::EventMetrics;
pub(crate) use handler_metrics::HandlerMetrics;
pub(crate) use owner::Unasked;
pub(crate) use settings::Settings;
pub(crate) use worker::FoundEarly;

use crate::accounts::Accounts;
use crate::journal::{Journal, Wake};
use crate::outbox::{DirectSends, Outbox};
use crate::ownership::Rules;
use crate::routing::Table;
use crate::stop::Stop;
use crate::target::AppDirectory;

/// What every worker shares.
pub(crate) struct Dispatcher {
    pub(crate) journal: Journal,
    pub(crate) table: Table,
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
    pub(crate) events: Arc<EventMetrics>,
    pub(crate) handlers: HandlerMetrics,
}
