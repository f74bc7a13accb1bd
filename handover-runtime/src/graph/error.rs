//! Errors of the Graph API.

use std::fmt;
use std::time::Duration;

use handover_protocol::{LimitExceeded, subcode};
use thiserror::Error;

use super::advice::{self, Advice};
use super::routing::Endpoint;

type Cause = Box<dyn std::error::Error + Send + Sync>;

/// Error of a call to the Graph API.
///
/// The text says what to do. In code, use [`advice`](Self::advice) and the other methods, which decide on the
/// subcode first: code 10 alone means "another app owns the thread", "outside the window" or "permission
/// missing".
///
/// Neither text nor causes contain the access token or an address with a query.
///
/// ```no_run
/// # async fn example(graph: handover_runtime::graph::Graph) {
/// # let person = "5794982867201265".into();
/// match graph.send(&person).text("Hello!").await {
///     Ok(sent) => println!("sent as {:?}", sent.message_id),
///     Err(error) if error.is_not_owner() => println!("a colleague is talking"),
///     Err(error) => eprintln!("{error}"),
/// }
/// # }
/// ```
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum GraphError {
    /// The settings of the client are wrong.
    #[error("cannot set up the Graph client: {setting} {problem}")]
    Settings {
        /// The field of [`GraphSettings`](super::GraphSettings).
        setting: &'static str,
        /// What is wrong with it.
        problem: &'static str,
        /// Cause, if another library found the problem.
        source: Option<Cause>,
    },

    /// The account was removed while the client was in use: nothing is sent with its token any more.
    #[error("the account was removed: the bot has no access token for it any more")]
    Revoked,

    /// The bot shares its journal with other processes, and another one handles the thread now, because this one
    /// was frozen or cut off for too long. The call was not made; what the handler returns comes to
    /// nothing.
    #[error("the thread is handled by another process of the bot now")]
    LeaseEnded,

    /// The call exceeds a limit; it was not made.
    #[error(transparent)]
    Limit(#[from] LimitExceeded),

    /// A value has no JSON form; the call was not made.
    #[error(
        "{endpoint}: the value given cannot be written as JSON; use a type that can, for example one with text as its map keys"
    )]
    Unwritable {
        /// The call.
        endpoint: Endpoint,
        /// What is wrong with the value.
        source: serde_json::Error,
    },

    /// The platform answered with an error.
    #[error(
        "{endpoint} was refused: {message} (code {code}{}, HTTP {status}{}){}",
        LabeledValue(", subcode ", .subcode),
        LabeledValue(", fbtrace_id ", .fbtrace_id),
        LabeledValue("; ", &what_to_do(*code, *subcode)),
    )]
    Refused {
        /// The call.
        endpoint: Endpoint,
        /// The HTTP status.
        status: u16,
        /// `code`: the general reason.
        code: i64,
        /// `error_subcode`: the precise reason.
        subcode: Option<i64>,
        /// `message` and, where there is one, `error_user_msg`.
        message: String,
        /// `type`, mostly `OAuthException`.
        kind: Option<String>,
        /// `fbtrace_id`, for Meta's support.
        fbtrace_id: Option<String>,
        /// `is_transient`: whether the platform expects the error to pass.
        is_transient: Option<bool>,
        /// Wait, if a header contained one.
        retry_after: Option<Duration>,
    },

    /// The response is not one of the Graph API.
    #[error(
        "{endpoint}: the answer (HTTP {status}) {problem}: {excerpt:?}; \
         if this lasts, check that GRAPH_API_URL leads to the Graph API"
    )]
    Unreadable {
        /// The call.
        endpoint: Endpoint,
        /// The HTTP status.
        status: u16,
        /// What is wrong with the response.
        problem: &'static str,
        /// First 200 characters of the response; of one with access tokens, or with profiles or messages of
        /// people, none.
        excerpt: String,
        /// Wait, if a header contained one.
        retry_after: Option<Duration>,
    },

    /// No connection: the platform certainly did not receive the call.
    #[error(
        "{endpoint}: the Graph API cannot be reached, nothing was sent; \
         check GRAPH_API_URL and the network"
    )]
    Unreachable {
        /// The call.
        endpoint: Endpoint,
        /// What is wrong with the connection.
        source: Cause,
    },

    /// The call was sent and no complete response came back: it may have been carried out.
    #[error(
        "{endpoint}: no whole answer from the Graph API; the call may have been carried out, \
         so look for its effect before repeating it"
    )]
    Interrupted {
        /// The call.
        endpoint: Endpoint,
        /// Cause.
        source: Cause,
    },
}

impl GraphError {
    /// Whether the call was refused because another app owns the thread.
    #[must_use]
    pub fn is_not_owner(&self) -> bool {
        self.is_any(&[
            subcode::NOT_THREAD_OWNER,
            subcode::NOT_THREAD_OWNER_INSTAGRAM,
        ])
    }

