//! Requests to webhooks.

use std::error::Error;
use std::time::{Duration, Instant};

use axum::http::{HeaderMap, Method, Request};
use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper_util::client::legacy::{self, connect::HttpConnector};
use hyper_util::rt::{TokioExecutor, TokioTimer};
use url::Url;

use super::headers::Headers;
use super::timeline_item::{TimelineItem, TimelineState};

/// Timeout of a webhook (webhooks, acknowledgement).
const TIMEOUT: Duration = Duration::from_secs(5);

/// Makes the requests to webhooks. It follows no redirects and uses no proxy.
#[derive(Clone)]
pub(super) struct WebhookClient(legacy::Client<HttpConnector, Full<Bytes>>);

/// Result of a request to a webhook.
pub(super) struct WebhookResponse {
    pub(super) status: Option<u16>,
    pub(super) body: Result<String, String>,
    headers: Option<Headers>,
    millis: f64,
}

impl WebhookResponse {
    pub(super) fn record(&self, row: &mut TimelineItem, state: TimelineState) {
        row.attempts += 1;
        row.state = state;
        row.status = self.status;
        row.millis = Some(self.millis);
        row.response_headers = self.headers.clone();
        (row.response, row.error) = match &self.body {
            Ok(body) => (Some(body.as_str().into()), None),
            Err(why) => (None, Some(why.clone())),
        };
    }
}

impl WebhookClient {
    pub(super) fn new() -> Self {
        let mut connector = HttpConnector::new();
        connector.set_nodelay(true);
        let client = legacy::Client::builder(TokioExecutor::new())
            .timer(TokioTimer::new())
            .pool_timer(TokioTimer::new())
            .build(connector);
        Self(client)
    }

    pub(super) async fn get(&self, url: &Url) -> WebhookResponse {
        self.attempt(Method::GET, url, HeaderMap::new(), String::new())
            .await
    }

    pub(super) async fn post(
        &self,
        url: &Url,
        headers: HeaderMap,
        body: String,
    ) -> WebhookResponse {
        self.attempt(Method::POST, url, headers, body).await
    }

    async fn attempt(
        &self,
        method: Method,
        url: &Url,
        headers: HeaderMap,
        body: String,
    ) -> WebhookResponse {
        let began = Instant::now();
        let mut status = None;
        let mut answered = None;
        let exchange = async {
            let mut request = Request::new(Full::from(body));
            *request.method_mut() = method;
            *request.uri_mut() = url.as_str().parse().map_err(|error| explain(&error))?;
            *request.headers_mut() = headers;
            let response = self.0.request(request).await.map_err(|error| {
                if error.is_connect() {
                    "no connection to this address: is the bot running?".to_owned()
                } else {
                    explain(&error)
                }
            })?;
            status = Some(response.status().as_u16());
            answered = Some(Headers::of(response.headers()));
            let body = response.into_body().collect().await;
            let body = body.map_err(|error| explain(&error))?.to_bytes();
            Ok(String::from_utf8_lossy(&body).into_owned())
        };
        let body = tokio::time::timeout(TIMEOUT, exchange).await;
        let late = || Err(format!("no answer within {} s", TIMEOUT.as_secs()));
        WebhookResponse {
            body: body.unwrap_or_else(|_| late()),
            status,
            headers: answered,
            millis: began.elapsed().as_secs_f64() * 1000.0,
        }
    }
}

/// The error with its causes. None of them contains the address, which may carry the verify token.
fn explain(error: &dyn Error) -> String {
    let causes = std::iter::successors(Some(error), |error| (*error).source());
    let causes: Vec<_> = causes.map(ToString::to_string).collect();
    causes.join(": ")
}
