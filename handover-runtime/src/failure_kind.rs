//! Kinds of failures that receipts and handlers report.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Reason why a message was not sent, or a signal not handled.
///
/// As JSON it is the name in snake case, such as `"thread_owned"`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum FailureKind {
    /// Another app, such as an inbox in which a human answers, owns the thread.
    ThreadOwned,
    /// A human answers in the thread beside the bot.
    Paused,
    /// The person has not written in the last 24 hours.
    OutsideWindow,
    /// Its time was over: [`Message::expires_after`](crate::Message::expires_after).
    Expired,
    /// The platform refused it, with an error code.
    Refused,
    /// It may have been delivered, and is not repeated.
    Uncertain,
    /// No handler takes the signal.
    NoHandler,
    /// The handler of the signal failed.
    HandlerFailed,
    /// Anything else, such as an account that was removed.
    #[default]
    Other,
}

impl FailureKind {
    /// Returns the name in JSON.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ThreadOwned => "thread_owned",
            Self::Paused => "paused",
            Self::OutsideWindow => "outside_window",
            Self::Expired => "expired",
            Self::Refused => "refused",
            Self::Uncertain => "uncertain",
            Self::NoHandler => "no_handler",
            Self::HandlerFailed => "handler_failed",
            Self::Other => "other",
        }
    }
}

impl fmt::Display for FailureKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
