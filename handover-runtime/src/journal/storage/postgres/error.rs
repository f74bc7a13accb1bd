//! What goes wrong with a database. No text of it contains a password.

use std::time::Duration;

use crate::journal::storage::StorageError;

/// Why the journal in a PostgreSQL database cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PostgresError {
    /// No connection.
    #[error("the database {database} cannot be reached: {reason}")]
    Unreachable {
        /// Host, port, name and schema.
        database: String,
        /// What the system or the server says.
        reason: String,
    },
    /// The server is there and refuses the user.
    #[error(
        "the database {database} refuses the login: {reason}; check user and password in HANDOVER_STORE"
    )]
    LoginRefused {
        /// Host, port, name and schema.
        database: String,
        /// What the server says.
        reason: String,
    },
    /// The server is too old, or does not keep what it has confirmed.
    #[error("the database {database} cannot keep a journal: {reason}")]
    Unsuitable {
        /// Host, port, name and schema.
        database: String,
        /// What is wrong, and what to do.
        reason: String,
    },
    /// The schema holds something else, or is that of another version.
    #[error("the database {database} holds no journal that this version can use: {reason}")]
    Foreign {
        /// Host, port, name and schema.
        database: String,
        /// What it is.
        reason: String,
    },
    /// A statement failed.
    #[error("the database {database} reports an error: {reason}")]
    Failed {
        /// Host, port, name and schema.
        database: String,
        /// What the server says.
        reason: String,
    },
    /// No answer came.
    #[error("the database {database} has not answered within {} s", within.as_secs())]
    Silent {
        /// Host, port, name and schema.
        database: String,
        /// How long that was waited for.
        within: Duration,
    },
    /// The node that works the thread has not done yet what it was asked.
    #[error(
        "the nodes on the database {database} have not answered yet; it is stored, and done as soon as one can"
    )]
    NoAnswer {
        /// Host, port, name and schema.
        database: String,
    },
    /// It is copied now, which nobody else may see; or it is to be copied, and nodes work on it.
    #[error(
        "the journal in the database {database} is in use by another process ({node}): it cannot be copied while a bot works on it, and no bot can start while it is copied"
    )]
    InUse {
        /// Host, port, name and schema.
        database: String,
        /// The machine and the number of the process.
        node: String,
    },
    /// This node has not renewed its lease in time, and others work its lanes now. It starts over as a new
    /// node.
    #[error("the lease of this node on the database {database} has ended; it starts over")]
    LeaseEnded {
        /// Host, port, name and schema.
        database: String,
    },
    /// A stored row cannot be read.
    #[error("a row of the database {database} cannot be read: {reason}")]
    Unreadable {
        /// Host, port, name and schema.
        database: String,
        /// What is wrong with it.
        reason: String,
    },
}

impl PostgresError {
    /// Whether another attempt may succeed: the server is away for a moment, or was too slow for a lease.
    pub(in crate::journal) fn may_pass(error: &StorageError) -> bool {
        matches!(
            error.source_as(),
            Some(Self::Unreachable { .. } | Self::Silent { .. } | Self::LeaseEnded { .. })
        )
    }
}
