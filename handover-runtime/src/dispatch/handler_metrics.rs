//! How long handlers take, and how often they fail.

use std::time::Duration;

use foldhash::{HashMap, HashMapExt};

use crate::metrics::{self, Histogram, IntCounter, Registry, SLOW, counters, histograms};

pub(crate) struct HandlerMetrics(HashMap<&'static str, HandlerCounters>);

struct HandlerCounters {
    duration: Histogram,
    failures: IntCounter,
    cancelled: IntCounter,
}

impl HandlerMetrics {
    pub(crate) fn new(
        registry: &Registry,
        names: impl IntoIterator<Item = &'static str>,
    ) -> Result<Self, metrics::Error> {
        let duration = histograms(
            registry,
            "handover_handler_duration_seconds",
            "How long a handler took to answer or to fail.",
            &["handler"],
            &SLOW,
        )?;
        let failures = counters(
            registry,
            "handover_handler_failures_total",
            "Times that a handler returned an error, panicked or took too long.",
            &["handler"],
        )?;
        let cancelled = counters(
            registry,
            "handover_handler_cancelled_total",
            "Calls of a handler that were dropped because the person wrote again (`pace = \"restart\"`).",
            &["handler"],
        )?;
        let mut handlers = HashMap::new();
        for name in names {
            let of = HandlerCounters {
                duration: duration.with_label_values(&[name]),
                failures: failures.with_label_values(&[name]),
                cancelled: cancelled.with_label_values(&[name]),
            };
            handlers.insert(name, of);
        }
        Ok(Self(handlers))
    }

    /// A call of the handler has ended, in whichever way.
    pub(crate) fn ended(&self, handler: &str, took: Duration) {
        if let Some(of) = self.0.get(handler) {
            of.duration.observe(took.as_secs_f64());
        }
    }

    pub(crate) fn failed(&self, handler: &str) {
        if let Some(of) = self.0.get(handler) {
            of.failures.inc();
        }
    }

    /// A call of the handler was dropped.
    pub(crate) fn cancelled(&self, handler: &str) {
        if let Some(of) = self.0.get(handler) {
            of.cancelled.inc();
        }
    }
}
