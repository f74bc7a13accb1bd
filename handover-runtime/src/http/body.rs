//! The body of a request.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use http_body_util::Full;
use hyper::body::{Body, Frame, SizeHint};
use thiserror::Error;

/// What has to hold when a request is written.
pub(crate) type SendCondition = Arc<dyn Fn() -> bool + Send + Sync>;

/// Bytes in memory, which may depend on a condition.
///
/// The condition is checked when the bytes are written, since a request may wait for its connection before, and
/// the whole process may be frozen. If it does not hold, the request is not sent.
#[derive(Clone, Default)]
pub struct HttpBody {
    bytes: Full<Bytes>,
    condition: Option<SendCondition>,
}

/// Error: the condition of a request did not hold when it was to be written.
#[derive(Debug, Error)]
#[error("the condition of the request does not hold any more")]
pub struct Withheld;

impl HttpBody {
    /// Sends the request only if this holds.
    #[must_use]
    pub(crate) fn only_if(self, condition: Option<SendCondition>) -> Self {
        Self { condition, ..self }
    }
}

impl From<Bytes> for HttpBody {
    fn from(bytes: Bytes) -> Self {
        Self {
            bytes: bytes.into(),
            condition: None,
        }
    }
}

impl From<Vec<u8>> for HttpBody {
    fn from(bytes: Vec<u8>) -> Self {
        Bytes::from(bytes).into()
    }
}

impl Body for HttpBody {
    type Data = Bytes;
    type Error = Withheld;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Withheld>>> {
        if self.condition.as_ref().is_some_and(|holds| !holds()) {
            return Poll::Ready(Some(Err(Withheld)));
        }
        let frame = Pin::new(&mut self.bytes).poll_frame(context);
        frame.map_err(|never| match never {})
    }

    fn is_end_stream(&self) -> bool {
        self.bytes.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.bytes.size_hint()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "what goes wrong here fails a test")]

    use std::time::Duration;

    use hyper::Method;
    use tokio::io::AsyncReadExt;
    use tokio::net::TcpListener;
    use url::Url;

    use super::*;
    use crate::http::{HttpClient, HttpRequest};

    /// As of a process that was frozen while it connected.
    #[tokio::test]
    async fn a_request_whose_condition_has_ended_by_then_is_not_sent() {
        let server = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}/", server.local_addr().unwrap());
        let client = HttpClient::to(&Url::parse(&address).unwrap(), Duration::from_secs(5));
        let request = || {
            let body = HttpBody::from(b"{}".to_vec()).only_if(Some(Arc::new(|| false)));
            let mut request = HttpRequest::new(body);
            *request.method_mut() = Method::POST;
            *request.uri_mut() = address.parse().unwrap();
            request
        };
        let client = client.unwrap();
        let (answer, received) =
            tokio::join!(client.exchange(request, Duration::from_secs(5)), async {
                let (mut connection, _) = server.accept().await.unwrap();
                let mut received = Vec::new();
                connection.read_to_end(&mut received).await.unwrap();
                received
            });
        assert!(answer.err().unwrap().was_withheld());
        assert_eq!(String::from_utf8(received).unwrap(), "");
    }
}
