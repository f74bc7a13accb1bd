//! Metrics for Prometheus. What happens on the way of an event is counted in counters that were
//! looked up when the bot started; what waits is read when somebody asks.
//!
//! No label names a person or an account: there are too many, and whoever reads metrics need not
//! know them. `docs/operations.md` explains each metric.

mod events;
mod graph;
mod handlers;
mod outbox;
mod waiting;
mod webhook;

use prometheus::{Encoder, Histogram, Registry, TextEncoder, register_histogram_with_registry};

use events::EventMetrics;
pub(crate) use graph::GraphMetrics;
use handlers::HandlerMetrics;
use outbox::OutboxMetrics;
pub(crate) use waiting::Waiting;
use webhook::WebhookMetrics;

/// From half a millisecond, which an SSD takes to store something, to what the platform waits for an
/// answer.
const QUICK: [f64; 13] = [
    0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0,
];
/// For what waits for other services, up to the longest that a handler may take.
const SLOW: [f64; 12] = [
    0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0, 10.0, 30.0,
];

/// What a bot counts.
pub(crate) struct Metrics {
    registry: Registry,
    pub(crate) webhook: WebhookMetrics,
    pub(crate) events: EventMetrics,
    pub(crate) handlers: HandlerMetrics,
    pub(crate) outbox: OutboxMetrics,
    pub(crate) graph: GraphMetrics,
    pub(crate) journal_commits: Histogram,
}

impl Metrics {
    /// For the handlers of these names.
    pub(crate) fn new(
        handlers: impl IntoIterator<Item = &'static str>,
    ) -> prometheus::Result<Self> {
        let registry = Registry::new();
        let build = prometheus::register_int_gauge_vec_with_registry!(
            "handover_build_info",
            "1; the label is the version of handover.",
            &["version"],
            registry
        )?;
        build.with_label_values(&[env!("CARGO_PKG_VERSION")]).set(1);
        let journal_commits = register_histogram_with_registry!(
            "handover_journal_commit_duration_seconds",
            "How long the journal took to commit a group of changes to the disk.",
            QUICK.to_vec(),
            registry
        )?;
        Ok(Self {
            webhook: WebhookMetrics::new(&registry)?,
            events: EventMetrics::new(&registry)?,
            handlers: HandlerMetrics::new(&registry, handlers)?,
            outbox: OutboxMetrics::new(&registry)?,
            graph: GraphMetrics::new(&registry)?,
            journal_commits,
            registry,
        })
    }

    /// All that was counted, and what is waiting where that is known.
    pub(crate) fn to_text(&self, waiting: Option<&Waiting>) -> prometheus::Result<Vec<u8>> {
        let mut families = self.registry.gather();
        if let Some(waiting) = waiting {
            families.extend(waiting.gather()?);
        }
        let mut text = Vec::new();
        TextEncoder::new().encode(&families, &mut text)?;
        Ok(text)
    }
}
