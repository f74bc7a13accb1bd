//! From an answer of the Graph API to a value or an error.

use handover_protocol::GraphErrorObject;
use reqwest::Response;
use reqwest::header::HeaderMap;
use serde::de::{DeserializeOwned, Error};
use serde::{Deserialize, Deserializer};
use serde_json::Value;

use super::credentials::Credentials;
use super::error::GraphError;
use super::routing::Endpoint;
use super::usage;

/// Answers are short; whatever sends more than this is not the Graph API.
const LONGEST_BODY: usize = 1024 * 1024;

const EXCERPT_CHARS: usize = 200;

pub(super) struct Answer {
    endpoint: Endpoint,
    status: u16,
    headers: HeaderMap,
    /// How much of a limit is used up, in percent.
    pub(super) usage: Option<u8>,
    body: Vec<u8>,
    is_complete: bool,
}

impl Answer {
    /// Reads the body, up to the limit.
    pub(super) async fn receive(
        endpoint: Endpoint,
        mut response: Response,
    ) -> Result<Self, reqwest::Error> {
        let mut answer = Self {
            endpoint,
            status: response.status().as_u16(),
            usage: usage::percent(response.headers()),
            headers: std::mem::take(response.headers_mut()),
            body: Vec::new(),
            is_complete: true,
        };
        while let Some(chunk) = response.chunk().await? {
            let room = LONGEST_BODY - answer.body.len();
            answer.is_complete = chunk.len() <= room;
            answer
                .body
                .extend_from_slice(&chunk[..chunk.len().min(room)]);
            if !answer.is_complete {
                break;
            }
        }
        Ok(answer)
    }

    pub(super) const fn status(&self) -> u16 {
        self.status
    }

    /// What the platform answered; an error without the credentials, should it quote them.
    pub(super) fn read<T: DeserializeOwned>(
        self,
        credentials: &Credentials,
    ) -> Result<T, GraphError> {
        let Some(json) = self.json() else {
            let problem = if self.is_complete {
                "is not JSON"
            } else {
                "is longer than 1 MiB"
            };
            return Err(self.unreadable(problem, credentials));
        };
        match json
            .get("error")
            .filter(|error| error.get("code").is_some())
        {
            Some(error) => match GraphErrorObject::deserialize(error) {
                Ok(error) => Err(self.refused(error, credentials)),
                Err(_) => Err(self.unreadable("is not an error of the Graph API", credentials)),
            },
            None if !(200..300).contains(&self.status) => {
                Err(self.unreadable("is not an error of the Graph API", credentials))
            }
            None => T::deserialize(json)
                .map_err(|_| self.unreadable("is not what this call returns", credentials)),
        }
    }

    /// The body; an empty one counts as `null`.
    fn json(&self) -> Option<Value> {
        if self.is_complete && self.body.trim_ascii().is_empty() {
            return Some(Value::Null);
        }
        serde_json::from_slice(&self.body).ok()
    }

    fn refused(self, error: GraphErrorObject, credentials: &Credentials) -> GraphError {
        let message = match error.error_user_msg {
            Some(details) => format!("{}: {details}", error.message),
            None => error.message,
        };
        GraphError::Refused {
            endpoint: self.endpoint,
            status: self.status,
            code: error.code,
            subcode: error.error_subcode,
            message: credentials.redact(&message),
            kind: error.kind.map(|kind| credentials.redact(&kind)),
            fbtrace_id: error.fbtrace_id.map(|id| credentials.redact(&id)),
            is_transient: error.is_transient,
            retry_after: usage::retry_after(&self.headers),
        }
    }

    fn unreadable(&self, problem: &'static str, credentials: &Credentials) -> GraphError {
        let body = if self.endpoint.answers_with_secrets() {
            "[secret]".to_owned()
        } else {
            credentials.redact(&String::from_utf8_lossy(&self.body))
        };
        GraphError::Unreadable {
            endpoint: self.endpoint,
            status: self.status,
            problem,
            excerpt: body.chars().take(EXCERPT_CHARS).collect(),
            retry_after: usage::retry_after(&self.headers),
        }
    }
}

/// Any answer but an explicit no: old versions of the platform answer with more than
/// `{"success":true}`.
pub(super) struct Accepted;

impl<'de> Deserialize<'de> for Accepted {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let answer = Value::deserialize(deserializer)?;
        match answer.get("success") {
            Some(success) if *success == false || *success == "false" => {
                Err(D::Error::custom("no success"))
            }
            _ => Ok(Self),
        }
    }
}
