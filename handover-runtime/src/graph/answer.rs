//! Conversion of a response of the Graph API to a value or an error.

use handover_protocol::GraphErrorObject;
use serde::de::{DeserializeOwned, Error};
use serde::{Deserialize, Deserializer};
use serde_json::Value;

use super::credentials::Credentials;
use super::error::GraphError;
use super::routing::Endpoint;
use super::usage;
use crate::http::{HttpError, HttpResponse};

const EXCERPT_CHARS: usize = 200;

/// Converts errors of the HTTP client.
pub(super) fn received(
    endpoint: Endpoint,
    answer: Result<HttpResponse, HttpError>,
) -> Result<HttpResponse, GraphError> {
    answer.map_err(|error| {
        if error.was_withheld() {
            return GraphError::LeaseEnded;
        }
        let was_never_sent = error.was_never_sent();
        let source = Box::new(error);
        if was_never_sent {
            GraphError::Unreachable { endpoint, source }
        } else {
            GraphError::Interrupted { endpoint, source }
        }
    })
}

/// A response that is no error.
pub(super) struct SuccessResponse {
    endpoint: Endpoint,
    answer: HttpResponse,
    json: Value,
}

impl SuccessResponse {
    /// The response, or an error from which the credentials are removed.
    pub(super) fn read(
        endpoint: Endpoint,
        answer: HttpResponse,
        credentials: &Credentials,
    ) -> Result<Self, GraphError> {
        let unreadable = |problem| unreadable(endpoint, &answer, problem, credentials);
        let Some(json) = json(&answer) else {
            return Err(unreadable(if answer.is_complete {
                "is not JSON"
            } else {
                "is longer than 1 MiB; ask for fewer rows or fields at a time"
            }));
        };
        match json
            .get("error")
            .filter(|error| error.get("code").is_some())
        {
            Some(error) => Err(match GraphErrorObject::deserialize(error) {
                Ok(error) => refused(endpoint, &answer, error, credentials),
                Err(_) => unreadable("is not an error of the Graph API"),
            }),
            None if !answer.status.is_success() => {
                Err(unreadable("is not an error of the Graph API"))
            }
            None => Ok(Self {
                endpoint,
                answer,
                json,
            }),
        }
    }

    /// The value that the call returns.
    pub(super) fn value<T: DeserializeOwned>(
        self,
        credentials: &Credentials,
    ) -> Result<T, GraphError> {
        T::deserialize(self.json).map_err(|_| {
            let problem = "is not what this call returns";
            unreadable(self.endpoint, &self.answer, problem, credentials)
        })
    }
}

/// The body; an empty one counts as `null`.
fn json(answer: &HttpResponse) -> Option<Value> {
    if answer.is_complete && answer.body.trim_ascii().is_empty() {
        return Some(Value::Null);
    }
    serde_json::from_slice(&answer.body).ok()
}

fn refused(
    endpoint: Endpoint,
    answer: &HttpResponse,
    error: GraphErrorObject,
    credentials: &Credentials,
) -> GraphError {
    let message = match error.error_user_msg {
        Some(details) => format!("{}: {details}", error.message),
        None => error.message,
    };
    GraphError::Refused {
        endpoint,
        status: answer.status.as_u16(),
        code: error.code,
        subcode: error.error_subcode,
        message: credentials.redact(&message),
        kind: error.kind.map(|kind| credentials.redact(&kind)),
        fbtrace_id: error.fbtrace_id.map(|id| credentials.redact(&id)),
        is_transient: error.is_transient,
        retry_after: usage::retry_after(&answer.headers),
    }
}

fn unreadable(
    endpoint: Endpoint,
    answer: &HttpResponse,
    problem: &'static str,
    credentials: &Credentials,
) -> GraphError {
    let body = match endpoint.withheld() {
        Some(instead) => instead.to_owned(),
        None => credentials.redact(&String::from_utf8_lossy(&answer.body)),
    };
    GraphError::Unreadable {
        endpoint,
        status: answer.status.as_u16(),
        problem,
        excerpt: body.chars().take(EXCERPT_CHARS).collect(),
        retry_after: usage::retry_after(&answer.headers),
    }
}

/// Any response but an explicit failure: old versions of the platform add keys to `{"success":true}`.
pub(super) struct AnySuccess;

impl<'de> Deserialize<'de> for AnySuccess {
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
