//! Other nodes that share the storage.

#[cfg(feature = "postgres")]
use std::sync::Arc;
use std::time::{Duration, Instant};

use handover_protocol::AccountId;

use super::commands::SharePause;
#[cfg(feature = "postgres")]
use super::commands::TakeArrivals;
#[cfg(feature = "postgres")]
use super::storage::Lease;
use super::{Journal, JournalError, NodeStatus, SharedPause, Wakeups};
use crate::http::SendCondition;

/// How long another node may take to answer.
const ANSWER_WITHIN: Duration = Duration::from_secs(15);
/// How often to look for what other nodes have stored, beside what they tell.
#[cfg(feature = "postgres")]
const LOOK_AROUND_EVERY: Duration = Duration::from_millis(500);

/// Status of this node among others.
#[cfg(feature = "postgres")]
pub(super) struct Nodes {
    pub(super) lease: Lease,
    /// Something has come from another node.
    pub(super) news: Arc<tokio::sync::Notify>,
    pub(super) status: Box<dyn Fn() -> NodeStatus + Send + Sync>,
}

impl Journal {
    /// Whether other nodes may share the storage.
    pub(crate) fn is_shared(&self) -> bool {
        #[cfg(feature = "postgres")]
        return self.0.nodes.is_some();
        #[cfg(not(feature = "postgres"))]
        false
    }

    /// Whether what was handed out in this epoch is still this node's: always, unless several nodes share
    /// the storage.
    pub(crate) fn may_act(&self, _epoch: i64) -> bool {
        #[cfg(feature = "postgres")]
        if let Some(nodes) = &self.0.nodes {
            return nodes.lease.holds(_epoch);
        }
        true
    }

    /// What has to hold when a call is written of a thread that was handed out in this epoch. `None`: nothing,
    /// for no other node shares the storage.
    pub(crate) fn send_condition(&self, _epoch: i64) -> Option<SendCondition> {
        #[cfg(feature = "postgres")]
        if let Some(nodes) = &self.0.nodes {
            let lease = nodes.lease.clone();
            return Some(Arc::new(move || lease.holds(_epoch)));
        }
        None
    }

    /// Status of this node among those that share the storage; `None` if none can.
    pub(crate) fn node_status(&self) -> Option<NodeStatus> {
        #[cfg(feature = "postgres")]
        return self.0.nodes.as_ref().map(|nodes| (nodes.status)());
        #[cfg(not(feature = "postgres"))]
        None
    }

    /// Notifies the other nodes and the next process that sending is paused for an account, or goes on.
    ///
    /// # Errors
    ///
    /// If the storage fails.
    pub(crate) async fn share_pause(
        &self,
        account: AccountId,
        pause: Option<SharedPause>,
    ) -> Result<(), JournalError> {
        self.execute(SharePause { account, pause }).answer().await
    }

    /// Waits until something has come from other nodes, or may have, and takes it up. Never returns if no
    /// other node can share the storage.
    ///
    /// # Errors
    ///
    /// If the storage fails.
    pub(crate) async fn look_around(&self) -> Result<Wakeups, JournalError> {
        #[cfg(feature = "postgres")]
        if let Some(nodes) = &self.0.nodes {
            let news = nodes.news.notified();
            // What a pooler does not let through is found this way.
            let _ = tokio::time::timeout(LOOK_AROUND_EVERY, news).await;
            return self.take_arrivals().await;
        }
        std::future::pending().await
    }

    /// Takes up what other nodes have stored for the lanes of this one.
    #[cfg(feature = "postgres")]
    pub(super) async fn take_arrivals(&self) -> Result<Wakeups, JournalError> {
        self.execute(TakeArrivals).answer().await
    }
}

/// Waits until another node, which works the thread, has done what it was asked.
pub(super) async fn until_answered<T, F>(ask: impl Fn() -> F) -> Result<T, JournalError>
where
    F: Future<Output = Result<Option<T>, JournalError>>,
{
    let mut pause = Duration::from_millis(5);
    let since = Instant::now();
    while since.elapsed() < ANSWER_WITHIN {
        tokio::time::sleep(pause).await;
        pause = (pause * 2).min(Duration::from_millis(200));
        match ask().await {
            Ok(Some(answer)) => return Ok(answer),
            Err(JournalError::Closed) => break,
            // It is stored all the same: whoever is told of an error stores it again.
            Ok(None) | Err(_) => {}
        }
    }
    Err(JournalError::Unanswered)
}
