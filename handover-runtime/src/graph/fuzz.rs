//! What a fuzzer runs with any bytes: answers of the Graph API and their headers.

#![allow(clippy::expect_used, reason = "a panic is what the fuzzer looks for")]

use std::time::Duration;

use handover_protocol::{AppUsage, SendResponse, business_usage};
use hyper::StatusCode;
use hyper::header::{HeaderMap, HeaderName, HeaderValue};
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::answer::{AnySuccess, SuccessResponse};
use super::credentials::Credentials;
use super::error::GraphError;
use super::routing::Endpoint;
use super::usage;
use crate::http::HttpResponse;

const TOKEN: &str = "EAABcanary";

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// A status, lines of headers, an empty line and a body: a value or an error, which names code and
/// subcode as the JSON does, and never the access token.
pub fn graph_answer(input: &[u8]) {
    let Ok(credentials) = Credentials::new(TOKEN.into(), Some(&"secret".into())) else {
        return;
    };
    let credentials = &credentials;
    let results = [
        error_of::<SendResponse>(Endpoint::Messages, input, credentials),
        error_of::<Value>(Endpoint::ThreadOwner, input, credentials),
        error_of::<AnySuccess>(Endpoint::PassThreadControl, input, credentials),
    ];
    let json: Option<Value> = serde_json::from_slice(&answer(input).body).ok();
    for error in results.into_iter().flatten() {
        check(&error, json.as_ref());
    }
}

fn error_of<T: DeserializeOwned>(
    endpoint: Endpoint,
    input: &[u8],
    credentials: &Credentials,
) -> Option<GraphError> {
    let success = SuccessResponse::read(endpoint, answer(input), credentials);
    success.and_then(|it| it.value::<T>(credentials)).err()
}

fn check(error: &GraphError, json: Option<&Value>) {
    let shown = format!("{error} {error:?}");
    assert!(!shown.contains(TOKEN), "{shown}");
    let refused = json.map(|json| &json["error"]).filter(|is| is.is_object());
    if let (GraphError::Refused { code, subcode, .. }, Some(refused)) = (error, refused) {
        if let Some(written) = refused["code"].as_i64() {
            assert_eq!(*code, written, "{refused}");
        }
        if let Some(written) = refused["error_subcode"].as_i64() {
            assert_eq!(*subcode, Some(written), "{refused}");
        }
    }
    assert!(error.retry_after().is_none_or(|wait| wait <= DAY));
    // That none of these panics.
    let _ = (
        error.advice(),
        error.is_not_owner(),
        error.is_outside_window(),
        error.is_about_proof(),
        error.may_have_been_delivered(),
        error.limits_account(),
        error.cannot_take(),
    );
}

fn answer(input: &[u8]) -> HttpResponse {
    let at = input.windows(2).position(|pair| pair == b"\n\n");
    let (head, body) = match at {
        Some(at) => (&input[..at], &input[at + 2..]),
        None => (&b"400"[..], input),
    };
    let head = String::from_utf8_lossy(head);
    let (status, lines) = head.split_once('\n').unwrap_or((&head, ""));
    let status = status.parse().ok().and_then(|code: u16| {
        let status = StatusCode::from_u16(code);
        status.ok()
    });
    HttpResponse {
        status: status.unwrap_or(StatusCode::BAD_REQUEST),
        headers: headers(lines),
        body: body.to_vec(),
        is_complete: body.len() < 4096,
    }
}

fn headers(lines: &str) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for line in lines.lines() {
        if let Some((name, value)) = line.split_once(':')
            && let Ok(name) = HeaderName::from_bytes(name.as_bytes())
            && let Ok(value) = HeaderValue::from_str(value.trim())
        {
            headers.append(name, value);
        }
    }
    headers
}

/// Lines of headers: no share or wait that the JSON in them has is missed, and no wait is longer than a
/// day.
pub fn usage_headers(input: &[u8]) {
    let text = String::from_utf8_lossy(input);
    let headers = headers(&text);
    let (percent, wait) = (usage::percent(&headers), usage::retry_after(&headers));
    assert!(wait.is_none_or(|wait| !wait.is_zero() && wait <= DAY));
    for name in ["x-app-usage", "x-page-usage", "x-business-use-case-usage"] {
        for value in headers.get_all(name) {
            let Ok(text) = value.to_str() else {
                continue;
            };
            let _ = business_usage(text);
            let _ = serde_json::from_str::<AppUsage>(text).map(|usage| usage.highest());
            // Keys that are written with escapes are not looked for.
            if text.contains('\\') {
                continue;
            }
            let Ok(json) = serde_json::from_str::<Value>(text) else {
                continue;
            };
            let shares = ["call_count", "total_time", "total_cputime"];
            let share = shares.iter().filter_map(|key| highest(&json, key)).max();
            let share = share.map(|share| u8::try_from(share).unwrap_or(u8::MAX));
            assert!(percent >= share, "{text}: {percent:?}");
            let minutes = highest(&json, "estimated_time_to_regain_access");
            if let Some(minutes) = minutes.filter(|minutes| *minutes > 0) {
                let least = Duration::from_secs(minutes.saturating_mul(60)).min(DAY);
                assert!(wait >= Some(least), "{text}: {wait:?}");
            }
        }
    }
}

/// The highest whole number under a key, anywhere.
fn highest(json: &Value, key: &str) -> Option<u64> {
    match json {
        Value::Array(items) => items.iter().filter_map(|item| highest(item, key)).max(),
        Value::Object(fields) => {
            let own = fields.get(key).and_then(Value::as_u64);
            let inner = fields.values().filter_map(|value| highest(value, key));
            inner.chain(own).max()
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use handover_testkit::fuzz::fuzz;

    #[test]
    fn graph_answer() {
        fuzz("graph_answer", super::graph_answer);
    }

    #[test]
    fn usage_headers() {
        fuzz("usage_headers", super::usage_headers);
    }
}
