//! The bot's webhook, as the platform would find it.

use url::Url;

use super::finding::Finding;
use crate::environment::CliEnvironment;
use crate::http::{CliRequest, RequestError, WEBHOOK_TIMEOUT};

const CHECK: &str = "webhook";
const CHALLENGE: &str = "1158201444";
/// A body without events: no handler is called.
const EMPTY: &str = r#"{"object":"page","entry":[]}"#;

pub(super) async fn examine(url: &Url, environment: &CliEnvironment, findings: &mut Vec<Finding>) {
    if environment.verify_tokens().is_err() || environment.app_secrets().is_err() {
        // The configuration is a fault already.
        return;
    }
    let before = findings.len();
    findings.extend(verification(url, environment).await);
    if findings.len() == before {
        findings.extend(signatures(url, environment).await);
    }
    if findings.len() == before {
        let what =
            format!("{url} is verified, and accepts only what is signed with the app secret");
        findings.push(Finding::good(CHECK, what));
    }
}

/// The status and the body.
async fn answer(request: CliRequest) -> Result<(u16, String), RequestError> {
    let response = request.send(WEBHOOK_TIMEOUT).await?;
    Ok((response.status, response.body))
}

async fn verification(url: &Url, environment: &CliEnvironment) -> Option<Finding> {
    let tokens = environment.verify_tokens().ok()?;
    for (at, token) in tokens.iter().enumerate() {
        let which = match tokens.len() {
            1 => "the verify token".to_owned(),
            several => format!("verify token {} of {several}", at + 1),
        };
        let finding = judge_challenge(ask(url, token).await, url, &which);
        if finding.is_some() {
            return finding;
        }
    }
    let wrong = ask(url, "not the verify token").await;
    matches!(wrong, Ok((200, _))).then(|| {
        Finding::fault(
            CHECK,
            format!("{url} accepts any verify token"),
            "anybody could register it for another app; does another program answer there?",
            "let the proxy pass /webhook to the bot unchanged",
        )
    })
}

/// Verifies the URL as the platform does.
async fn ask(url: &Url, token: &str) -> Result<(u16, String), RequestError> {
    let mut url = url.clone();
    url.query_pairs_mut()
        .append_pair("hub.mode", "subscribe")
        .append_pair("hub.challenge", CHALLENGE)
        .append_pair("hub.verify_token", token);
    answer(CliRequest::get(&url)).await
}

/// What the webhook answered to a verify token that is set.
fn judge_challenge(
    answer: Result<(u16, String), RequestError>,
    url: &Url,
    which: &str,
) -> Option<Finding> {
    match answer {
        Err(reason) => Some(Finding::fault(
            CHECK,
            format!("{url} cannot be reached: {reason}"),
            "the platform cannot deliver anything; after an hour it ends the subscription",
            "start the bot, or check the proxy in front of it; `--webhook URL` examines another address",
        )),
        Ok((200, body)) if body.trim() == CHALLENGE => None,
        Ok((status @ 300..=399, _)) => Some(Finding::fault(
            CHECK,
            format!("{url} redirects (HTTP {status})"),
            "the platform counts anything but 200 as a failure",
            "enter the final address as the callback URL",
        )),
        Ok((status @ (401 | 403), _)) => Some(Finding::fault(
            CHECK,
            format!("{url} refuses {which} (HTTP {status})"),
            "the callback URL cannot be saved at Meta",
            "the bot there has another MESSENGER_VERIFY_TOKEN than the one set here: restart it",
        )),
        Ok((status, _)) => Some(Finding::fault(
            CHECK,
            format!("{url} does not repeat the challenge (HTTP {status})"),
            "the callback URL cannot be saved at Meta",
            "the path is /webhook unless the bot says otherwise; let the proxy pass it with its query",
        )),
    }
}

async fn signatures(url: &Url, environment: &CliEnvironment) -> Option<Finding> {
    let post = || CliRequest::webhook(url, EMPTY.into());
    if let Ok((200, _)) = answer(post()).await {
        return Some(Finding::fault(
            CHECK,
            format!("{url} accepts what is not signed"),
            "anybody can speak in the name of the platform",
            "is it a handover bot that answers there, or a proxy in front of it?",
        ));
    }
    let secrets = environment.app_secrets().ok()?;
    for (at, secret) in secrets.iter().enumerate() {
        let which = match secrets.len() {
            1 => "the app's signature".to_owned(),
            several => format!("a signature with secret {} of {several}", at + 1),
        };
        let finding = judge(answer(post().signed(secret)).await, url, &which);
        if finding.is_some() {
            return finding;
        }
    }
    None
}

/// What the webhook answered to a signed body without events.
fn judge(answer: Result<(u16, String), RequestError>, url: &Url, which: &str) -> Option<Finding> {
    match answer {
        Ok((200, _)) => None,
        Ok((status @ (401 | 403), _)) => Some(Finding::fault(
            CHECK,
            format!("{url} refuses {which} (HTTP {status})"),
            "every event that is signed with it is refused",
            "the bot there has another MESSENGER_APP_SECRET than the one set here, or a proxy changes the body",
        )),
        Ok((503, _)) => Some(Finding::fault(
            CHECK,
            format!("{url} cannot store events (HTTP 503)"),
            "the platform repeats them, and after an hour ends the subscription",
            "see the bot's log for what is wrong with its store",
        )),
        Ok((status, _)) => Some(Finding::fault(
            CHECK,
            format!("{url} answers a signed body with HTTP {status}"),
            "the platform counts anything but 200 as a failure",
            "see the log of the bot, or of the proxy in front of it",
        )),
        Err(reason) => Some(Finding::fault(
            CHECK,
            format!("{url} does not accept a body: {reason}"),
            "the platform waits 5 s and then counts a failure",
            "see what the bot or the proxy in front of it is doing",
        )),
    }
}
