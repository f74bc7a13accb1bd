//! An HTTP/1.1 server that does as little as possible, so that it takes no time from what is measured.

use bytes::{Bytes, BytesMut};
use hyper::header::{CONTENT_LENGTH, HeaderName, HeaderValue};
use hyper::{HeaderMap, Method, Uri};
use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// Request as it arrived.
#[derive(Clone, Debug)]
pub struct Request {
    /// Method.
    pub method: Method,
    /// Path and query.
    pub uri: Uri,
    /// Headers.
    pub headers: HeaderMap,
    /// Body.
    pub body: Bytes,
}

/// Response.
#[derive(Clone, Debug)]
pub struct Response {
    /// HTTP status.
    pub status: u16,
    /// Headers but the length.
    pub headers: Vec<(&'static str, String)>,
    /// Body.
    pub body: String,
}

impl Request {
    /// Header as text; empty if there is none.
    #[must_use]
    pub fn header(&self, name: &str) -> &str {
        let value = self.headers.get(name);
        value.and_then(|value| value.to_str().ok()).unwrap_or("")
    }

    /// The body as JSON; `null` if it is not JSON.
    #[must_use]
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }

    /// The last part of the path: `messages`, `pass_thread_control` …
    #[must_use]
    pub fn name(&self) -> &str {
        self.uri.path().rsplit('/').next().unwrap_or_default()
    }

    /// A parameter of the query.
    #[must_use]
    pub fn parameter(&self, name: &str) -> Option<&str> {
        let mut pairs = self.uri.query()?.split('&');
        pairs.find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='))
    }
}

impl<T: Into<String>> From<T> for Response {
    fn from(body: T) -> Self {
        Self {
            status: 200,
            headers: Vec::new(),
            body: body.into(),
        }
    }
}

impl Response {
    /// JSON with this status.
    #[must_use]
    pub fn json(status: u16, body: &Value) -> Self {
        Self {
            status,
            headers: vec![("content-type", "application/json".to_owned())],
            body: body.to_string(),
        }
    }

    /// Adds a header.
    #[must_use]
    pub fn header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }
}

/// Answers requests until the task is aborted. Without a response, the connection is closed.
pub async fn serve<A>(listener: TcpListener, answer: impl Fn(Request) -> A + Clone + Send + 'static)
where
    A: Future<Output = Option<Response>> + Send + 'static,
{
    while let Ok((stream, _)) = listener.accept().await {
        // However a connection ends, nobody here minds.
        tokio::spawn(serve_connection(stream, answer.clone()));
    }
}

async fn serve_connection<A>(
    mut stream: TcpStream,
    answer: impl Fn(Request) -> A + Send,
) -> Option<()>
where
    A: Future<Output = Option<Response>> + Send,
{
    stream.set_nodelay(true).ok()?;
    let mut received = BytesMut::with_capacity(4096);
    loop {
        while let Some(request) = next_request(&mut received)? {
            let response = answer(request).await?;
            stream.write_all(&written(&response)).await.ok()?;
        }
        if stream.read_buf(&mut received).await.ok()? == 0 {
            return None;
        }
    }
}

/// The next request once it is there; nothing at all if it is not HTTP.
fn next_request(received: &mut BytesMut) -> Option<Option<Request>> {
    let Some(end) = received.windows(4).position(|bytes| bytes == b"\r\n\r\n") else {
        return Some(None);
    };
    let head = std::str::from_utf8(&received[..end]).ok()?;
    let mut lines = head.split("\r\n");
    let mut first = lines.next()?.split(' ');
    let (method, uri) = (first.next()?.parse().ok()?, first.next()?.parse().ok()?);
    let mut headers = HeaderMap::new();
    for line in lines {
        let (name, value) = line.split_once(':')?;
        headers.append(
            HeaderName::try_from(name).ok()?,
            HeaderValue::try_from(value.trim()).ok()?,
        );
    }
    let length = headers.get(CONTENT_LENGTH);
    let length: usize = length.map_or(Some(0), |length| length.to_str().ok()?.parse().ok())?;
    let start = end + 4;
    if received.len() < start + length {
        return Some(None);
    }
    let mut bytes = received.split_to(start + length);
    let body = bytes.split_off(start).freeze();
    Some(Some(Request {
        method,
        uri,
        headers,
        body,
    }))
}

fn written(response: &Response) -> Vec<u8> {
    use std::fmt::Write;
    let mut text = format!("HTTP/1.1 {} -\r\n", response.status);
    for (name, value) in &response.headers {
        // Writing to a string cannot fail.
        let _ = write!(text, "{name}: {value}\r\n");
    }
    let length = response.body.len();
    let _ = write!(text, "content-length: {length}\r\n\r\n{}", response.body);
    text.into_bytes()
}
