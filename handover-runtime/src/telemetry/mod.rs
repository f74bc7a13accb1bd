//! Logs and traces.

#[cfg(feature = "opentelemetry")]
mod traces;
#[cfg(not(feature = "opentelemetry"))]
#[path = "no_traces.rs"]
mod traces;

use std::io::IsTerminal;

use tracing_subscriber::filter::LevelFilter;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{EnvFilter, Layer, fmt};

use crate::config::Environment;
pub(crate) use traces::Traces;

/// Prints logs to standard error as `RUST_LOG` says, by default from `info` on, and with
/// `HANDOVER_LOG=json` as one JSON object a line; does nothing where the program has set up its own.
///
/// With the feature `opentelemetry` and `OTEL_EXPORTER_OTLP_ENDPOINT`, spans are sent there, too.
/// [`Bot::run`](crate::Bot::run) does all of this by itself.
pub fn log_to_stderr() {
    start();
}

/// The same; what it gives sends the last spans when the bot ends.
pub(crate) fn start() -> Traces {
    let environment = Environment::load();
    let filter = EnvFilter::builder()
        .with_default_directive(LevelFilter::INFO.into())
        .parse_lossy(environment.get("RUST_LOG").unwrap_or_default());
    let format = environment.get("HANDOVER_LOG");
    let lines = fmt::layer()
        .with_target(false)
        .with_ansi(std::io::stderr().is_terminal())
        .with_writer(std::io::stderr);
    let lines = match format.as_deref() {
        Some("json") => lines
            .json()
            .flatten_event(true)
            .with_span_list(false)
            .boxed(),
        _ => lines.boxed(),
    };
    let (traces, layer) = traces::start(&environment);
    let subscriber = tracing_subscriber::registry()
        .with(lines.with_filter(filter))
        .with(layer);
    // An error says that there is a subscriber already, which is fine.
    let _ = subscriber.try_init();
    if let Some(format) = format.filter(|format| !["json", "text"].contains(&format.as_str())) {
        tracing::warn!("HANDOVER_LOG=`{format}`: write `json` or `text`, which is what this is");
    }
    traces.report();
    traces
}
