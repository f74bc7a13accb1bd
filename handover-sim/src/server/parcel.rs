use std::sync::Arc;

use handover_protocol::Timestamp;

use super::faults::Fault;
use crate::platform::Post;

/// A webhook in line for one app.
pub(super) struct Parcel {
    pub(super) row: u64,
    /// What it brings, if it may be put together with others.
    pub(super) post: Option<Post>,
    pub(super) body: Arc<str>,
    pub(super) signature: String,
    pub(super) fault: Option<Fault>,
    /// When it was sent off.
    pub(super) at: Timestamp,
    pub(super) era: u64,
}
