//! HTTP client with a pool of connections.

use std::error::Error as StdError;
use std::time::Duration;

use http_body_util::BodyExt;
use hyper::{HeaderMap, Request, StatusCode};
use hyper_util::client::legacy;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use thiserror::Error;
use url::Url;

use super::body::{HttpBody, Withheld};
use super::connect::Connector;
use super::tls::NoTls;

/// Responses are short. A longer one is not from the Graph API, or a list of which too much was asked for.
const LONGEST_BODY: usize = 1024 * 1024;

/// Client of one server. Cheap to clone; clones share their connections.
///
/// It follows no redirects.
#[derive(Clone)]
pub struct HttpClient(legacy::Client<Connector, HttpBody>);

/// Request with a body that is in memory.
pub type HttpRequest = Request<HttpBody>;

/// Response with its body.
pub struct HttpResponse {
    /// HTTP status.
    pub status: StatusCode,
    /// Headers.
    pub headers: HeaderMap,
    /// The body, or its first 1 MiB.
    pub body: Vec<u8>,
    /// Whether that is the whole body.
    pub is_complete: bool,
}

/// Error of a request.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum HttpError {
    /// There is no response.
    #[error(transparent)]
    Request(#[from] legacy::Error),
    /// The response ended early.
    #[error("the response broke off")]
    Body(#[from] hyper::Error),
    /// The response did not come in time.
    #[error("there was no complete response within {} ms", .0.as_millis())]
    TooLate(Duration),
}

impl HttpClient {
    /// Creates a client of the server at this address. Connects to nothing yet.
    ///
    /// # Errors
    ///
    /// If the server needs TLS, and no certificates are installed.
    pub fn to(server: &Url, connect_timeout: Duration) -> Result<Self, NoTls> {
        let client = legacy::Client::builder(TokioExecutor::new())
            .timer(TokioTimer::new())
            .pool_timer(TokioTimer::new())
            .pool_idle_timeout(Duration::from_secs(60))
            .pool_max_idle_per_host(256)
            .http2_keep_alive_interval(Duration::from_secs(20))
            .http2_keep_alive_while_idle(true)
            .build(Connector::to(server, connect_timeout)?);
        Ok(Self(client))
    }

    /// Sends a request and reads the whole response. A request that the server turned away unread is
    /// made and sent again.
    ///
    /// # Errors
    ///
    /// If there is no whole response within this time.
    pub async fn exchange(
        &self,
        request: impl Fn() -> HttpRequest,
        within: Duration,
    ) -> Result<HttpResponse, HttpError> {
        let answer = async {
            match self.once(request()).await {
                Err(error) if error.was_turned_away() => Box::pin(self.once(request())).await,
                answer => answer,
            }
        };
        let answer = tokio::time::timeout(within, answer).await;
        answer.unwrap_or(Err(HttpError::TooLate(within)))
    }

    async fn once(&self, request: HttpRequest) -> Result<HttpResponse, HttpError> {
        let (head, mut body) = self.0.request(request).await?.into_parts();
        let mut answer = HttpResponse {
            status: head.status,
            headers: head.headers,
            body: Vec::new(),
            is_complete: true,
        };
        while let Some(frame) = body.frame().await {
            let Ok(data) = frame?.into_data() else {
                continue;
            };
            let room = LONGEST_BODY - answer.body.len();
            answer.is_complete = data.len() <= room;
            answer.body.extend_from_slice(&data[..data.len().min(room)]);
            if !answer.is_complete {
                break;
            }
        }
        Ok(answer)
    }
}

impl HttpError {
    /// Whether there was no connection, so that nothing was sent.
    #[must_use]
    pub fn was_never_sent(&self) -> bool {
        matches!(self, Self::Request(error) if error.is_connect())
    }

    /// Whether the condition of the request did not hold, so that nothing was sent.
    pub(crate) fn was_withheld(&self) -> bool {
        let causes = std::iter::successors(self.source(), |error| (*error).source());
        causes
            .filter_map(|cause| cause.downcast_ref())
            .any(|Withheld| true)
    }

    /// Whether the server has not processed the request: HTTP/2 says so when it closes a connection in use.
    fn was_turned_away(&self) -> bool {
        let causes = std::iter::successors(self.source(), |error| (*error).source());
        let mut causes = causes.filter_map(|cause| cause.downcast_ref::<h2::Error>());
        causes.any(|error| {
            let closing = error.is_go_away() && error.reason() == Some(h2::Reason::NO_ERROR);
            let refused = error.is_reset() && error.reason() == Some(h2::Reason::REFUSED_STREAM);
            error.is_remote() && (closing || refused)
        })
    }
}
