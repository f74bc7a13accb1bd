//! How long handlers take, and how often they fail.

use std::time::Instant;

use foldhash::{HashMap, HashMapExt};
use prometheus::{
    Histogram, IntCounter, Registry, register_histogram_vec_with_registry,
    register_int_counter_vec_with_registry,
};

use crate::extract::Context;
use crate::metrics::SLOW;

pub(crate) struct HandlerMetrics(HashMap<&'static str, HandlerCounters>);

struct HandlerCounters {
    duration: Histogram,
    failures: IntCounter,
}

impl HandlerMetrics {
    pub(crate) fn new(
        registry: &Registry,
        names: impl IntoIterator<Item = &'static str>,
    ) -> prometheus::Result<Self> {
        let duration = register_histogram_vec_with_registry!(
            "handover_handler_duration_seconds",
            "How long a handler took to answer or to fail.",
            &["handler"],
            SLOW.to_vec(),
            registry
        )?;
        let failures = register_int_counter_vec_with_registry!(
            "handover_handler_failures_total",
            "Times that a handler returned an error, panicked or took too long.",
            &["handler"],
            registry
        )?;
        let mut handlers = HashMap::new();
        for name in names {
            let of = HandlerCounters {
                duration: duration.with_label_values(&[name]),
                failures: failures.with_label_values(&[name]),
            };
            handlers.insert(name, of);
        }
        Ok(Self(handlers))
    }

    /// Measures the handler that the context names in the end.
    pub(crate) fn timed<'a>(&'a self, context: &'a Context) -> HandlerTimer<'a> {
        HandlerTimer {
            handlers: self,
            context: Some(context),
            began: Instant::now(),
        }
    }

    pub(crate) fn failed(&self, handler: &str) {
        if let Some(of) = self.0.get(handler) {
            of.failures.inc();
        }
    }
}

/// Measures until it is dropped.
pub(crate) struct HandlerTimer<'a> {
    handlers: &'a HandlerMetrics,
    context: Option<&'a Context>,
    began: Instant,
}

impl HandlerTimer<'_> {
    /// No handler took the event: those that were asked only passed it over.
    pub(crate) fn nobody(mut self) {
        self.context = None;
    }
}

impl Drop for HandlerTimer<'_> {
    fn drop(&mut self) {
        let handler = self
            .context
            .and_then(|context| self.handlers.0.get(context.handler()));
        if let Some(of) = handler {
            of.duration.observe(self.began.elapsed().as_secs_f64());
        }
    }
}
