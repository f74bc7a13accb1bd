//! HTTP client with a pool of connections.

use std::error::Error as StdError;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::{HeaderMap, Request, StatusCode};
use hyper_util::client::legacy;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use thiserror::Error;
use url::Url;

use super::connect::Connector;
use super::tls::NoTls;

/// Responses are short. A longer one is not from the Graph API.
const LONGEST_BODY: usize = 1024 * 1024;

/// Cheap to clone; clones share their connections.
#[derive(Clone)]
pub(crate) struct HttpClient(legacy::Client<Connector, Full<Bytes>>);

pub(crate) type HttpRequest = Request<Full<Bytes>>;

/// Response of a server.
pub(crate) struct HttpResponse {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    /// The body, or its first 1 MiB.
    pub(crate) body: Vec<u8>,
    pub(crate) is_complete: bool,
}

/// Why there is no complete response.
#[derive(Debug, Error)]
pub(crate) enum HttpError {
    #[error(transparent)]
    Request(#[from] legacy::Error),
    #[error("the response broke off")]
    Body(#[from] hyper::Error),
    #[error("there was no complete response within {} ms", .0.as_millis())]
    TooLate(Duration),
}

impl HttpClient {
    /// Creates a client. Does not connect.
    pub(crate) fn to(server: &Url, connect_timeout: Duration) -> Result<Self, NoTls> {
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

    /// Sends a request, once more if the server turns it away, and reads the whole response.
    pub(crate) async fn exchange(
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
    /// Whether no byte of the request was sent.
    pub(crate) fn was_never_sent(&self) -> bool {
        matches!(self, Self::Request(error) if error.is_connect())
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
