//! Metrics for Prometheus. Counters are looked up once, when the bot starts; the numbers of waiting
//! events and calls are read at each scrape.
//!
//! Each module has its metrics beside its code. No label names a person or an account: there are too
//! many. `docs/operations.md` explains each metric.

#[cfg(not(feature = "metrics"))]
#[path = "disabled.rs"]
mod backend;
#[cfg(feature = "metrics")]
#[path = "enabled.rs"]
mod backend;

pub(crate) use backend::{
    Error, Histogram, HistogramVec, IntCounter, IntCounterVec, Registry, counters, histogram,
    histograms, registry,
};

/// Buckets from half a millisecond (a write to an SSD) to the time that the platform waits for a response.
pub(crate) const QUICK: [f64; 13] = [
    0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0,
];
/// Buckets for calls to other services, up to the longest timeout of a handler.
pub(crate) const SLOW: [f64; 12] = [
    0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0, 10.0, 30.0,
];
