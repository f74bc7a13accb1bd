//! What the counters of `/metrics` did in the last minutes, for the charts of the operations page.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use handover_protocol::Timestamp;
use prometheus::Registry;
use prometheus::proto::{Metric, MetricFamily};
use serde::Serialize;

use crate::clock;
use crate::journal::Journal;

/// How often counters are read.
const EVERY: Duration = Duration::from_secs(5);
/// How many differences are kept: a quarter of an hour.
const KEPT: usize = 180;

/// The last differences of counters.
pub(crate) struct Samples {
    registry: Registry,
    journal: Journal,
    ring: Mutex<SampleRing>,
}

#[derive(Default)]
struct SampleRing {
    last: Option<CounterReadings>,
    points: VecDeque<SamplePoint>,
}

/// Counters at one time.
#[derive(Clone, Default)]
struct CounterReadings {
    received: f64,
    sent: f64,
    calls: BTreeMap<String, f64>,
    acknowledged: SampleBuckets,
    handled: SampleBuckets,
    answered: SampleBuckets,
}

/// Cumulated counts by upper bound in seconds.
#[derive(Clone, Default)]
struct SampleBuckets(Vec<(f64, f64)>);

/// What happened between two times.
#[derive(Clone, Serialize)]
struct SamplePoint {
    at: Timestamp,
    /// Messages and postbacks of people.
    received: f64,
    /// Messages that were sent.
    sent: f64,
    /// Calls of the Graph API by outcome.
    calls: BTreeMap<String, f64>,
    /// The 95th percentile in ms: from a webhook to its answer.
    acknowledge_ms: Option<f64>,
    /// Of handlers.
    handler_ms: Option<f64>,
    /// Of the Graph API.
    graph_ms: Option<f64>,
    waiting_events: usize,
    waiting_calls: usize,
}

/// The differences, oldest first.
#[derive(Serialize)]
pub(crate) struct SampleSeries {
    every_ms: u64,
    points: Vec<SamplePoint>,
}

impl Samples {
    pub(crate) fn new(registry: Registry, journal: Journal) -> Self {
        Self {
            registry,
            journal,
            ring: Mutex::default(),
        }
    }

    /// Reads the counters again and again.
    pub(crate) async fn follow(&self) {
        let mut ticks = tokio::time::interval(EVERY);
        ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            ticks.tick().await;
            self.take().await;
        }
    }

    async fn take(&self) {
        let backlog = self.journal.backlog().await.unwrap_or_default();
        let now = CounterReadings::of(&self.registry.gather());
        let mut ring = self.lock();
        if let Some(before) = ring.last.replace(now.clone()) {
            if ring.points.len() == KEPT {
                ring.points.pop_front();
            }
            ring.points.push_back(SamplePoint {
                waiting_events: backlog.events,
                waiting_calls: backlog.calls,
                ..now.since(&before)
            });
        }
    }

    pub(crate) fn series(&self) -> Option<SampleSeries> {
        let points = self.lock().points.iter().cloned().collect();
        let every_ms = u64::try_from(EVERY.as_millis()).unwrap_or(u64::MAX);
        Some(SampleSeries { every_ms, points })
    }

    fn lock(&self) -> MutexGuard<'_, SampleRing> {
        // The points are whole after every statement.
        self.ring.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl CounterReadings {
    fn of(families: &[MetricFamily]) -> Self {
        let mut counts = Self::default();
        for family in families {
            let metrics = family.get_metric();
            match family.name() {
                "handover_events_received_total" => counts.received += of_people(metrics),
                "handover_events_duplicate_total" => counts.received -= of_people(metrics),
                "handover_outbox_attempts_total" => {
                    let sent = metrics.iter().filter(|metric| {
                        label(metric, "call") == "messages" && label(metric, "result") == "sent"
                    });
                    counts.sent = sent.map(count).sum();
                }
                "handover_graph_requests_total" => {
                    for metric in metrics {
                        let outcome = label(metric, "outcome").to_owned();
                        *counts.calls.entry(outcome).or_default() += count(metric);
                    }
                }
                "handover_webhook_acknowledgement_seconds" => counts.acknowledged.add(metrics),
                "handover_handler_duration_seconds" => counts.handled.add(metrics),
                "handover_graph_request_duration_seconds" => counts.answered.add(metrics),
                _ => {}
            }
        }
        counts
    }

    fn since(&self, before: &Self) -> SamplePoint {
        let calls = self.calls.iter().map(|(outcome, count)| {
            let known = before.calls.get(outcome).copied().unwrap_or_default();
            (outcome.clone(), count - known)
        });
        SamplePoint {
            at: clock::now(),
            received: self.received - before.received,
            sent: self.sent - before.sent,
            calls: calls.filter(|(_, count)| *count > 0.0).collect(),
            acknowledge_ms: self.acknowledged.slowest_since(&before.acknowledged),
            handler_ms: self.handled.slowest_since(&before.handled),
            graph_ms: self.answered.slowest_since(&before.answered),
            waiting_events: 0,
            waiting_calls: 0,
        }
    }
}

