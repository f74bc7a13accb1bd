//! An HTTP client for servers on this machine.

use std::error::Error as StdError;
use std::fmt;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt, Full, StreamBody};
use hyper::body::{Frame, Incoming};
pub use hyper::header;
use hyper::header::{AUTHORIZATION, CONTENT_TYPE, HeaderName, HeaderValue};
pub use hyper::{HeaderMap, Method, StatusCode};
use hyper_util::client::legacy;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use serde::Serialize;
use serde::de::DeserializeOwned;

/// Result of a request.
pub type Result<T> = std::result::Result<T, Error>;

/// Sends a `GET` request.
pub async fn get(url: impl fmt::Display) -> Result<Response> {
    Client::new().get(url).send().await
}

/// HTTP client. Clones share their connections.
#[derive(Clone, Debug)]
pub struct Client {
    client: legacy::Client<HttpConnector, Body>,
    timeout: Option<Duration>,
}

/// Body of a request.
#[derive(Debug)]
pub struct Body(UnsyncBoxBody<Bytes, Error>);

/// Request that is being put together.
#[derive(Debug)]
#[must_use = "a request is sent with `send`"]
pub struct RequestBuilder {
    client: Client,
    request: std::result::Result<hyper::Request<Body>, Error>,
}

/// Response whose body is still to be read.
#[derive(Debug)]
pub struct Response {
    status: StatusCode,
    headers: HeaderMap,
    body: Incoming,
}

/// Error of a request.
#[derive(Debug)]
pub enum Error {
    /// There is no response.
    Request(legacy::Error),
    /// The response ended early, or is not what was expected.
    Body(Box<dyn StdError + Send + Sync>),
    /// The response did not come in time.
    Timeout,
    /// The response has an error status.
    Status(StatusCode),
    /// The request is not one.
    Builder(hyper::http::Error),
}

impl Default for Client {
    fn default() -> Self {
        Self::new()
    }
}

impl Client {
    /// A client without a timeout.
    #[must_use]
    pub fn new() -> Self {
        let mut connector = HttpConnector::new();
        connector.set_nodelay(true);
        Self {
            client: legacy::Client::builder(TokioExecutor::new()).build(connector),
            timeout: None,
        }
    }

    /// Timeout of each request until the headers of its response are there. Default: none.
    #[must_use]
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = Some(timeout);
        self
    }

    /// Begins a `GET` request.
    pub fn get(&self, url: impl fmt::Display) -> RequestBuilder {
        self.request(Method::GET, url)
    }

    /// Begins a `POST` request.
    pub fn post(&self, url: impl fmt::Display) -> RequestBuilder {
        self.request(Method::POST, url)
    }

    /// Begins a `PUT` request.
    pub fn put(&self, url: impl fmt::Display) -> RequestBuilder {
        self.request(Method::PUT, url)
    }

    /// Begins a `PATCH` request.
    pub fn patch(&self, url: impl fmt::Display) -> RequestBuilder {
        self.request(Method::PATCH, url)
    }

    /// Begins a `DELETE` request.
    pub fn delete(&self, url: impl fmt::Display) -> RequestBuilder {
        self.request(Method::DELETE, url)
    }

    /// Begins a request.
    pub fn request(&self, method: Method, url: impl fmt::Display) -> RequestBuilder {
        let request = hyper::Request::builder().method(method);
        let request = request.uri(url.to_string()).body(Body::from(""));
        RequestBuilder {
            client: self.clone(),
            request: request.map_err(Error::Builder),
        }
    }
}

impl RequestBuilder {
    /// Sets a header.
    pub fn header<N, V>(mut self, name: N, value: V) -> Self
    where
        HeaderName: TryFrom<N, Error: Into<hyper::http::Error>>,
        HeaderValue: TryFrom<V, Error: Into<hyper::http::Error>>,
    {
        let header = HeaderName::try_from(name)
            .map_err(Into::into)
            .and_then(|name| {
                let value = HeaderValue::try_from(value).map_err(Into::into)?;
                Ok((name, value))
            });
        match (&mut self.request, header) {
            (Ok(request), Ok((name, value))) => {
                request.headers_mut().append(name, value);
            }
            (request, Err(error)) => *request = Err(Error::Builder(error)),
            (Err(_), _) => {}
        }
        self
    }

    /// Sets the header `Authorization` to this bearer token.
    pub fn bearer_auth(self, token: impl fmt::Display) -> Self {
        self.header(AUTHORIZATION, format!("Bearer {token}"))
    }

    /// Sets the body.
    pub fn body(mut self, body: impl Into<Body>) -> Self {
        if let Ok(request) = &mut self.request {
            *request.body_mut() = body.into();
        }
        self
    }

