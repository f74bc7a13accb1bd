//! What is logged in the thread of a test.

use std::fmt;
use std::sync::{Arc, Mutex, OnceLock};

use tracing::field::{Field, Visit};
use tracing::subscriber::DefaultGuard;
use tracing::{Dispatch, Event, Metadata, Subscriber, span};

/// Warnings and errors since it was made, a line each with all fields.
pub(crate) struct Logs {
    lines: Arc<Mutex<Vec<String>>>,
    _guard: DefaultGuard,
}

impl Logs {
    /// For a test whose runtime has one thread, as `#[tokio::test]` has.
    pub(crate) fn capture() -> Self {
        // With one subscriber alone, tracing asks the first thread that logs, and a thread of
        // another test has no subscriber.
        static SECOND: OnceLock<Dispatch> = OnceLock::new();
        SECOND.get_or_init(|| Dispatch::new(Recorder(Arc::default())));
        let lines = Arc::new(Mutex::new(Vec::new()));
        let guard = tracing::subscriber::set_default(Recorder(lines.clone()));
        Self {
            lines,
            _guard: guard,
        }
    }

    /// The lines that contain all of these.
    pub(crate) fn with(&self, parts: &[&str]) -> Vec<String> {
        let lines = self.lines.lock().unwrap();
        let found = lines
            .iter()
            .filter(|line| parts.iter().all(|part| line.contains(part)));
        found.cloned().collect()
    }

    pub(crate) fn all(&self) -> Vec<String> {
        self.with(&[])
    }
}

struct Recorder(Arc<Mutex<Vec<String>>>);

impl Subscriber for Recorder {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.is_event() && *metadata.level() <= tracing::Level::WARN
    }

    fn new_span(&self, _: &span::Attributes<'_>) -> span::Id {
        span::Id::from_u64(1)
    }

    fn record(&self, _: &span::Id, _: &span::Record<'_>) {}

    fn record_follows_from(&self, _: &span::Id, _: &span::Id) {}

    fn event(&self, event: &Event<'_>) {
        let mut line = Line(event.metadata().level().to_string());
        event.record(&mut line);
        self.0.lock().unwrap().push(line.0);
    }

    fn enter(&self, _: &span::Id) {}

    fn exit(&self, _: &span::Id) {}
}

struct Line(String);

impl Visit for Line {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        fmt::write(&mut self.0, format_args!(" {field}={value:?}")).unwrap();
    }
}
