//! Spans, sent to a collector by OTLP over HTTP.

use std::fmt;
use std::pin::Pin;
use std::time::Duration;

use axum::http::{Request, Response};
use bytes::Bytes;
use opentelemetry::trace::TracerProvider;
use opentelemetry_http::{HttpClient, HttpError};
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

use crate::config::Environment;
use crate::graph;

/// How long the last spans may take.
const TIMEOUT: Duration = Duration::from_secs(5);

/// What sends the spans, if somebody wants them.
pub(crate) struct Traces(Result<Option<Export>, Problem>);

struct Export {
    provider: SdkTracerProvider,
    to: Url,
}

/// Why none are sent.
#[derive(Debug, thiserror::Error)]
enum Problem {
    #[error("OTEL_EXPORTER_OTLP_ENDPOINT is no address: {0}")]
    Address(#[from] url::ParseError),
    #[error("logs were set up outside of tokio")]
    NoRuntime,
    #[error("TLS cannot be set up: {0}")]
    Tls(#[from] reqwest::Error),
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
        // Whatever `RUST_LOG` leaves out of the lines.
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

    /// Sends what is left.
    pub(crate) async fn end(self) {
        let Ok(Some(Export { provider, to })) = self.0 else {
            return;
        };
        // It waits for what is sent in this runtime.
        let sent = tokio::task::spawn_blocking(move || provider.shutdown_with_timeout(TIMEOUT));
        if let Ok(Err(error)) = sent.await {
            tracing::warn!(%error, "the last traces did not get to {to}");
        }
    }
}

impl Export {
    fn start(environment: &Environment) -> Result<Option<Self>, Problem> {
        let Some(to) = address(environment)? else {
            return Ok(None);
        };
        let client = Client {
            http: graph::client_for(&to)?,
            runtime: Handle::try_current().map_err(|_| Problem::NoRuntime)?,
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

/// Where OpenTelemetry's variables say that traces go.
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

/// The exporter has a thread of its own; what it sends goes through the bot's runtime.
struct Client {
    http: reqwest::Client,
    runtime: Handle,
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Client")
    }
}

type Answer<'a> = Pin<Box<dyn Future<Output = Result<Response<Bytes>, HttpError>> + Send + 'a>>;

impl HttpClient for Client {
    fn send_bytes<'a, 'b>(&'a self, request: Request<Bytes>) -> Answer<'b>
    where
        'a: 'b,
    {
        let http = self.http.clone();
        let answer = self.runtime.spawn(async move {
            let answer = http.execute(request.try_into()?).await?;
            let status = answer.status();
            let mut response = Response::new(answer.bytes().await?);
            *response.status_mut() = status;
            Ok::<_, reqwest::Error>(response)
        });
        Box::pin(async move { Ok(answer.await??) })
    }
}
