//! Export of spans to a collector by OTLP over HTTP.

use std::fmt;
use std::pin::Pin;
use std::time::Duration;

use axum::http::{Request, Response};
use bytes::Bytes;
use opentelemetry::trace::TracerProvider;
use opentelemetry_http::HttpClient as ForTraces;
use opentelemetry_otlp::{SpanExporter, WithExportConfig, WithHttpConfig};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::trace::{SdkTracerProvider, Tracer};
use tokio::runtime::Handle;
use tracing::Subscriber;
use tracing_opentelemetry::OpenTelemetryLayer;
use tracing_subscriber::Layer;
use tracing_subscriber::filter::{Filtered, LevelFilter};
use tracing_subscriber::registry::LookupSpan;
use url::Url;

use crate::environment::Environment;
use crate::http::{HttpBody, HttpClient, HttpError, NoTls};

/// Timeout of connecting, and of one export.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(3);
const EXPORT_TIMEOUT: Duration = Duration::from_secs(10);
/// Timeout of the last export.
const TIMEOUT: Duration = Duration::from_secs(5);

/// Exporter of spans, if one is configured.
pub(crate) struct Traces(Result<Option<Export>, TraceError>);

struct Export {
    provider: SdkTracerProvider,
    to: Url,
}

/// Why spans are not exported.
#[derive(Debug, thiserror::Error)]
enum TraceError {
    #[error("OTEL_EXPORTER_OTLP_ENDPOINT is no address: {0}")]
    Address(#[from] url::ParseError),
    #[error("logs were set up outside of tokio")]
    NoRuntime,
    #[error(transparent)]
    Tls(#[from] NoTls),
    #[error(transparent)]
    Exporter(#[from] opentelemetry_otlp::ExporterBuildError),
}

type Exporting<S> = Filtered<OpenTelemetryLayer<S, Tracer>, LevelFilter, S>;

pub(super) fn start<S>(environment: &Environment) -> (Traces, Option<Exporting<S>>)
where
    S: Subscriber + for<'span> LookupSpan<'span>,
{
    let export = Export::start(environment);
    let layer = export.as_ref().ok().and_then(Option::as_ref).map(|export| {
        let tracer = export.provider.tracer("handover");
        // Independent of `RUST_LOG`.
        tracing_opentelemetry::layer()
            .with_tracer(tracer)
            .with_filter(LevelFilter::INFO)
    });
    (Traces(export), layer)
}

impl Traces {
    pub(super) fn report(&self) {
        match &self.0 {
            Ok(Some(export)) => tracing::info!("traces go to {}", export.to),
            Ok(None) => {}
            Err(problem) => tracing::warn!("no traces are sent: {problem}"),
        }
    }

    /// Exports the remaining spans.
    pub(super) async fn flush(&self) {
        let Ok(Some(Export { provider, to })) = &self.0 else {
            return;
        };
        let provider = provider.clone();
        // It waits for requests in this runtime.
        let sent = tokio::task::spawn_blocking(move || provider.force_flush());
        match tokio::time::timeout(TIMEOUT, sent).await {
            Ok(Ok(Ok(()))) => {}
            Ok(Ok(Err(error))) => tracing::warn!(%error, "the last traces did not get to {to}"),
            Ok(Err(_)) | Err(_) => tracing::warn!("the last traces did not get to {to} in time"),
        }
    }
}

impl Export {
    fn start(environment: &Environment) -> Result<Option<Self>, TraceError> {
        let Some(to) = address(environment)? else {
            return Ok(None);
        };
        let client = Client {
            http: HttpClient::to(&to, CONNECT_TIMEOUT)?,
            runtime: Handle::try_current().map_err(|_| TraceError::NoRuntime)?,
        };
        let exporter = SpanExporter::builder()
            .with_http()
            .with_http_client(client)
            .with_endpoint(to.as_str())
            .build()?;
        let mut resource = Resource::builder();
        if environment.get("OTEL_SERVICE_NAME").is_none() {
            resource = resource.with_service_name(program().unwrap_or_else(|| "handover".into()));
        }
        let provider = SdkTracerProvider::builder()
            .with_batch_exporter(exporter)
            .with_resource(resource.build())
            .build();
        Ok(Some(Self { provider, to }))
    }
}

/// Address of the collector, from OpenTelemetry's variables.
fn address(environment: &Environment) -> Result<Option<Url>, url::ParseError> {
    if let Some(traces) = environment.get("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT") {
        return traces.parse().map(Some);
    }
    let Some(all) = environment.get("OTEL_EXPORTER_OTLP_ENDPOINT") else {
        return Ok(None);
    };
    let traces = format!("{}/v1/traces", all.trim_end_matches('/'));
    traces.parse().map(Some)
}

fn program() -> Option<String> {
    let path = std::env::current_exe().ok()?;
    Some(path.file_stem()?.to_str()?.to_owned())
}

/// The exporter has its own thread; its requests run in the bot's runtime.
struct Client {
    http: HttpClient,
    runtime: Handle,
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Client")
    }
}

type ExportResponse<'a> = Pin<
    Box<dyn Future<Output = Result<Response<Bytes>, opentelemetry_http::HttpError>> + Send + 'a>,
>;

impl ForTraces for Client {
    fn send_bytes<'a, 'b>(&'a self, request: Request<Bytes>) -> ExportResponse<'b>
    where
        'a: 'b,
    {
        let http = self.http.clone();
        let answer = self.runtime.spawn(async move {
            let request = request.map(HttpBody::from);
            let answer = http.exchange(|| request.clone(), EXPORT_TIMEOUT).await?;
            let mut response = Response::new(answer.body.into());
            *response.status_mut() = answer.status;
            Ok::<_, HttpError>(response)
        });
        Box::pin(async move { Ok(answer.await??) })
    }
}

#[cfg(test)]
mod tests {
    use axum::Router;
    use axum::body::{Body, Bytes};
    use axum::http::{HeaderMap, Request, StatusCode};
    use axum::routing::post;
    use hmac::{Hmac, KeyInit, Mac};
    use sha2::Sha256;
    use tokio::net::TcpListener;
    use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};
    use tower::ServiceExt;
    use tracing_subscriber::layer::SubscriberExt;

    use super::*;
    use crate::journal::Journal;
    use crate::{Bot, Config, Routes};

    const BODY: &str = r#"{"object":"page","entry":[{"id":"1","messaging":[{"sender":{"id":"2"},"recipient":{"id":"1"},"timestamp":3,"message":{"mid":"m_4","text":"hello"}}]}]}"#;

    /// A collector, which passes on what it is sent.
    async fn collector(sent: UnboundedSender<(HeaderMap, Bytes)>) -> String {
        let take = move |headers: HeaderMap, body: Bytes| {
            let sent = sent.clone();
            async move {
                sent.send((headers, body)).unwrap();
            }
        };
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let router = Router::new().route("/v1/traces", post(take));
        tokio::spawn(async move { axum::serve(listener, router).await });
        format!("http://{address}")
    }

    /// A bot gets a message.
    async fn a_bot_handles_a_message() {
        let config = Config::new("1", "5")
            .access_token("token")
            .app_secret("secret")
            .verify_token("word");
        let journal = Journal::in_memory(crate::clock::Clock::default());
        let bot = Bot::new(Routes::default()).journal(journal.clone());
        let router = bot.config(config).into_parts().unwrap().0;
        let mac = Hmac::<Sha256>::new_from_slice(b"secret").unwrap();
        let signature = mac.chain_update(BODY).finalize().into_bytes();
        let request = Request::post("/webhook")
            .header(
                "X-Hub-Signature-256",
                format!("sha256={}", hex::encode(signature)),
            )
            .body(Body::from(BODY))
            .unwrap();
        let answer = router.clone().oneshot(request).await.unwrap();
        assert_eq!(answer.status(), StatusCode::OK);
        let handled = async {
            while journal.backlog().await.unwrap().events > 0 {
                tokio::time::sleep(Duration::from_millis(2)).await;
            }
        };
        let handled = tokio::time::timeout(Duration::from_secs(20), handled).await;
        handled.expect("the message is handled");
    }

    #[tokio::test]
    async fn the_span_of_an_event_gets_to_the_collector() {
        let (sender, mut sent) = unbounded_channel();
        let endpoint = collector(sender).await;
        let variables = [("OTEL_EXPORTER_OTLP_ENDPOINT", &*endpoint)];
        let (traces, layer) = start(&Environment::default().with(&variables));
        // The runtime has this thread only.
        let logging = tracing::subscriber::set_default(tracing_subscriber::registry().with(layer));
        a_bot_handles_a_message().await;
        traces.flush().await;
        drop(logging);
        let mut spans = String::new();
        while let Ok((headers, body)) = sent.try_recv() {
            assert_eq!(headers["content-type"], "application/x-protobuf");
            spans.push_str(&String::from_utf8_lossy(&body));
        }
        for said in ["event", "1/2", "1/messaging/message/m_4", "service.name"] {
            assert!(spans.contains(said), "{said} is not in {spans}");
        }
        assert!(!spans.contains("hello"), "what people say stays here");
    }

    #[tokio::test]
    async fn nothing_is_set_up_where_nobody_asks() {
        let (traces, layer) =
            start::<tracing_subscriber::Registry>(&Environment::default().with(&[]));
        assert!(matches!(traces.0, Ok(None)));
        assert!(layer.is_none());
        let wrong = Environment::default().with(&[("OTEL_EXPORTER_OTLP_ENDPOINT", "collector")]);
        let (traces, _) = start::<tracing_subscriber::Registry>(&wrong);
        let problem = traces.0.err().unwrap().to_string();
        assert!(problem.contains("OTEL_EXPORTER_OTLP_ENDPOINT"), "{problem}");
    }
}
