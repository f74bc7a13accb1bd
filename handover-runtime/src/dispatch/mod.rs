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
mod history;
mod owner;
mod pace;
mod reclaim;
mod restart;
mod settings;
mod span;
mod typing;
mod unknown;
mod worker;

use std::sync::Arc;

use tokio::sync::Semaphore;

pub(crate) use claim::run;
pub(crate) use event_metrics::EventMetrics;
pub(crate) use handler_metrics::HandlerMetrics;
pub(crate) use owner::OwnerLookupBackoff;
pub(crate) use settings::Settings;
pub(crate) use worker::MatchCache;

use crate::accounts::Accounts;
use crate::journal::{Journal, Wake};
use crate::outbox::{ObservedSends, Outbox};
use crate::ownership::OwnershipRules;
use crate::routing::RoutingTable;
use crate::target::AppDirectory;
use tokio_util::sync::CancellationToken;

/// What every worker shares.
pub(crate) struct EventDispatcher {
    pub(crate) journal: Journal,
    pub(crate) table: RoutingTable,
    pub(crate) apps: Arc<AppDirectory>,
    pub(crate) accounts: Arc<Accounts>,
    pub(crate) rules: Arc<OwnershipRules>,
    /// Accounts whose owners this app may not see, and until when it does not ask.
    pub(crate) owner_lookup_backoff: OwnerLookupBackoff,
    /// Observer of what handlers send past the outbox.
    pub(crate) observed_sends: Arc<ObservedSends>,
    pub(crate) settings: Settings,
    /// One for each thread that is worked.
    pub(crate) permits: Arc<Semaphore>,
    pub(crate) wake: Wake,
    pub(crate) stop: CancellationToken,
    pub(crate) outbox: Arc<Outbox>,
    pub(crate) match_cache: Arc<MatchCache>,
    pub(crate) events: Arc<EventMetrics>,
    pub(crate) handlers: HandlerMetrics,
}
