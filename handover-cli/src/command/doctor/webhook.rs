//! The bot's webhook, as the platform would find it.

use std::time::Duration;

use hmac::{Hmac, KeyInit, Mac};
use reqwest::{Client, RequestBuilder};
use sha2::Sha256;
use url::Url;

use super::finding::Finding;
use crate::environment::CliEnvironment;

const CHECK: &str = "webhook";
/// Whatever the bot is, this asks nothing of it.
const EMPTY: &str = r#"{"object":"page","entry":[]}"#;

pub(super) async fn examine(url: &Url, environment: &CliEnvironment, findings: &mut Vec<Finding>) {
    let http = Client::builder().timeout(Duration::from_secs(5)).build();
    let Ok(http) = http else {
        return;
    };
    let before = findings.len();
    findings.extend(verification(&http, url, environment).await);
    if findings.len() == before {
        findings.extend(signatures(&http, url, environment).await);
    }
    if findings.len() == before {
        let what =
            format!("{url} is verified, and believes what is signed with the app's secret only");
        findings.push(Finding::good(CHECK, what));
    }
}

/// The status and the body, or a word on why there are none.
async fn answer(request: RequestBuilder) -> Result<(u16, String), String> {
    let response = request.send().await.map_err(|error| {
        let reason = if error.is_timeout() {
            "it has not answered within 5 s"
        } else {
            "nobody answers there"
        };
        reason.to_owned()
    })?;
    let status = response.status().as_u16();
    Ok((status, response.text().await.unwrap_or_default()))
}

async fn verification(http: &Client, url: &Url, environment: &CliEnvironment) -> Option<Finding> {
    let challenge = "1158201444";
    let ask = |token: &str| {
        let mut url = url.clone();
        url.query_pairs_mut()
            .append_pair("hub.mode", "subscribe")
            .append_pair("hub.challenge", challenge)
            .append_pair("hub.verify_token", token);
        http.get(url)
    };
    let token = environment.get("MESSENGER_VERIFY_TOKEN")?;
    match answer(ask(&token)).await {
        Err(reason) => Some(Finding::fault(
            CHECK,
            format!("{url} cannot be reached: {reason}"),
            "the platform cannot deliver anything; after an hour it ends the subscription",
            "start the bot, or see to the proxy in front of it; `--webhook URL` examines another address",
        )),
        Ok((200, body)) if body.trim() == challenge => {
            let wrong = answer(ask("not the verify token")).await;
            matches!(wrong, Ok((200, _))).then(|| Finding::fault(
                CHECK,
                format!("{url} accepts any verify token"),
                "anybody could register it for an app of their own; is something else answering there?",
                "let the proxy pass /webhook to the bot unchanged",
            ))
        }
        Ok((status @ (401 | 403), _)) => Some(Finding::fault(
            CHECK,
            format!("{url} refuses the verify token (HTTP {status})"),
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

async fn signatures(http: &Client, url: &Url, environment: &CliEnvironment) -> Option<Finding> {
    let post = || {
        http.post(url.clone())
            .header("Content-Type", "application/json")
            .body(EMPTY)
    };
    if let Ok((200, _)) = answer(post()).await {
        return Some(Finding::fault(
            CHECK,
            format!("{url} accepts what is not signed"),
            "anybody can speak in the name of the platform",
            "something else than a bot of handover answers there, or a proxy does in its stead",
        ));
    }
    let secrets = environment.app_secrets().ok()?;
    for (at, secret) in secrets.iter().enumerate() {
        let signature = hex::encode(mac(secret)?.finalize().into_bytes());
        let signed = post().header("X-Hub-Signature-256", format!("sha256={signature}"));
        let which = match secrets.len() {
            1 => "the app's signature".to_owned(),
            several => format!("a signature with secret {} of {several}", at + 1),
        };
        let finding = judge(answer(signed).await, url, &which);
        if finding.is_some() {
            return finding;
        }
    }
    None
}

fn mac(secret: &str) -> Option<Hmac<Sha256>> {
    let mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).ok()?;
    Some(mac.chain_update(EMPTY))
}

/// What the webhook answered to a signed body without events.
fn judge(answer: Result<(u16, String), String>, url: &Url, which: &str) -> Option<Finding> {
    match answer {
        Ok((200, _)) => None,
        Ok((status @ (401 | 403), _)) => Some(Finding::fault(
            CHECK,
            format!("{url} does not believe {which} (HTTP {status})"),
            "what is signed with it is refused",
            "the bot there has another MESSENGER_APP_SECRET than the one set here, or a proxy changes the body",
        )),
        Ok((503, _)) => Some(Finding::fault(
            CHECK,
            format!("{url} cannot store events (HTTP 503)"),
            "the platform repeats them, and after an hour ends the subscription",
            "the bot's log says what is wrong with its store",
        )),
        Ok((status, _)) => Some(Finding::fault(
            CHECK,
            format!("{url} answers a signed body with HTTP {status}"),
            "the platform takes anything but 200 for a failure",
            "the bot's log, or the proxy's, says why",
        )),
        Err(reason) => Some(Finding::fault(
            CHECK,
            format!("{url} takes no bodies: {reason}"),
            "the platform waits 5 s and then counts a failure",
            "see what the bot or the proxy in front of it is doing",
        )),
    }
}
