use std::error::Error;

/// Error of the storage.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum JournalError {
    /// The storage cannot be written. Nothing of the operation is stored, unless a database has stored it and its
    /// answer was lost.
    #[error("the journal cannot be written")]
    Write(#[source] Box<dyn Error + Send + Sync>),
    /// The storage cannot be read.
    #[error("the journal cannot be read")]
    Read(#[source] Box<dyn Error + Send + Sync>),
    /// The rows are deleted, but their bytes may still be in the file. Whoever asks again, or starts again, deletes
    /// those as well.
    #[error("it is deleted, but its bytes may still be in the file; ask again")]
    Erase(#[source] Box<dyn Error + Send + Sync>),
    /// Another node works the thread, and has not answered within 15 seconds. What it was asked is stored for it.
    #[error(
        "the node that works the thread has not answered yet; what it was asked is stored, and it does it as soon as it can"
    )]
    Unanswered,
    /// Too much waits, so that nothing more is taken from outside a handler.
    #[error(
        "too much waits: {waiting} events and calls, and from {limit} on, which is half of HANDOVER_WAITING_LIMIT, nothing is taken from outside a handler. Send it again later, with the same id"
    )]
    Full {
        /// How many events and calls wait. For an account that waits for another access token or for a limit of the
        /// platform: of all such accounts.
        waiting: usize,
        /// From how many on nothing is taken: half of [`Config::waiting_limit`](crate::Config::waiting_limit).
        limit: usize,
    },
    /// The journal is closed, and stores nothing any more.
    #[error("the journal is closed")]
    Closed,
}

impl JournalError {
    pub(crate) fn write(error: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self::Write(error.into())
    }

    pub(crate) fn read(error: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self::Read(error.into())
    }

    pub(super) fn erase(error: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self::Erase(error.into())
    }
}
