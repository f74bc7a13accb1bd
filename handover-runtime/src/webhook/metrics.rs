//! Metrics of webhook responses.

use std::time::Duration;

use crate::metrics::{
    self, Histogram, IntCounter, IntCounterVec, QUICK, Registry, counters, histogram,
};
use axum::http::StatusCode;

pub(crate) struct WebhookMetrics {
    requests: IntCounterVec,
    accepted: IntCounter,
    acknowledgement: Histogram,
}

impl WebhookMetrics {
    pub(crate) fn new(registry: &Registry) -> Result<Self, metrics::Error> {
        let requests = counters(
            registry,
            "handover_webhook_requests_total",
            "Webhooks, by the HTTP status that they were answered with.",
            &["code"],
        )?;
        for code in ["400", "403", "408", "413", "503"] {
            requests.with_label_values(&[code]);
        }
        let acknowledgement = histogram(
            registry,
            "handover_webhook_acknowledgement_seconds",
            "How long an accepted webhook took from its head to the answer, which is sent once it is stored.",
            &QUICK,
        )?;
        Ok(Self {
            accepted: requests.with_label_values(&["200"]),
            requests,
            acknowledgement,
        })
    }

    pub(crate) fn answered(&self, code: StatusCode, after: Duration) {
        if code == StatusCode::OK {
            self.accepted.inc();
            self.acknowledgement.observe(after.as_secs_f64());
        } else {
            self.requests.with_label_values(&[code.as_str()]).inc();
        }
    }
}
