use serde::{Deserialize, Serialize};

use super::FaultOn;

/// Fault of a webhook or a Graph API call.
///
/// ```json
/// {"type": "delay", "ms": 800}
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
#[non_exhaustive]
pub enum Fault {
    /// Webhooks and calls: delayed, together with what follows in the same queue.
    Delay {
        /// Delay in milliseconds.
        ms: u64,
    },
    /// Webhooks: delivered again although the app answered 200.
    Duplicate {
        /// Number of repetitions.
        #[serde(default = "one")]
        copies: u32,
    },
    /// Webhooks: overtaken by later ones.
    Reorder {
        /// Maximum number of webhooks that overtake it.
        #[serde(default = "one")]
        window: u32,
        /// Maximum wait for them, in milliseconds.
        #[serde(default = "second")]
        wait_ms: u64,
    },
    /// Webhooks: never delivered.
    Drop,
    /// Webhooks: delivered in one body with the webhooks that follow.
    Batch {
        /// Maximum number of items.
        #[serde(default = "three")]
        items: u32,
        /// Maximum wait for them, in milliseconds.
        #[serde(default = "tenth")]
        gather_ms: u64,
    },
    /// Calls: the connection closes without a response. The call is not executed.
    CloseBefore,
    /// Calls: the connection closes without a response. The call is executed.
    CloseAfter,
    /// Calls: a gateway responds with a body that is not JSON.
    Status {
        /// HTTP status.
        code: u16,
        /// Body of the response.
        #[serde(default = "gateway_page")]
        body: String,
        /// Whether the call is executed.
        #[serde(default)]
        executed: bool,
    },
    /// Calls: the response comes after the webhooks that the call causes, so that the echo comes
    /// first. It waits for at most five seconds.
    AnswerAfterWebhooks,
    /// Calls: an error of the Graph API. The call is not executed.
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
    /// Calls: a rate limit error with usage headers. The call is not executed.
    Throttle {
        /// `code` of the error object: 4, 32, 613, 80001, 80002 or 80006.
        #[serde(default = "too_many_page_calls")]
        code: i64,
        /// Minutes until access returns, for the headers.
        #[serde(default = "one")]
        minutes: u32,
    },
    /// Calls: the token has expired (190/463). The call is not executed.
    ExpiredToken,
    /// Calls: the second half of the response comes later.
    SlowBody {
        /// Delay in milliseconds.
        ms: u64,
    },
}

impl Fault {
    /// Returns the name in the timeline, which is `type` in JSON.
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
