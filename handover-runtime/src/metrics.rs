//! Metrics for Prometheus. What happens on the way of an event is counted in counters that were
//! looked up when the bot started; what waits is read when somebody asks.
//!
//! Each floor has its metrics beside its code. No label names a person or an account: there are too
//! many. `docs/operations.md` explains each metric.

use prometheus::Registry;

/// Buckets from half a millisecond, which an SSD takes to store something, to what the platform waits
/// for an answer.
pub(crate) const QUICK: [f64; 13] = [
    0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0,
];
/// Buckets for what waits for other services, up to the longest that a handler may take.
pub(crate) const SLOW: [f64; 12] = [
    0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0, 10.0, 30.0,
];

/// A registry that knows the version of the library.
pub(crate) fn registry() -> prometheus::Result<Registry> {
    let registry = Registry::new();
    let build = prometheus::register_int_gauge_vec_with_registry!(
        "handover_build_info",
        "1; the label is the version of handover.",
        &["version"],
        registry
    )?;
    build.with_label_values(&[env!("CARGO_PKG_VERSION")]).set(1);
    Ok(registry)
}
