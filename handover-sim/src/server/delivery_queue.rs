use std::sync::Arc;

use handover_protocol::{AccountId, AppId, Timestamp};
use tokio::sync::mpsc;

use super::faults::Fault;
use crate::platform::Post;

/// Receiving end of the queue of webhooks to one app about one account.
pub(super) struct DeliveryQueue {
    pub(super) app: AppId,
    pub(super) account: AccountId,
    pub(super) webhooks: mpsc::UnboundedReceiver<QueuedWebhook>,
}

/// Webhook in the queue of an app.
pub(super) struct QueuedWebhook {
    pub(super) row: u64,
    /// Content, if it may be combined with other webhooks.
    pub(super) post: Option<Post>,
    pub(super) body: Arc<str>,
    pub(super) signature: String,
    pub(super) fault: Option<Fault>,
    /// Time of queueing.
    pub(super) at: Timestamp,
    pub(super) epoch: u64,
}
