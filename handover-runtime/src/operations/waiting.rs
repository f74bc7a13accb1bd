//! Figures of what is waiting, and of the owners of threads.

use handover_protocol::Timestamp;
use prometheus::core::Collector;
use prometheus::proto::MetricFamily;
use prometheus::{Gauge, IntGaugeVec, Opts};

use crate::journal::{Figures, NodeStatus, SharedFigures};

/// What is waiting at one time.
pub(crate) struct PendingWork {
    pub(crate) figures: Figures,
    pub(crate) now: Timestamp,
    /// Accounts that wait for another access token.
    pub(crate) without_token: usize,
    /// Accounts that wait for a limit of the platform.
    pub(crate) limited: usize,
    /// The node, where several share the journal.
    pub(crate) node: Option<NodeStatus>,
    /// What it sees of the rows that they share, if the database answers.
    pub(crate) shared: Option<SharedFigures>,
}

impl PendingWork {
    pub(super) fn gather(&self) -> prometheus::Result<Vec<MetricFamily>> {
        let Self { figures, .. } = self;
        let backlog = &figures.backlog;
        let age = |since: Option<Timestamp>| {
            since.map_or(0.0, |since| self.now.duration_since(since).as_secs_f64())
        };
        let owners = &figures.threads;
        let families = [
            number(
                "handover_inbox_events",
                "Events that are not handled yet.",
                backlog.events,
            )?,
            seconds(
                "handover_inbox_oldest_event_age_seconds",
                "How long the oldest of them has waited; 0 if there is none.",
                age(figures.oldest_event_at),
            )?,
            number(
                "handover_outbox_calls",
                "Calls that are not sent yet.",
                backlog.calls,
            )?,
            seconds(
                "handover_outbox_oldest_call_age_seconds",
                "How long the oldest of them has waited; 0 if there is none.",
                age(figures.oldest_call_at),
            )?,
            number(
                "handover_notices_waiting",
                "Notices that no notifier has accepted yet.",
                backlog.notices,
            )?,
            number(
                "handover_dead_letters",
                "Events, calls and notices that were given up and are kept.",
                backlog.dead_letters,
            )?,
            by_label(
                "handover_threads",
                "Threads that the journal knows, by who owns them as far as the bot has seen.",
                "owner",
                &[
                    ("bot", owners.bot),
                    ("inbox", owners.inbox),
                    ("app", owners.app),
                    ("unknown", owners.unknown),
                ],
            )?,
            by_label(
                "handover_accounts_paused",
                "Accounts to which nothing is sent now.",
                "reason",
                &[("token", self.without_token), ("limit", self.limited)],
            )?,
        ];
        let mut families: Vec<_> = families.into_iter().flatten().collect();
        if let Some(node) = &self.node {
            let lanes = "Lanes of the journal that this node works, of 256.";
            families.extend(number("handover_node_lanes", lanes, node.lanes)?);
            let nodes = "Nodes that share the journal.";
            families.extend(number("handover_nodes", nodes, node.nodes)?);
            let moves = "Lanes that have come to this node or gone from it since it started.";
            families.extend(total("handover_node_lane_moves_total", moves, node.moves)?);
        }
        if let Some(shared) = &self.shared {
            let arrivals = "What other nodes have accepted for this node, and it has not taken up.";
            let waiting = usize::try_from(shared.arrivals).unwrap_or(usize::MAX);
            families.extend(number("handover_node_arrivals", arrivals, waiting)?);
            families.extend(seconds(
                "handover_node_lag_seconds",
                "How long the oldest of that has waited; 0 if there is none.",
                shared.lag.as_secs_f64(),
            )?);
            let tables = shared.dead_tuples.iter();
            let tables: Vec<_> = tables
                .map(|(table, rows)| (&**table, usize::try_from(*rows).unwrap_or(usize::MAX)))
                .collect();
            families.extend(by_label(
                "handover_database_dead_tuples",
                "Rows that were deleted or replaced and are not vacuumed yet, by table.",
                "table",
                &tables,
            )?);
        }
        Ok(families)
    }
}

fn number(name: &str, help: &str, value: usize) -> prometheus::Result<Vec<MetricFamily>> {
    let gauge = prometheus::IntGauge::new(name, help)?;
    gauge.set(count(value));
    Ok(gauge.collect())
}

fn total(name: &str, help: &str, value: u64) -> prometheus::Result<Vec<MetricFamily>> {
    let counter = prometheus::IntCounter::new(name, help)?;
    counter.inc_by(value);
    Ok(counter.collect())
}

fn seconds(name: &str, help: &str, value: f64) -> prometheus::Result<Vec<MetricFamily>> {
    let gauge = Gauge::new(name, help)?;
    gauge.set(value);
    Ok(gauge.collect())
}

fn by_label(
    name: &str,
    help: &str,
    label: &str,
    values: &[(&str, usize)],
) -> prometheus::Result<Vec<MetricFamily>> {
    // The format has no metric without a value.
    if values.is_empty() {
        return Ok(Vec::new());
    }
    let gauges = IntGaugeVec::new(Opts::new(name, help), &[label])?;
    for (of, value) in values {
        gauges.with_label_values(&[of]).set(count(*value));
    }
    Ok(gauges.collect())
}

fn count(value: usize) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use prometheus::{Encoder, TextEncoder};

    use super::*;

    #[test]
    fn a_database_without_dead_tuples_has_metrics() {
        let pending = PendingWork {
            figures: Figures::default(),
            now: Timestamp::from_millis(1),
            without_token: 0,
            limited: 0,
            node: None,
            shared: Some(SharedFigures::default()),
        };
        let mut text = Vec::new();
        let families = pending.gather().unwrap();
        TextEncoder::new().encode(&families, &mut text).unwrap();
        let text = String::from_utf8(text).unwrap();
        assert!(text.contains("handover_node_arrivals 0"), "{text}");
        assert!(!text.contains("dead_tuples"), "{text}");
    }
}