impl SampleBuckets {
    fn add(&mut self, metrics: &[Metric]) {
        for metric in metrics {
            let histogram = metric.get_histogram();
            let buckets = histogram.get_bucket();
            if self.0.is_empty() {
                let bounds = buckets.iter().map(prometheus::proto::Bucket::upper_bound);
                self.0 = bounds.map(|bound| (bound, 0.0)).collect();
            }
            for (known, bucket) in self.0.iter_mut().zip(buckets) {
                known.1 += precise(bucket.cumulative_count());
            }
            if let Some(last) = self.0.last_mut().filter(|last| last.0.is_finite()) {
                let beyond = histogram.get_sample_count()
                    - buckets
                        .last()
                        .map_or(0, prometheus::proto::Bucket::cumulative_count);
                // What took longer than the last bound is shown as that.
                last.1 += precise(beyond);
            }
        }
    }

    /// The 95th percentile in ms of what was measured since; `None` if nothing was.
    fn slowest_since(&self, before: &Self) -> Option<f64> {
        let counts = self.0.iter().enumerate().map(|(at, (bound, count))| {
            let known = before.0.get(at).map_or(0.0, |known| known.1);
            (*bound, count - known)
        });
        let counts: Vec<_> = counts.collect();
        let all = counts.last().map(|last| last.1).filter(|all| *all > 0.0)?;
        let wanted = all * 0.95;
        let at = counts.iter().position(|(_, count)| *count >= wanted)?;
        let (bound, count) = counts[at];
        let (lower, below) = match at {
            0 => (0.0, 0.0),
            at => counts[at - 1],
        };
        let part = (wanted - below) / (count - below).max(1.0);
        Some((lower + (bound - lower) * part) * 1000.0)
    }
}

fn of_people(metrics: &[Metric]) -> f64 {
    let of_people = metrics
        .iter()
        .filter(|metric| matches!(label(metric, "kind"), "message" | "postback"));
    of_people.map(count).sum()
}

fn count(metric: &Metric) -> f64 {
    metric.get_counter().get_value()
}

fn label<'a>(metric: &'a Metric, name: &str) -> &'a str {
    let mut labels = metric.get_label().iter();
    labels
        .find(|label| label.name() == name)
        .map_or("", |label| label.value())
}

/// CounterReadings are far below 2^53.
#[allow(clippy::cast_precision_loss)]
fn precise(count: u64) -> f64 {
    count as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_slowest_are_found_between_the_bounds() {
        let before = SampleBuckets(vec![(0.01, 10.0), (0.1, 10.0), (1.0, 10.0)]);
        let now = SampleBuckets(vec![(0.01, 100.0), (0.1, 110.0), (1.0, 110.0)]);
        let slowest = now.slowest_since(&before).unwrap();
        assert!((slowest - 55.0).abs() < 0.001, "{slowest}");
        assert_eq!(now.slowest_since(&now), None);
        assert_eq!(SampleBuckets::default().slowest_since(&before), None);
    }
}
