//! Metrics of webhook responses.

use std::time::Duration;

use axum::http::StatusCode;
use prometheus::{
    Histogram, IntCounter, IntCounterVec, Registry, register_histogram_with_registry,
    register_int_counter_vec_with_registry,
};

use crate::metrics::QUICK;

pub(crate) struct WebhookMetrics {
    requests: IntCounterVec,
    accepted: IntCounter,
    acknowledgement: Histogram,
}

impl WebhookMetrics {
    pub(crate) fn new(registry: &Registry) -> prometheus::Result<Self> {
        let requests = register_int_counter_vec_with_registry!(
            "handover_webhook_requests_total",
            "Webhooks, by the HTTP status that they were answered with.",
            &["code"],
            registry
        )?;
        for code in ["400", "403", "408", "413", "503"] {
            requests.with_label_values(&[code]);
        }
        let acknowledgement = register_histogram_with_registry!(
            "handover_webhook_acknowledgement_seconds",
            "How long an accepted webhook took from its head to the answer, which is sent once it is stored.",
            QUICK.to_vec(),
            registry
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
