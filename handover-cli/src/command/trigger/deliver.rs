//! Delivery of a webhook, and the meaning of the response.

use std::process::ExitCode;
use std::time::{Duration, Instant};

use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use sha2::Sha256;
use thiserror::Error;
use url::Url;

use crate::terminal::{BAD, GOOD, NAME, excerpt, paint};

/// Timeout of the platform (protocol: acknowledgement).
const PATIENCE: Duration = Duration::from_secs(5);

/// Result of a delivery.
pub(in crate::command) struct Delivered {
    status: u16,
    took: Duration,
    answer: String,
    url: Url,
}

#[derive(Debug, Error)]
pub(in crate::command) enum DeliverError {
    #[error("nothing listens at {url}: start the bot, or use `--url` for another address")]
    NotRunning { url: Url },
    #[error(
        "{url} has not answered within 5 s, after which the platform gives up; is something in the bot blocking?"
    )]
    TooSlow { url: Url },
    #[error("{url} cannot be reached")]
    Unreachable { url: Url, source: reqwest::Error },
    #[error("the app secret cannot sign anything")]
    Secret,
}

pub(in crate::command) async fn deliver(
    url: &Url,
    body: Vec<u8>,
    secret: &str,
) -> Result<Delivered, DeliverError> {
    let signature = sign(&body, secret).ok_or(DeliverError::Secret)?;
    let failed = |error: reqwest::Error| {
        let url = url.clone();
        match error {
            error if error.is_timeout() => DeliverError::TooSlow { url },
            error if error.is_connect() => DeliverError::NotRunning { url },
            error => DeliverError::Unreachable {
                url,
                source: error.without_url(),
            },
        }
    };
    let client = reqwest::Client::builder().timeout(PATIENCE).no_proxy();
    let client = client.build().map_err(failed)?;
    let began = Instant::now();
    let request = client
        .post(url.clone())
        .header("Content-Type", "application/json")
        .header("X-Hub-Signature-256", signature)
        .body(body);
    let response = request.send().await.map_err(failed)?;
    let status = response.status().as_u16();
    let answer = response.text().await.map_err(failed)?;
    Ok(Delivered {
        status,
        took: began.elapsed(),
        answer,
        url: url.clone(),
    })
}

fn sign(body: &[u8], secret: &str) -> Option<String> {
    let mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).ok()?;
    let digest = mac.chain_update(body).finalize().into_bytes();
    Some(format!("sha256={}", hex::encode(digest)))
}

impl Delivered {
    pub(in crate::command) fn is_accepted(&self) -> bool {
        self.status == 200
    }

    pub(in crate::command) fn exit_code(&self) -> ExitCode {
        ExitCode::from(u8::from(!self.is_accepted()))
    }

    pub(in crate::command) fn summary(&self, name: &str) -> String {
        let style = if self.is_accepted() { GOOD } else { BAD };
        let mut summary = format!(
            "{} {} to {} in {} ms",
            paint(style, self.status),
            paint(NAME, name),
            self.url,
            self.took.as_millis()
        );
        if let Some(problem) = self.problem() {
            summary = format!("{summary}\n{problem}");
            let answer = excerpt(self.answer.trim(), 200);
            if !answer.is_empty() {
                summary = format!("{summary}\nthe answer was: {answer}");
            }
        }
        summary
    }

    pub(in crate::command) fn as_json(&self, name: &str, person: &str) -> Value {
        json!({
            "event": name,
            "psid": person,
            "url": self.url.as_str(),
            "status": self.status,
            "milliseconds": u64::try_from(self.took.as_millis()).unwrap_or(u64::MAX),
            "answer": self.answer,
            "problem": self.problem(),
        })
    }

    fn problem(&self) -> Option<&'static str> {
        Some(match self.status {
            200 => return None,
            401 | 403 => {
                "the bot refused the signature: its MESSENGER_APP_SECRET differs from the one here"
            }
            404 | 405 => {
                "there is no webhook at this address; its path is /webhook unless the bot changes it"
            }
            400 => "the bot cannot read the body; is it JSON?",
            413 => "the body is larger than the bot accepts",
            503 => {
                "the bot could not store the event; its log says why, and the platform would send it again"
            }
            500..=599 => "the bot failed; its log says why, and the platform would send it again",
            _ => "for the platform, anything but 200 is a failure: it would send the event again",
        })
    }
}
