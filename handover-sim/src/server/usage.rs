//! The headers that say how much of its limits an app has used up.

use axum::http::{HeaderMap, HeaderValue};
use handover_protocol::AccountId;
use serde_json::json;

/// Nothing is left, for so many minutes.
pub(super) fn used_up(headers: &mut HeaderMap, account: Option<&AccountId>, minutes: u32) {
    write(headers, account, 100, minutes);
}

/// What is used, in percent.
pub(super) fn write(
    headers: &mut HeaderMap,
    account: Option<&AccountId>,
    percent: u32,
    minutes: u32,
) {
    let used = json!({"call_count": percent, "total_time": percent, "total_cputime": percent});
    insert(headers, "x-app-usage", &used);
    if let Some(account) = account {
        insert(headers, "x-page-usage", &used);
        let business = json!([{
            "type": "messenger",
            "call_count": percent,
            "total_cputime": percent,
            "total_time": percent,
            "estimated_time_to_regain_access": minutes,
        }]);
        let accounts = json!({ account.as_str(): business });
        insert(headers, "x-business-use-case-usage", &accounts);
    }
}

fn insert(headers: &mut HeaderMap, name: &'static str, value: &serde_json::Value) {
    // JSON of numbers and ids is fit for a header; an id that is not is left out.
    if let Ok(value) = HeaderValue::from_str(&value.to_string()) {
        headers.insert(name, value);
    }
}
