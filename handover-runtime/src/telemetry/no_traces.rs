//! Without the feature `opentelemetry`.

use tracing_subscriber::layer::Identity;

use crate::environment::Environment;

/// No traces.
pub(crate) struct Traces {
    is_asked_for: bool,
}

pub(super) fn start(environment: &Environment) -> (Traces, Identity) {
    let is_asked_for = environment.get("OTEL_EXPORTER_OTLP_ENDPOINT").is_some();
    (Traces { is_asked_for }, Identity::new())
}

impl Traces {
    pub(super) fn report(&self) {
        if self.is_asked_for {
            tracing::warn!(
                "OTEL_EXPORTER_OTLP_ENDPOINT is set, and this bot was built without the feature `opentelemetry` of handover: it sends no traces"
            );
        }
    }

    #[expect(clippy::unused_async, reason = "as with the feature")]
    pub(super) async fn flush(&self) {}
}
