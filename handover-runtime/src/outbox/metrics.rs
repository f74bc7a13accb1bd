//! Metrics of calls, handoffs and reclaimed threads.

use handover_protocol::{AppId, ControlType};

use crate::graph::{Call, Endpoint};
use crate::internal_event::ReclaimTimer;
use crate::journal::CallResult;
use crate::metrics::{self, IntCounter, IntCounterVec, Registry, counters};

pub(crate) struct OutboxMetrics {
    calls: IntCounterVec,
    /// Nearly all calls send messages.
    sent: IntCounter,
    handoffs: IntCounterVec,
    reclaims: IntCounterVec,
}

impl OutboxMetrics {
    pub(crate) fn new(registry: &Registry) -> Result<Self, metrics::Error> {
        let calls = counters(
            registry,
            "handover_outbox_attempts_total",
            "Times that a call of the outbox was taken up, by what came of it.",
            &["call", "result"],
        )?;
        let handoffs = counters(
            registry,
            "handover_handoffs_total",
            "Handoffs that were carried out or given up.",
            &["target", "result"],
        )?;
        for target in ["page_inbox", "instagram_inbox", "app", "default_app"] {
            for result in ["passed", "failed"] {
                handoffs.with_label_values(&[target, result]);
            }
        }
        let reclaims = counters(
            registry,
            "handover_reclaims_total",
            "Threads that the bot took back by a timer.",
            &["timer"],
        )?;
        for timer in ReclaimTimer::ALL {
            reclaims.with_label_values(&[timer.as_str()]);
        }
        let message = Endpoint::Messages.name();
        for result in ["retried", "put_off", "uncertain", "replaced", "dead"] {
            calls.with_label_values(&[message, result]);
        }
        Ok(Self {
            sent: calls.with_label_values(&[message, "sent"]),
            calls,
            handoffs,
            reclaims,
        })
    }

    pub(crate) fn tried(&self, call: &Call, result: &CallResult) {
        match (call.endpoint(), result) {
            (Endpoint::Messages, CallResult::Sent) => self.sent.inc(),
            (endpoint, result) => {
                let labels = [endpoint.name(), name(result)];
                self.calls.with_label_values(&labels).inc();
            }
        }
        let handed_off = match result {
            CallResult::Sent => "passed",
            CallResult::Dead(_) => "failed",
            _ => return,
        };
        if let Some(target) = target(call) {
            self.handoffs.with_label_values(&[target, handed_off]).inc();
        }
    }

    /// Counts a thread that the bot took back because of this timer.
    pub(crate) fn reclaimed(&self, timer: ReclaimTimer) {
        self.reclaims.with_label_values(&[timer.as_str()]).inc();
    }
}

fn name(result: &CallResult) -> &'static str {
    match result {
        CallResult::Sent => "sent",
        CallResult::RetryAt(_) => "retried",
        CallResult::PutOff(_) | CallResult::Blocked(_) => "put_off",
        CallResult::Uncertain(_) => "uncertain",
        CallResult::Replaced => "replaced",
        CallResult::Needless => "needless",
        CallResult::Dead(_) => "dead",
    }
}

/// New owner that a call passes the thread to.
fn target(call: &Call) -> Option<&'static str> {
    let app = match call {
        Call::PassThreadControl(pass) => &pass.target_app_id,
        Call::Messages(send) => {
            let control = send.thread_control.as_ref()?;
            match control.control_type {
                Some(ControlType::Pass) => &control.app_id,
                _ => return None,
            }
        }
        _ => return None,
    };
    Some(match app {
        None => "default_app",
        Some(app) if *app == AppId::PAGE_INBOX => "page_inbox",
        Some(app) if *app == AppId::INSTAGRAM_INBOX => "instagram_inbox",
        Some(_) => "app",
    })
}
