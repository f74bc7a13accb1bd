use std::error::Error;

/// Error of the storage. Nothing of the operation is stored, unless it is [`Unanswered`](Self::Unanswered).
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum JournalError {
    /// The storage cannot be written.
    #[error("the journal cannot be written; nothing of it was stored")]
    Write(#[source] Box<dyn Error + Send + Sync>),
    /// The storage cannot be read.
    #[error("the journal cannot be read")]
    Read(#[source] Box<dyn Error + Send + Sync>),
    /// Another node works the thread, and has not answered within 15 seconds. What it was asked is stored for it.
    #[error(
        "the node that works the thread has not answered yet; what it was asked is stored, and it does it as soon as it can"
    )]
    Unanswered,
    /// The journal is closed.
    #[error("the journal is closed; nothing of it was stored")]
    Closed,
}

impl JournalError {
    pub(crate) fn write(error: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self::Write(error.into())
    }

    pub(super) fn read(error: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self::Read(error.into())
    }
}
