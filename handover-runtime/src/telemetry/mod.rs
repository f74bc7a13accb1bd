//! Logs and traces.

#[cfg(feature = "logging")]
mod logs;
#[cfg(not(feature = "logging"))]
#[path = "no_logs.rs"]
mod logs;
#[cfg(feature = "opentelemetry")]
mod traces;
#[cfg(all(feature = "logging", not(feature = "opentelemetry")))]
#[path = "no_traces.rs"]
mod traces;

pub(crate) use logs::{flush, log_as};

use crate::environment::Environment;

/// What this module reads of the environment.
pub(crate) const VARIABLES: [&str; 5] = [
    "RUST_LOG",
    "HANDOVER_LOG",
    "OTEL_EXPORTER_OTLP_ENDPOINT",
    "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT",
    "OTEL_SERVICE_NAME",
];

/// Logs to standard error, as `handover::run` does. Call it first in `main` of an application that
/// contains a bot.
///
/// `RUST_LOG` sets the level. Default: `info`. With `HANDOVER_LOG=json` each line is a JSON object. Does
/// nothing if the program has set up a subscriber already.
///
/// With the feature `opentelemetry` and `OTEL_EXPORTER_OTLP_ENDPOINT`, spans are exported there too;
/// [`BotHandle::stop`](crate::BotHandle::stop) flushes them.
///
/// Without the feature `logging`, it does nothing: the program sets up a subscriber of `tracing`.
///
/// ```no_run
/// use handover_runtime::{Bot, Error, Result, Routes, log_to_stderr, shutdown_signal};
/// use tokio::net::TcpListener;
///
/// async fn serve(website: axum::Router, routes: Routes) -> Result {
///     log_to_stderr();
///     let (router, bot) = Bot::new(routes).into_parts()?;
///     let listener = TcpListener::bind("127.0.0.1:8080").await.map_err(Error::other)?;
///     axum::serve(listener, website.merge(router))
///         .with_graceful_shutdown(shutdown_signal())
///         .await
///         .map_err(Error::other)?;
///     bot.stop().await;
///     Ok(())
/// }
/// ```
pub fn log_to_stderr() {
    log_as(&Environment::load());
}