    /// Whether the bot has to wait for the person's next message.
    #[must_use]
    pub fn is_outside_window(&self) -> bool {
        self.is_any(&[
            subcode::OUTSIDE_WINDOW,
            subcode::OUTSIDE_WINDOW_INSTAGRAM,
            subcode::OUTSIDE_WINDOW_NEWS,
        ])
    }

    /// Whether the call was refused for its `appsecret_proof`.
    pub(crate) fn is_about_proof(&self) -> bool {
        match self {
            Self::Refused { code, message, .. } => {
                *code == 100 && message.contains("Invalid appsecret_proof")
            }
            _ => false,
        }
    }

    /// Whether no call will work without a new access token.
    #[must_use]
    pub fn is_token_invalid(&self) -> bool {
        self.advice() == Advice::RenewToken
    }

    /// Whether the platform may have carried out the call nevertheless.
    ///
    /// Then do not repeat a [`Call`](super::Call) that is not [idempotent](super::Call::is_idempotent),
    /// unless its echo does not arrive. A refusal counts as one. The codes 1 and 2 count too: the platform
    /// asks for a repetition, although such a message has been known to arrive.
    #[must_use]
    pub fn may_have_been_delivered(&self) -> bool {
        match self {
            Self::Interrupted { .. } => true,
            Self::Unreadable { status, .. } => matches!(status, 200..=299 | 408 | 500..=599),
            Self::Refused { .. } => self.is_any(&[subcode::MAY_HAVE_BEEN_DELIVERED]),
            _ => false,
        }
    }

    /// How long to wait before the next call, if the platform gave a time.
    ///
    /// From the headers `Retry-After` (in seconds) and, with `estimated_time_to_regain_access`,
    /// `x-business-use-case-usage`, `x-app-usage` and `x-page-usage`; at most a day.
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Refused { retry_after, .. } | Self::Unreadable { retry_after, .. } => {
                *retry_after
            }
            _ => None,
        }
    }

    /// What to do about the error.
    #[must_use]
    pub fn advice(&self) -> Advice {
        match self {
            Self::Refused {
                code,
                subcode,
                is_transient,
                status,
                ..
            } => match (advice::look_up(*code, *subcode), is_transient) {
                (Some(row), Some(true)) => row.advice.of_transient(),
                (Some(row), _) => row.advice,
                // Whatever the code says, too many calls are too many only for a time.
                (None, _) if *status == advice::TOO_MANY_CALLS => Advice::RetryLater,
                (None, Some(true)) => Advice::Retry,
                (None, Some(false)) => Advice::GiveUp,
                (None, None) => advice::by_status(*status),
            },
            Self::Unreadable { status, .. } => advice::by_status(*status),
            Self::Unreachable { .. } | Self::Interrupted { .. } => Advice::Retry,
            Self::Settings { .. }
            | Self::Revoked
            | Self::LeaseEnded
            | Self::Limit(_)
            | Self::Unwritable { .. } => Advice::GiveUp,
        }
    }

    /// Whether the limit applies to every call of the account. The advice is [`Advice::RetryLater`] then.
    pub(crate) fn limits_account(&self) -> bool {
        match (self, self.row()) {
            (_, Some(row)) => row.limits_account,
            (Self::Refused { status, .. } | Self::Unreadable { status, .. }, None) => {
                *status == advice::TOO_MANY_CALLS
            }
            _ => false,
        }
    }

    /// Whether it concerns the message, and no other one.
    pub(crate) fn is_of_message(&self) -> bool {
        self.row().is_some_and(|row| row.is_of_message)
    }

    /// Whether the bot may not take threads at all, and has to request them (protocol: errors of thread
    /// control).
    pub(crate) fn cannot_take(&self) -> bool {
        self.row().is_some_and(|row| row.cannot_take)
    }

    /// The row of the table, if the platform refused the call.
    fn row(&self) -> Option<&'static advice::AdviceRow> {
        match self {
            Self::Refused { code, subcode, .. } => advice::look_up(*code, *subcode),
            _ => None,
        }
    }

    /// Whether the error has one of these numbers; some appear as code as well as subcode.
    fn is_any(&self, subcodes: &[i64]) -> bool {
        match self {
            Self::Refused { code, subcode, .. } => {
                subcodes.contains(code) || subcode.is_some_and(|it| subcodes.contains(&it))
            }
            _ => false,
        }
    }
}

/// What to do about an error with this code and subcode.
pub(crate) fn what_to_do(code: i64, subcode: Option<i64>) -> Option<&'static str> {
    advice::look_up(code, subcode).map(|row| row.what_to_do)
}

/// Formats nothing, or the label and the value.
struct LabeledValue<'a, T>(&'static str, &'a Option<T>);

impl<T: fmt::Display> fmt::Display for LabeledValue<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.1 {
            Some(value) => write!(f, "{}{value}", self.0),
            None => Ok(()),
        }
    }
}
