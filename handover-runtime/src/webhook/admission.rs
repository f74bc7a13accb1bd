//! How much the bot takes in: beyond it, the platform is asked to come again.

use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::Instant;

/// Bodies up to this length are always read, in bytes: 1024 connections take 256 MiB at most.
const SMALL: usize = 256 * 1024;
/// What longer bodies take together, in KiB.
const LARGE_BODIES: usize = 64 * 1024;
/// How often one signed webhook is let in while too many wait, to learn whether they still do.
const LOOK_AGAIN: Duration = Duration::from_millis(200);

/// What there is room for.
pub(crate) struct Admission {
    bodies: Arc<Semaphore>,
    /// How many events and calls may wait.
    limit: usize,
    /// How many waited when events were stored last.
    waiting: AtomicUsize,
    looked: Mutex<Option<Instant>>,
    refused: AtomicU64,
}

impl Admission {
    pub(crate) fn new(limit: usize) -> Self {
        Self {
            bodies: Arc::new(Semaphore::new(LARGE_BODIES)),
            limit,
            waiting: AtomicUsize::new(0),
            looked: Mutex::default(),
            refused: AtomicU64::new(0),
        }
    }

    /// So many events and calls wait.
    pub(super) fn note(&self, waiting: usize) {
        if self.waiting.swap(waiting, Ordering::Relaxed) >= self.limit && waiting < self.limit {
            let refused = self.refused.swap(0, Ordering::Relaxed);
            tracing::info!(refused, "webhooks are accepted again");
        }
    }

    /// Whether a webhook is worth reading. Takes nothing: it may be from anybody until its signature is checked.
    pub(super) fn may_have_room(&self) -> bool {
        self.has_room(false)
    }

    /// Whether the events of a signed webhook may join those that wait.
    pub(super) fn has_room_for_events(&self) -> bool {
        self.has_room(true)
    }

    /// With `takes`, the one that is let in while too many wait is this one.
    fn has_room(&self, takes: bool) -> bool {
        let waiting = self.waiting.load(Ordering::Relaxed);
        if waiting < self.limit {
            return true;
        }
        let mut looked = self.looked.lock().unwrap_or_else(PoisonError::into_inner);
        if looked.is_none_or(|at| at.elapsed() >= LOOK_AGAIN) {
            if takes {
                *looked = Some(Instant::now());
            }
            return true;
        }
        if self.refused.fetch_add(1, Ordering::Relaxed) == 0 {
            tracing::error!(
                waiting,
                limit = self.limit,
                "too many events and calls wait, so webhooks are refused with 503; the platform sends them again"
            );
        }
        false
    }

    /// Room for a body of this length, for as long as it is held; `None` if there is none.
    pub(super) fn room_for_body(&self, bytes: usize) -> Option<Option<OwnedSemaphorePermit>> {
        if bytes <= SMALL {
            return Some(None);
        }
        let kib = u32::try_from(bytes.div_ceil(1024).min(LARGE_BODIES)).ok()?;
        let room = self.bodies.clone().try_acquire_many_owned(kib);
        room.ok().map(Some)
    }
}
