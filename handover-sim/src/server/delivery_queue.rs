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

/// A webhook in queue for one app.
pub(super) struct QueuedWebhook {
    pub(super) row: u64,
    /// What it brings, if it may be put together with others.
    pub(super) post: Option<Post>,
    pub(super) body: Arc<str>,
    pub(super) signature: String,
    pub(super) fault: Option<Fault>,
    /// When it was sent off.
    pub(super) at: Timestamp,
    pub(super) epoch: u64,
}
