//! Whether the access token is the right one, and good for what the bot does.

use std::time::Duration;

use handover::protocol::{DebuggedToken, Timestamp};

use super::configuration::ConfiguredAccount;
use super::finding::Finding;
use crate::terminal::{Age, now};

const CHECK: &str = "token";
const WHERE: &str = "App Dashboard > Messenger > Messenger API Settings > Generate access tokens";
const WEEK: Duration = Duration::from_secs(7 * 24 * 60 * 60);

/// The error says that the app may not ask.
pub(super) async fn examine(
    of: &ConfiguredAccount,
    instagram: bool,
) -> Result<Vec<Finding>, Finding> {
    let token = of.app_graph.debug_token(of.token.as_str()).await;
    let token = token.map_err(|error| app_is_unknown(of.redactor.redacted(&error)))?;
    let mut findings = judge(&token, of, instagram);
    if findings.is_empty() {
        let expiry = match end(token.expires_at) {
            Some(at) => format!("expires {}", Age::of(at)),
            None => "does not expire".to_owned(),
        };
        findings.push(Finding::good(
            CHECK,
            format!("of Page {} for app {}, {expiry}", of.page, of.app),
        ));
    }
    Ok(findings)
}

fn app_is_unknown(error: String) -> Finding {
    Finding::fault(
        "app secret",
        error,
        "with a wrong app secret the bot refuses every webhook",
        "MESSENGER_APP_ID and the first secret in MESSENGER_APP_SECRET have to belong to one app: App Dashboard > App settings > Basic",
    )
}

fn judge(token: &DebuggedToken, of: &ConfiguredAccount, instagram: bool) -> Vec<Finding> {
    let renew = format!("generate a new one at {WHERE}, and put it where the old one is");
    if !token.is_valid {
        let error = token.error.as_ref();
        let reason = error.map_or_else(
            || "it belongs to another app, or is not a token".to_owned(),
            |error| of.redactor.hidden_in(&error.message),
        );
        return vec![Finding::fault(
            CHECK,
            format!("it is not valid: {reason}"),
            "every call of the bot is refused",
            renew,
        )];
    }
    let mut findings = Vec::new();
    if let Some(app) = token.app_id.as_ref().filter(|app| **app != of.app) {
        findings.push(Finding::fault(
            CHECK,
            format!("it is of app {app}, not of app {}", of.app),
            "the bot would act as another app, and take its own messages for that app's",
            format!("generate one for app {} at {WHERE}", of.app),
        ));
    }
    match token.kind.as_deref() {
        None | Some("PAGE") => {}
        Some(kind) => findings.push(Finding::fault(
            CHECK,
            format!("it is a token of the kind {}", of.redactor.hidden_in(kind)),
            "only a Page access token may send and hand over",
            renew.clone(),
        )),
    }
    if let Some(page) = token.profile_id.as_ref().filter(|page| **page != of.page) {
        findings.push(Finding::fault(
            CHECK,
            format!("it is of Page {page}, not of Page {}", of.page),
            "calls for the Page are refused",
            "let the Page and its token belong together: correct one of them where it is set",
        ));
    }
    for (at, what) in [
        (token.expires_at, "it"),
        (token.data_access_expires_at, "its access to data"),
    ] {
        if let Some(at) = end(at).filter(|at| *at < now() + WEEK) {
            findings.push(Finding::warning(
                CHECK,
                format!("{what} expires {}", Age::of(at)),
                "from then on every call of the bot is refused",
                format!("a Page token made from a long-lived user token does not expire: {renew}"),
            ));
        }
    }
    findings.extend(permissions(&token.scopes, instagram));
    findings
}

fn permissions(scopes: &[String], instagram: bool) -> Option<Finding> {
    let mut needed = vec!["pages_messaging", "pages_manage_metadata"];
    if instagram {
        needed.push("instagram_manage_messages");
    }
    needed.retain(|scope| !scopes.iter().any(|has| has == scope));
    if scopes.is_empty() || needed.is_empty() {
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

/// When something ends; 0 is never.
fn end(at: Option<Timestamp>) -> Option<Timestamp> {
    at.filter(|at| *at != Timestamp::from_secs(0))
}
