use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};

/// A spinner with a label, on standard error and only on a terminal.
pub(crate) struct Progress(ProgressBar);

impl Progress {
    /// Creates a spinner. Draws nothing if `quiet`.
    pub(crate) fn start(quiet: bool, doing: impl Into<String>) -> Self {
        let bar = if quiet {
            ProgressBar::hidden()
        } else {
            ProgressBar::new_spinner()
        };
        if let Ok(style) = ProgressStyle::with_template("{spinner:.cyan} {msg} {elapsed:.dim}") {
            bar.set_style(style);
        }
        bar.set_message(doing.into());
        bar.enable_steady_tick(Duration::from_millis(100));
        Self(bar)
    }

    pub(crate) fn now(&self, doing: impl Into<String>) {
        self.0.set_message(doing.into());
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.0.finish_and_clear();
    }
}
