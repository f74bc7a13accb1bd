//! HTTP requests to the bot, and what it signs them with.

use std::error::Error;
use std::time::Duration;

use handover_runtime::shared::{HttpClient, HttpError, HttpRequest, NoTls};
use hmac::{Hmac, KeyInit, Mac};
use serde_json::Value;
use sha2::Sha256;
use url::Url;

/// The platform waits no longer for a webhook (protocol: acknowledgement).
pub(crate) const WEBHOOK_TIMEOUT: Duration = Duration::from_secs(5);

/// CliRequest that is being put together.
pub(crate) struct CliRequest {
    method: &'static str,
    url: Url,
    headers: Vec<(&'static str, String)>,
    body: Vec<u8>,
}

pub(crate) struct CliResponse {
    pub(crate) status: u16,
    /// The header `Date`.
    pub(crate) date: Option<String>,
    pub(crate) body: String,
}

/// Why there is no response.
#[derive(Debug, thiserror::Error)]
pub(crate) enum RequestError {
    #[error("nobody answers there ({})", root_cause(.0))]
    NoConnection(HttpError),
    #[error("it has not answered within {} s", .0.as_secs())]
    TooSlow(Duration),
    #[error("the connection broke ({})", root_cause(.0))]
    Broken(HttpError),
    #[error(transparent)]
    NoTls(#[from] NoTls),
    #[error("this cannot be sent over HTTP: {0}")]
    Unsendable(&'static str),
}

impl CliRequest {
    pub(crate) fn get(url: &Url) -> Self {
        Self::new("GET", url)
    }

    pub(crate) fn post(url: &Url) -> Self {
        Self::new("POST", url)
    }

    /// `POST` of a webhook's body.
    pub(crate) fn webhook(url: &Url, body: Vec<u8>) -> Self {
        let mut request = Self::post(url).header("content-type", "application/json");
        request.body = body;
        request
    }

    fn new(method: &'static str, url: &Url) -> Self {
        Self {
            method,
            url: url.clone(),
            headers: Vec::new(),
            body: Vec::new(),
        }
    }

    pub(crate) fn json(self, body: &Value) -> Self {
        let mut request = self.header("content-type", "application/json");
        request.body = body.to_string().into_bytes();
        request
    }

    pub(crate) fn header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    /// Signs the body as the platform does.
    pub(crate) fn signed(self, secret: &str) -> Self {
        // A key of any length is taken.
        let Ok(mac) = Hmac::<Sha256>::new_from_slice(secret.as_bytes()) else {
            return self;
        };
        let digest = mac.chain_update(&self.body).finalize().into_bytes();
        self.header(
            "x-hub-signature-256",
            format!("sha256={}", hex::encode(digest)),
        )
    }

    pub(crate) async fn send(self, timeout: Duration) -> Result<CliResponse, RequestError> {
        let client = HttpClient::to(&self.url, timeout)?;
        let request = self.build()?;
        let answer = client.exchange(|| request.clone(), timeout).await;
        let answer = answer.map_err(|error| match error {
            HttpError::TooLate(timeout) => RequestError::TooSlow(timeout),
            error if error.was_never_sent() => RequestError::NoConnection(error),
            error => RequestError::Broken(error),
        })?;
        let date = answer.headers.get("date");
        Ok(CliResponse {
            status: answer.status.as_u16(),
            date: date.and_then(|date| Some(date.to_str().ok()?.to_owned())),
            body: String::from_utf8_lossy(&answer.body).into_owned(),
        })
    }

    fn build(self) -> Result<HttpRequest, RequestError> {
        let mut request = HttpRequest::new(self.body.into());
        let method = self.method.parse();
        *request.method_mut() = method.map_err(|_| RequestError::Unsendable("the method"))?;
        let uri = self.url.as_str().parse();
        *request.uri_mut() = uri.map_err(|_| RequestError::Unsendable("the address"))?;
        for (name, value) in self.headers {
            let value = value.parse();
            let value = value.map_err(|_| RequestError::Unsendable(name))?;
            request.headers_mut().insert(name, value);
        }
        Ok(request)
    }
}

/// The last cause: what the operating system or TLS says.
fn root_cause(error: &HttpError) -> String {
    let causes = std::iter::successors(Some(error as &dyn Error), |error| (*error).source());
    causes.last().map_or_else(String::new, ToString::to_string)
}
