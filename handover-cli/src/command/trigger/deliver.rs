//! Delivery of a webhook, and the meaning of the response.

use std::process::ExitCode;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use thiserror::Error;
use url::Url;

use crate::http::{CliRequest, RequestError, WEBHOOK_TIMEOUT};
use crate::terminal::{BAD, GOOD, NAME, excerpt, paint};

/// What came of an event.
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
    Unreachable { url: Url, source: RequestError },
}

pub(in crate::command) async fn deliver(
    url: &Url,
    body: Vec<u8>,
    secret: &str,
) -> Result<Delivered, DeliverError> {
    let began = Instant::now();
    let request = CliRequest::webhook(url, body).signed(secret);
    let response = request.send(WEBHOOK_TIMEOUT).await;
    let response = response.map_err(|error| {
        let url = url.clone();
        match error {
            RequestError::TooSlow(_) => DeliverError::TooSlow { url },
            RequestError::NoConnection(_) => DeliverError::NotRunning { url },
            source => DeliverError::Unreachable { url, source },
        }
    })?;
    Ok(Delivered {
        status: response.status,
        took: began.elapsed(),
        answer: response.body,
        url: url.clone(),
    })
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

    pub(in crate::command) fn as_json(&self, name: &str, person: Option<&str>) -> Value {
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
            300..=399 => {
                "the address redirects, which the platform counts as a failure: use the final one"
            }
            401 | 403 => {
                "the bot refused the signature: its MESSENGER_APP_SECRET differs from the one here"
            }
            404 | 405 => {
                "there is no webhook at this address; its path is /webhook unless the bot changes it"
            }
            400 => "the bot refuses the request; its log may say why",
            413 => "the body is larger than the bot accepts",
            503 => {
                "the bot could not store the event; its log says why, and the platform would send it again"
            }
            500..=599 => "the bot failed; its log says why, and the platform would send it again",
            _ => "for the platform, anything but 200 is a failure: it would send the event again",
        })
    }
}
