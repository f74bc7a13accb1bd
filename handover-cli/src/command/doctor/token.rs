//! Whether the access token is the right one, and good for what the bot does.

use std::time::Duration;

use handover::protocol::Timestamp;
use serde_json::Value;

use super::api::{Api, ApiError};
use super::configuration::Configuration;
use super::finding::Finding;
use crate::terminal::{Age, now};

const CHECK: &str = "token";
const WHERE: &str = "App Dashboard > Messenger > Messenger API Settings > Generate access tokens";
const WEEK: Duration = Duration::from_secs(7 * 24 * 60 * 60);

pub(super) async fn examine(api: &Api, of: &Configuration, instagram: bool) -> Vec<Finding> {
    let query = [("input_token", of.token.as_str())];
    let told = match api.get(&["debug_token"], &query, &of.app_token()).await {
        Ok(told) => told,
        Err(error) => return vec![app_is_unknown(&error)],
    };
    let mut findings = judge(&told["data"], of, instagram);
    if findings.is_empty() {
        let expiry = match time(&told["data"]["expires_at"]) {
            Some(at) => format!("expires {}", Age::of(at)),
            None => "does not expire".to_owned(),
        };
        findings.push(Finding::good(
            CHECK,
            format!("of Page {} for app {}, {expiry}", of.page, of.app),
        ));
    }
    findings
}

fn app_is_unknown(error: &ApiError) -> Finding {
    Finding::fault(
        "app secret",
        error.to_string(),
        "with another secret than the app's, the bot believes no webhook",
        "MESSENGER_APP_ID and the first secret in MESSENGER_APP_SECRET have to be of one app: App Dashboard > App settings > Basic",
    )
}

fn judge(token: &Value, of: &Configuration, instagram: bool) -> Vec<Finding> {
    let renew = format!("generate a new one at {WHERE}, and set MESSENGER_ACCESS_TOKEN");
    if token["is_valid"] != true {
        let reason = token["error"]["message"]
            .as_str()
            .unwrap_or("it is of another app, or no token");
        return vec![Finding::fault(
            CHECK,
            format!("it is not valid: {reason}"),
            "every call of the bot is refused",
            renew,
        )];
    }
    let mut findings = Vec::new();
    if text(&token["app_id"]).is_some_and(|app| app != of.app) {
        findings.push(Finding::fault(
            CHECK,
            format!(
                "it is of app {}, not of app {}",
                text(&token["app_id"]).unwrap_or_default(),
                of.app
            ),
            "the bot would act as another app, and take its own messages for that app's",
            format!("generate one for app {} at {WHERE}", of.app),
        ));
    }
    match token["type"].as_str() {
        None | Some("PAGE") => {}
        Some(kind) => findings.push(Finding::fault(
            CHECK,
            format!("it is a token of the kind {kind}"),
            "only a Page's own token may send and hand over",
            renew.clone(),
        )),
    }
    if text(&token["profile_id"]).is_some_and(|page| page != of.page) {
        findings.push(Finding::fault(
            CHECK,
            format!(
                "it is of Page {}, not of Page {}",
                text(&token["profile_id"]).unwrap_or_default(),
                of.page
            ),
            "calls for the Page are refused",
            "set MESSENGER_PAGE_ID to the Page of the token, or the other way round",
        ));
    }
    for (key, what) in [
        ("expires_at", "it"),
        ("data_access_expires_at", "its access to data"),
    ] {
        if let Some(at) = time(&token[key]).filter(|at| *at < now() + WEEK) {
            findings.push(Finding::warning(
                CHECK,
                format!("{what} expires {}", Age::of(at)),
                "from then on every call of the bot is refused",
                format!(
                    "a token that a long-lived user token was made into does not expire: {renew}"
                ),
            ));
        }
    }
    findings.extend(permissions(token, instagram));
    findings
}

fn permissions(token: &Value, instagram: bool) -> Option<Finding> {
    let scopes = token["scopes"].as_array()?;
    let mut needed = vec!["pages_messaging", "pages_manage_metadata"];
    if instagram {
        needed.push("instagram_manage_messages");
    }
    needed.retain(|scope| !scopes.iter().any(|has| has == scope));
    if needed.is_empty() {
        return None;
    }
    let missing = needed.join(" and ");
    Some(Finding::fault(
        "permissions",
        format!("the token lacks {missing}"),
        "the bot may not send, or the Page cannot be subscribed",
        format!("grant {missing} when you generate the token at {WHERE}"),
    ))
}

/// Ids come as text and as numbers.
fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

/// 0 is never.
fn time(seconds: &Value) -> Option<Timestamp> {
    let seconds = seconds.as_i64().filter(|seconds| *seconds != 0)?;
    Some(Timestamp::from_secs(seconds))
}
