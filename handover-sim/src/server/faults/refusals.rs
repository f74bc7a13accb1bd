//! Graph API errors of faults.

use crate::platform::Refusal;

pub(in super::super) fn on_demand(
    code: i64,
    subcode: Option<i64>,
    message: Option<&str>,
    is_transient: bool,
) -> Refusal {
    let message = match (message, code) {
        (Some(message), _) => message.to_owned(),
        (None, 1) => "An unknown error has occurred.".to_owned(),
        (None, 2) => "Service temporarily unavailable".to_owned(),
        (None, -1) => "Unexpected internal error. Please retry your request later.".to_owned(),
        (None, 1200) => "Temporary send message failure. Please try again later.".to_owned(),
        (None, code) => format!("(#{code}) An error on demand"),
    };
    Refusal {
        is_transient,
        ..refusal(message, code, subcode)
    }
}

/// Protocol: rate limits. The code says whose limit it is.
pub(in super::super) fn throttled(code: i64) -> Refusal {
    let what = match code {
        4 => "Application request limit reached",
        32 => "Page request limit reached",
        613 => "Calls to this api have exceeded the rate limit.",
        80_002 => {
            "There have been too many calls to this Instagram account. Wait a bit and try again."
        }
        80_006 => {
            "There have been too many messages sent from this Page. Wait a bit and try again."
        }
        _ => "There have been too many calls to this Page account. Wait a bit and try again.",
    };
    refusal(format!("(#{code}) {what}"), code, None)
}

pub(in super::super) fn expired_token() -> Refusal {
    let message = "Error validating access token: Session has expired.".to_owned();
    refusal(message, 190, Some(463))
}

fn refusal(message: String, code: i64, subcode: Option<i64>) -> Refusal {
    Refusal {
        message,
        kind: "OAuthException",
        code,
        subcode,
        is_transient: false,
    }
}
