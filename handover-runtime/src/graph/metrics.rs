//! Metrics of the responses of the Graph API.

use std::time::Duration;

use super::{Advice, Endpoint, GraphError};
use crate::metrics::{
    self, Histogram, HistogramVec, IntCounter, IntCounterVec, Registry, SLOW, counters, histograms,
};

/// Cheap to clone.
#[derive(Clone)]
pub(crate) struct GraphMetrics {
    requests: IntCounterVec,
    duration: HistogramVec,
    /// Nearly all requests send messages.
    sent: IntCounter,
    sending: Histogram,
}

impl GraphMetrics {
    pub(crate) fn new(registry: &Registry) -> Result<Self, metrics::Error> {
        let requests = counters(
            registry,
            "handover_graph_requests_total",
            "Requests to the Graph API, by what came of them.",
            &["endpoint", "outcome"],
        )?;
        let duration = histograms(
            registry,
            "handover_graph_request_duration_seconds",
            "How long the Graph API took to answer, or not to.",
            &["endpoint"],
            &SLOW,
        )?;
        let messages = Endpoint::Messages.name();
        Ok(Self {
            sent: requests.with_label_values(&[messages, "ok"]),
            sending: duration.with_label_values(&[messages]),
            requests,
            duration,
        })
    }

    pub(crate) fn answered(&self, endpoint: Endpoint, error: Option<&GraphError>, after: Duration) {
        let after = after.as_secs_f64();
        if endpoint == Endpoint::Messages {
            self.sending.observe(after);
        } else {
            let duration = self.duration.with_label_values(&[endpoint.name()]);
            duration.observe(after);
        }
        match (endpoint, error.map_or("ok", outcome)) {
            (Endpoint::Messages, "ok") => self.sent.inc(),
            (endpoint, outcome) => {
                let labels = [endpoint.name(), outcome];
                self.requests.with_label_values(&labels).inc();
            }
        }
    }
}

fn outcome(error: &GraphError) -> &'static str {
    match error {
        GraphError::Unreachable { .. } => "unreachable",
        GraphError::Interrupted { .. } => "interrupted",
        _ if error.is_not_owner() => "not_owner",
        _ => match error.advice() {
            Advice::Retry => "platform_fault",
            Advice::RetryLater => "limited",
            Advice::RenewToken => "token_refused",
            Advice::GiveUp => "refused",
        },
    }
}
