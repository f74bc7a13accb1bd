//! Logs on standard error, and the layer of the traces.

use std::io::IsTerminal;
use std::sync::OnceLock;

use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{Layer, fmt};

use super::traces::{self, Traces};
use crate::environment::Environment;

/// Traces of the subscriber that this program set up.
static TRACES: OnceLock<Traces> = OnceLock::new();

/// Sets up logging as this environment configures it.
pub(crate) fn log_as(environment: &Environment) {
    let directives = environment.get("RUST_LOG").unwrap_or_default();
    let (filter, unreadable) = filter(&directives);
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
    let (traces, layer) = traces::start(environment);
    let subscriber = tracing_subscriber::registry()
        .with(lines.with_filter(filter))
        .with(layer);
    // An error means that there is a subscriber already, which is fine.
    if subscriber.try_init().is_err() {
        return;
    }
    for directive in unreadable {
        tracing::warn!("RUST_LOG: `{directive}` is ignored: write such as `info,my_bot=debug`");
    }
    if let Some(format) = format.filter(|format| !["json", "text"].contains(&format.as_str())) {
        tracing::warn!("HANDOVER_LOG=`{format}`: write `json` or `text`, which is what this is");
    }
    traces.report();
    let _ = TRACES.set(traces);
}

/// The filter, and the directives that cannot be parsed. Without a valid one, it is `info`.
fn filter(directives: &str) -> (Targets, Vec<&str>) {
    let (mut filter, mut unreadable) = (Targets::new(), Vec::new());
    let directives = directives.split(',').map(str::trim);
    for directive in directives.filter(|directive| !directive.is_empty()) {
        let Ok(read) = directive.parse::<Targets>() else {
            unreadable.push(directive);
            continue;
        };
        if let Some(level) = read.default_level() {
            filter = filter.with_default(level);
        }
        filter.extend(read);
    }
    if filter == Targets::new() {
        filter = filter.with_default(LevelFilter::INFO);
    }
    (filter, unreadable)
}

/// Exports the remaining spans.
pub(crate) async fn flush() {
    if let Some(traces) = TRACES.get() {
        traces.flush().await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filter_of(directives: &str) -> (String, Vec<&str>) {
        let (filter, unreadable) = filter(directives);
        (filter.to_string(), unreadable)
    }

    #[test]
    fn without_directives_it_is_info() {
        assert_eq!(filter_of(""), ("info".to_owned(), vec![]));
        assert_eq!(filter_of(" , "), ("info".to_owned(), vec![]));
    }

    #[test]
    fn a_level_is_for_all_and_a_target_has_its_own() {
        let (filter, unreadable) = filter_of("warn, my_bot=debug,hyper=off");
        let mut directives: Vec<_> = filter.split(',').collect();
        directives.sort_unstable();
        assert_eq!(directives, ["hyper=off", "my_bot=debug", "warn"]);
        assert!(unreadable.is_empty());
        assert_eq!(filter_of("my_bot=debug").0, "my_bot=debug");
    }

    #[test]
    fn what_cannot_be_read_leaves_the_rest_in_force() {
        let (filter, unreadable) = filter_of("debug,my_bot=loud");
        assert_eq!((&*filter, unreadable), ("debug", vec!["my_bot=loud"]));
        let (filter, unreadable) = filter_of("my_bot=loud");
        assert_eq!((&*filter, unreadable), ("info", vec!["my_bot=loud"]));
    }
}
