//! What can go wrong with a call, and what it means.

use std::fmt;
use std::time::Duration;

use handover_protocol::{LimitExceeded, subcode};
use thiserror::Error;

use super::advice::{self, Advice};
use super::routing::Endpoint;

type Cause = Box<dyn std::error::Error + Send + Sync>;

/// A call to the Graph API that did not work out.
///
/// Its text says what to do. A program asks [`advice`](Self::advice) and the other questions, which
/// decide on the subcode first: code 10 alone is "another app owns the thread", "outside the
/// window" and "permission missing".
///
/// Neither text nor causes carry the access token or an address with a query.
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
    /// A client cannot be made of these settings.
    #[error("cannot set up the Graph client: {setting} {problem}")]
    Settings {
        /// The field of [`GraphSettings`](super::GraphSettings).
        setting: &'static str,
        /// What is wrong with it.
        problem: &'static str,
        /// Why, where somebody else found out.
        source: Option<Cause>,
    },

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
        /// `code`: what happened, roughly.
        code: i64,
        /// `error_subcode`: what happened, precisely.
        subcode: Option<i64>,
        /// `message` and, where there is one, `error_user_msg`.
        message: String,
        /// `type`, mostly `OAuthException`.
        kind: Option<String>,
        /// `fbtrace_id`: by this Meta's support finds the call.
        fbtrace_id: Option<String>,
        /// `is_transient`: whether the platform expects it to pass.
        is_transient: Option<bool>,
        /// How long to wait, if a header said.
        retry_after: Option<Duration>,
    },

    /// There was an answer, and it is not one of the Graph API.
    #[error(
        "{endpoint}: the answer (HTTP {status}) {problem}: {excerpt:?}; \
         if this lasts, check that GRAPH_API_URL leads to the Graph API"
    )]
    Unreadable {
        /// The call.
        endpoint: Endpoint,
        /// The HTTP status.
        status: u16,
        /// What is wrong with the answer.
        problem: &'static str,
        /// The beginning of the answer: 200 characters at most.
        excerpt: String,
        /// How long to wait, if a header said.
        retry_after: Option<Duration>,
    },

    /// There was no connection: the call has certainly not arrived.
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

    /// The call went out and no whole answer came back: it may have been carried out.
    #[error(
        "{endpoint}: no whole answer from the Graph API; the call may have been carried out, \
         so look for its effect before repeating it"
    )]
    Interrupted {
        /// The call.
        endpoint: Endpoint,
        /// What ended the wait.
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

    /// Whether the person has to write again before the bot may.
    #[must_use]
    pub fn is_outside_window(&self) -> bool {
        self.is_any(&[
            subcode::OUTSIDE_WINDOW,
            subcode::OUTSIDE_WINDOW_INSTAGRAM,
            subcode::OUTSIDE_WINDOW_NEWS,
        ])
    }

    /// Whether no call will work before there is a new access token.
    #[must_use]
    pub fn is_token_invalid(&self) -> bool {
        self.advice() == Advice::RenewToken
    }

    /// Whether the platform may have carried out the call all the same.
    ///
    /// A [`Call`](super::Call) that is not [idempotent](super::Call::is_idempotent) should then not
    /// be repeated, unless its echo does not turn up. A refusal counts as one, also with the codes
    /// 1 and 2, which the platform wants to be repeated although a message has been known to arrive
    /// in spite of them.
    #[must_use]
    pub fn may_have_been_delivered(&self) -> bool {
        match self {
            Self::Interrupted { .. } => true,
            Self::Unreadable { status, .. } => matches!(status, 200..=299 | 408 | 500..=599),
            Self::Refused { .. } => self.is_any(&[subcode::MAY_HAVE_BEEN_DELIVERED]),
            _ => false,
        }
    }

    /// How long to wait before the next call, if the platform said so.
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

    /// What to do about it.
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
                (None, Some(true)) => Advice::Retry,
                (None, Some(false)) => Advice::GiveUp,
                (None, None) => advice::by_status(*status),
            },
            Self::Unreadable { status, .. } => advice::by_status(*status),
            Self::Unreachable { .. } | Self::Interrupted { .. } => Advice::Retry,
            Self::Settings { .. } | Self::Limit(_) | Self::Unwritable { .. } => Advice::GiveUp,
        }
    }

    /// Whether every other call of the account would meet the same limit.
    pub(crate) fn limits_account(&self) -> bool {
        self.row().is_some_and(|row| row.limits_account)
    }

    /// Whether the bot may not take threads at all, so that it has to ask for them (protocol: errors
    /// of thread control).
    pub(crate) fn cannot_take(&self) -> bool {
        self.row().is_some_and(|row| row.cannot_take)
    }

    /// What the table says about it, if the platform refused the call.
    fn row(&self) -> Option<&'static advice::AdviceRow> {
        match self {
            Self::Refused { code, subcode, .. } => advice::look_up(*code, *subcode),
            _ => None,
        }
    }

    /// Whether the platform named one of these; some are printed as code as well as subcode.
    fn is_any(&self, subcodes: &[i64]) -> bool {
        match self {
            Self::Refused { code, subcode, .. } => {
                subcodes.contains(code) || subcode.is_some_and(|it| subcodes.contains(&it))
            }
            _ => false,
        }
    }
}

fn what_to_do(code: i64, subcode: Option<i64>) -> Option<&'static str> {
    advice::look_up(code, subcode).map(|row| row.what_to_do)
}

/// Nothing, or the label and the value.
struct LabeledValue<'a, T>(&'static str, &'a Option<T>);

impl<T: fmt::Display> fmt::Display for LabeledValue<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.1 {
            Some(value) => write!(f, "{}{value}", self.0),
            None => Ok(()),
        }
    }
}