    /// Sets the body to a JSON value.
    pub fn json(self, body: &(impl Serialize + ?Sized)) -> Self {
        let body = serde_json::to_vec(body).expect("the value has a JSON form");
        let has_type = self.request.as_ref();
        let has_type = has_type.is_ok_and(|request| request.headers().contains_key(CONTENT_TYPE));
        let request = if has_type {
            self
        } else {
            self.header(CONTENT_TYPE, "application/json")
        };
        request.body(body)
    }

    /// Sends the request and waits for the headers of the response.
    pub async fn send(self) -> Result<Response> {
        let sending = self.client.client.request(self.request?);
        let response = match self.client.timeout {
            Some(timeout) => tokio::time::timeout(timeout, sending).await,
            None => Ok(sending.await),
        };
        let response = response.map_err(|_| Error::Timeout)?;
        let (head, body) = response.map_err(Error::Request)?.into_parts();
        Ok(Response {
            status: head.status,
            headers: head.headers,
            body,
        })
    }
}

impl Response {
    /// HTTP status.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        self.status
    }

    /// Headers.
    #[must_use]
    pub fn headers(&self) -> &HeaderMap {
        &self.headers
    }

    /// Makes an error of a status of 400 and above.
    pub fn error_for_status(self) -> Result<Self> {
        match self.status {
            status if status.is_client_error() || status.is_server_error() => {
                Err(Error::Status(status))
            }
            _ => Ok(self),
        }
    }

    /// Reads the body.
    pub async fn bytes(self) -> Result<Bytes> {
        let body = self.body.collect().await;
        Ok(body.map_err(|error| Error::Body(error.into()))?.to_bytes())
    }

    /// Reads the body as text.
    pub async fn text(self) -> Result<String> {
        Ok(String::from_utf8_lossy(&self.bytes().await?).into_owned())
    }

    /// Reads the body as JSON.
    pub async fn json<T: DeserializeOwned>(self) -> Result<T> {
        let body = self.bytes().await?;
        serde_json::from_slice(&body).map_err(|error| Error::Body(error.into()))
    }

    /// Reads the next part of the body; `None` at its end.
    pub async fn chunk(&mut self) -> Result<Option<Bytes>> {
        while let Some(frame) = self.body.frame().await {
            let frame = frame.map_err(|error| Error::Body(error.into()))?;
            if let Ok(data) = frame.into_data() {
                return Ok(Some(data));
            }
        }
        Ok(None)
    }
}

impl Body {
    /// A body in chunks, whose length is not known up front.
    #[must_use]
    pub fn chunks(chunks: impl IntoIterator<Item = Vec<u8>, IntoIter: Send + 'static>) -> Self {
        let frames = chunks
            .into_iter()
            .map(|chunk| Ok(Frame::data(chunk.into())));
        Self(StreamBody::new(futures_util::stream::iter(frames)).boxed_unsync())
    }
}

impl hyper::body::Body for Body {
    type Data = Bytes;
    type Error = Error;

    fn poll_frame(
        mut self: std::pin::Pin<&mut Self>,
        context: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Option<Result<Frame<Bytes>>>> {
        std::pin::Pin::new(&mut self.0).poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.0.is_end_stream()
    }

    fn size_hint(&self) -> hyper::body::SizeHint {
        self.0.size_hint()
    }
}

impl<T> From<T> for Body
where
    Bytes: From<T>,
{
    fn from(body: T) -> Self {
        let body = Full::new(Bytes::from(body));
        Self(body.map_err(|never| match never {}).boxed_unsync())
    }
}

impl Error {
    /// Whether there was no connection.
    #[must_use]
    pub fn is_connect(&self) -> bool {
        matches!(self, Self::Request(error) if error.is_connect())
    }

    /// Whether the request was sent and there is no response.
    #[must_use]
    pub fn is_request(&self) -> bool {
        matches!(self, Self::Request(_))
    }

    /// Whether the response did not come in time.
    #[must_use]
    pub fn is_timeout(&self) -> bool {
        matches!(self, Self::Timeout)
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Request(error) => write!(f, "no response: {error}"),
            Self::Body(error) => write!(f, "the body cannot be read: {error}"),
            Self::Timeout => f.write_str("no response in time"),
            Self::Status(status) => write!(f, "the response has status {status}"),
            Self::Builder(error) => write!(f, "not a request: {error}"),
        }
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        match self {
            Self::Request(error) => Some(error),
            Self::Body(error) => Some(&**error),
            Self::Builder(error) => Some(error),
            Self::Timeout | Self::Status(_) => None,
        }
    }
}
