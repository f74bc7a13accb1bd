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

pub(super) struct GraphResponse {
    endpoint: Endpoint,
    /// Used share of a limit, in percent.
    pub(super) usage: Option<u8>,
    http: HttpResponse,
}

impl GraphResponse {
    /// Converts errors of the HTTP client.
    pub(super) fn new(
        endpoint: Endpoint,
        http: Result<HttpResponse, HttpError>,
    ) -> Result<Self, GraphError> {
        match http {
            Ok(http) => Ok(Self {
                endpoint,
                usage: usage::percent(&http.headers),
                http,
            }),
            Err(error) if error.was_never_sent() => Err(GraphError::Unreachable {
                endpoint,
                source: Box::new(error),
            }),
            Err(error) => Err(GraphError::Interrupted {
                endpoint,
                source: Box::new(error),
            }),
        }
    }

    pub(super) fn status(&self) -> u16 {
        self.http.status.as_u16()
    }

    /// The value, or an error from which the credentials are removed.
    pub(super) fn read<T: DeserializeOwned>(
        self,
        credentials: &Credentials,
    ) -> Result<T, GraphError> {
        let Some(json) = self.json() else {
            let problem = if self.http.is_complete {
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
            None if !self.http.status.is_success() => {
                Err(self.unreadable("is not an error of the Graph API", credentials))
            }
            None => T::deserialize(json)
                .map_err(|_| self.unreadable("is not what this call returns", credentials)),
        }
    }

    /// The body; an empty one counts as `null`.
    fn json(&self) -> Option<Value> {
        if self.http.is_complete && self.http.body.trim_ascii().is_empty() {
            return Some(Value::Null);
        }
        serde_json::from_slice(&self.http.body).ok()
    }

    fn refused(self, error: GraphErrorObject, credentials: &Credentials) -> GraphError {
        let message = match error.error_user_msg {
            Some(details) => format!("{}: {details}", error.message),
            None => error.message,
        };
        GraphError::Refused {
            endpoint: self.endpoint,
            status: self.status(),
            code: error.code,
            subcode: error.error_subcode,
            message: credentials.redact(&message),
            kind: error.kind.map(|kind| credentials.redact(&kind)),
            fbtrace_id: error.fbtrace_id.map(|id| credentials.redact(&id)),
            is_transient: error.is_transient,
            retry_after: usage::retry_after(&self.http.headers),
        }
    }

    fn unreadable(&self, problem: &'static str, credentials: &Credentials) -> GraphError {
        let body = if self.endpoint.answers_with_secrets() {
            "[secret]".to_owned()
        } else {
            credentials.redact(&String::from_utf8_lossy(&self.http.body))
        };
        GraphError::Unreadable {
            endpoint: self.endpoint,
            status: self.status(),
            problem,
            excerpt: body.chars().take(EXCERPT_CHARS).collect(),
            retry_after: usage::retry_after(&self.http.headers),
        }
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
