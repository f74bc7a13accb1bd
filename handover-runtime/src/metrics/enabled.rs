//! Metrics as Prometheus counts them.

pub(crate) use prometheus::{Error, Histogram, HistogramVec, IntCounter, IntCounterVec, Registry};

/// A registry with the version of the library.
pub(crate) fn registry() -> Result<Registry, Error> {
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

/// Registers a counter for each value of the labels.
pub(crate) fn counters(
    registry: &Registry,
    name: &str,
    help: &str,
    labels: &[&str],
) -> Result<IntCounterVec, Error> {
    prometheus::register_int_counter_vec_with_registry!(name, help, labels, registry)
}

/// Registers a histogram.
pub(crate) fn histogram(
    registry: &Registry,
    name: &str,
    help: &str,
    buckets: &[f64],
) -> Result<Histogram, Error> {
    prometheus::register_histogram_with_registry!(name, help, buckets.to_vec(), registry)
}

/// Registers a histogram for each value of the labels.
pub(crate) fn histograms(
    registry: &Registry,
    name: &str,
    help: &str,
    labels: &[&str],
    buckets: &[f64],
) -> Result<HistogramVec, Error> {
    prometheus::register_histogram_vec_with_registry!(
        name,
        help,
        labels,
        buckets.to_vec(),
        registry
    )
}
