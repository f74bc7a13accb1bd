//! Usage headers of rate limits.

use axum::http::{HeaderMap, HeaderValue};
use handover_protocol::AccountId;
use serde_json::{Value, json};

use crate::platform::Usage;

/// Sets the headers of an exceeded limit.
pub(super) fn used_up(headers: &mut HeaderMap, account: Option<&AccountId>, minutes: u32) {
    let usage = Usage {
        app: 100,
        account: 100,
        minutes: minutes.into(),
    };
    of_app(headers, usage.app);
    if let Some(account) = account {
        of_account(headers, account, usage);
    }
}

/// Sets the current usage. The header of the app is absent at 0 percent.
pub(super) fn tell(headers: &mut HeaderMap, account: &AccountId, usage: Usage) {
    if usage.app > 0 {
        of_app(headers, usage.app);
    }
    of_account(headers, account, usage);
}

fn of_app(headers: &mut HeaderMap, percent: u64) {
    insert(headers, "x-app-usage", &used(percent));
}

fn of_account(headers: &mut HeaderMap, account: &AccountId, usage: Usage) {
    insert(headers, "x-page-usage", &used(usage.account));
    let mut business = used(usage.account);
    business["type"] = json!("messenger");
    business["estimated_time_to_regain_access"] = json!(usage.minutes);
    let accounts = json!({ account.as_str(): [business] });
    insert(headers, "x-business-use-case-usage", &accounts);
}

fn used(percent: u64) -> Value {
    json!({"call_count": percent, "total_time": percent, "total_cputime": percent})
}

fn insert(headers: &mut HeaderMap, name: &'static str, value: &Value) {
    // JSON of numbers and ids is fit for a header; an id that is not is left out.
    if let Ok(value) = HeaderValue::from_str(&value.to_string()) {
        headers.insert(name, value);
    }
}
