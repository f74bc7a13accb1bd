//! The webhook: verifies, reads and stores the body, and acknowledges it only then.

mod admission;
mod catch_up;
mod data_deletion;
mod empty_edits;
#[cfg(any(test, fuzzing))]
pub(crate) mod fuzz;
mod metrics;
mod receive;
mod signature;
mod signed_request;
mod verification;

use std::sync::Arc;

use crate::clock::Clock;
use crate::dispatch::{EventDispatcher, EventMetrics};
use crate::journal::{Journal, Wake};
use crate::outbox::ObservedSends;
use crate::recording::Recorder;
use crate::secrets::Secrets;
use crate::shutdown::{BackgroundTasks, WebhookGate};
pub(crate) use admission::Admission;
use axum::Router;
use axum::routing::get;
pub use catch_up::CatchUpReport;
pub(crate) use catch_up::catch_up;
pub(crate) use data_deletion::{DataDeletion, router as data_deletion, work as delete_data};
pub(crate) use empty_edits::EmptyEdits;
use handover_protocol::AppId;
pub(crate) use metrics::WebhookMetrics;

/// State of the webhook.
pub(crate) struct WebhookState {
    pub(crate) secrets: Secrets,
    /// Longest body, in bytes.
    pub(crate) body_limit: usize,
    pub(crate) admission: Admission,
    pub(crate) empty_edits: EmptyEdits,
    pub(crate) app_id: AppId,
    pub(crate) journal: Journal,
    /// Messages whose echoes match no call of their thread.
    pub(crate) observed_sends: Arc<ObservedSends>,
    pub(crate) wake: Wake,
    pub(crate) dispatcher: Arc<EventDispatcher>,
    pub(crate) clock: Clock,
    pub(crate) metrics: WebhookMetrics,
    pub(crate) events: Arc<EventMetrics>,
    pub(crate) gate: WebhookGate,
    pub(crate) recorder: Option<Recorder>,
    /// Dropped with the last router and handle.
    #[expect(dead_code, reason = "its drop is its use")]
    pub(crate) work: Arc<BackgroundTasks>,
}

/// `GET /webhook` and `POST /webhook`.
pub(crate) fn router(webhook: Arc<WebhookState>) -> Router {
    let methods = get(verification::verify).post(receive::receive);
    Router::new().route("/webhook", methods).with_state(webhook)
}
