//! Metrics of webhook responses.

use std::time::Duration;

use crate::metrics::{
    self, Histogram, IntCounter, IntCounterVec, QUICK, Registry, counters, histogram,
};
use axum::http::StatusCode;
use handover_protocol::ReadError;

/// What a body is that cannot be read.
const EMPTY: &str = "empty";
const NOT_UTF8: &str = "not_utf8";
const NOT_JSON: &str = "not_json";

pub(crate) struct WebhookMetrics {
    requests: IntCounterVec,
    accepted: IntCounter,
    unreadable: IntCounterVec,
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
        for code in ["403", "408", "413", "503"] {
            requests.with_label_values(&[code]);
        }
        let unreadable = counters(
            registry,
            "handover_webhook_unreadable_total",
            "Signed webhooks that were no JSON, by what they were. Each body is kept once, as a dead letter.",
            &["reason"],
        )?;
        for reason in [EMPTY, NOT_UTF8, NOT_JSON] {
            unreadable.with_label_values(&[reason]);
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
            unreadable,
            acknowledgement,
        })
    }

    pub(super) fn unreadable(&self, error: &ReadError) {
        let reason = match error {
            ReadError::Empty => EMPTY,
            ReadError::NotUtf8 { .. } => NOT_UTF8,
            _ => NOT_JSON,
        };
        self.unreadable.with_label_values(&[reason]).inc();
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
