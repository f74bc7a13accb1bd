use serde::{Deserialize, Serialize};

use super::FaultOn;

/// What goes wrong with a webhook or a call of the Graph API.
///
/// ```json
/// {"type": "delay", "ms": 800}
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
#[non_exhaustive]
pub enum Fault {
    /// Webhooks and calls: it comes later. What follows on the same way comes later, too.
    Delay {
        /// By so many milliseconds.
        ms: u64,
    },
    /// Webhooks: it comes more than once, though it was answered 200.
    Duplicate {
        /// How often again.
        #[serde(default = "one")]
        copies: u32,
    },
    /// Webhooks: later ones overtake it.
    Reorder {
        /// How many.
        #[serde(default = "one")]
        window: u32,
        /// How long it waits for them at most, in milliseconds.
        #[serde(default = "second")]
        wait_ms: u64,
    },
    /// Webhooks: it is never delivered.
    Drop,
    /// Webhooks: it comes together with the next ones in one body.
    Batch {
        /// How many at most.
        #[serde(default = "three")]
        items: u32,
        /// How long they are gathered, in milliseconds.
        #[serde(default = "tenth")]
        gather_ms: u64,
    },
    /// Calls: the connection ends without an answer, and nothing has happened.
    CloseBefore,
    /// Calls: the connection ends without an answer, though all has happened.
    CloseAfter,
    /// Calls: a gateway answers in place of the Graph API, not in JSON. Nothing has happened unless
    /// `executed` says so.
    Status {
        /// The HTTP status.
        code: u16,
        /// What it says.
        #[serde(default = "gateway_page")]
        body: String,
        /// Whether the Graph API has carried the call out all the same.
        #[serde(default)]
        executed: bool,
    },
    /// Calls: the answer comes when the webhooks that the call causes have been delivered, so that
    /// the echo of a message comes before it. After five seconds it comes anyway.
    AnswerAfterWebhooks,
    /// Calls: an error of the Graph API. Nothing has happened.
    Error {
        /// `code` of the error object.
        code: i64,
        /// `error_subcode` of the error object.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        subcode: Option<i64>,
        /// `message` of the error object.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        message: Option<String>,
        /// `is_transient` of the error object: whether the same call may succeed later.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        is_transient: bool,
    },
    /// Calls: too many calls, with the usage headers that say so. Nothing has happened.
    Throttle {
        /// `code` of the error object: 4, 32, 613, 80001, 80002 or 80006.
        #[serde(default = "too_many_page_calls")]
        code: i64,
        /// When access comes back, as the headers say.
        #[serde(default = "one")]
        minutes: u32,
    },
    /// Calls: the token has expired (190/463). Nothing has happened.
    ExpiredToken,
    /// Calls: half of the answer comes at once, the other half later.
    SlowBody {
        /// By so many milliseconds.
        ms: u64,
    },
}

impl Fault {
    /// What the timeline calls it; the same as `type` in JSON.
    pub(in super::super) fn name(&self) -> &'static str {
        match self {
            Self::Delay { .. } => "delay",
            Self::Duplicate { .. } => "duplicate",
            Self::Reorder { .. } => "reorder",
            Self::Drop => "drop",
            Self::Batch { .. } => "batch",
            Self::CloseBefore => "close_before",
            Self::CloseAfter => "close_after",
            Self::Status { .. } => "status",
            Self::AnswerAfterWebhooks => "answer_after_webhooks",
            Self::Error { .. } => "error",
            Self::Throttle { .. } => "throttle",
            Self::ExpiredToken => "expired_token",
            Self::SlowBody { .. } => "slow_body",
        }
    }

    pub(super) fn fits(&self, on: FaultOn) -> bool {
        match self {
            Self::Delay { .. } => true,
            Self::Duplicate { .. } | Self::Reorder { .. } | Self::Drop | Self::Batch { .. } => {
                on == FaultOn::Webhook
            }
            _ => on == FaultOn::Call,
        }
    }
}

fn one() -> u32 {
    1
}

fn three() -> u32 {
    3
}

fn second() -> u64 {
    1000
}

fn tenth() -> u64 {
    100
}

fn gateway_page() -> String {
    "<html><body><h1>Sorry, something went wrong.</h1></body></html>".to_owned()
}

fn too_many_page_calls() -> i64 {
    80_001
}
