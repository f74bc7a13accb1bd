//! Without the feature `logging`: the program sets up a subscriber, or nothing is logged.

use crate::environment::Environment;

/// Variables that ask for what this bot was built without.
const ASKING: [&str; 3] = ["RUST_LOG", "HANDOVER_LOG", "OTEL_EXPORTER_OTLP_ENDPOINT"];

/// Says so if somebody asks for logs and the program has no subscriber.
pub(crate) fn log_as(environment: &Environment) {
    if tracing::dispatcher::has_been_set() {
        return;
    }
    if let Some(name) = ASKING.iter().find(|name| environment.get(name).is_some()) {
        eprintln!(
            "{name} is set, and this bot logs nothing: it was built without the feature `logging` of handover, and the program has set up no subscriber of `tracing`"
        );
    }
}

pub(crate) async fn flush() {}
