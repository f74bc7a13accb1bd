use std::time::Duration;

use super::{Effect, Outcome};

/// Sets a timer of the thread, or cancels it. When it runs out, `#[on_timer(name = …)]` runs.
///
/// A thread has one timer of each name; setting it again moves it.
///
/// ```
/// use std::time::Duration;
/// use handover_runtime::Timer;
///
/// async fn think_about_it() -> (&'static str, Timer) {
///     ("Take your time.", Timer::after("reminder", Duration::from_secs(3600)))
/// }
/// # let _ = (think_about_it(), Timer::cancel("reminder"));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use = "a timer is set when a handler returns it"]
pub struct Timer {
    pub(crate) name: String,
    pub(crate) after: Option<Duration>,
}

impl Timer {
    /// Runs out after this time.
    pub fn after(name: impl Into<String>, time: Duration) -> Self {
        Self {
            name: name.into(),
            after: Some(time),
        }
    }

    /// Does not run out.
    pub fn cancel(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            after: None,
        }
    }
}

impl From<Timer> for Outcome {
    fn from(timer: Timer) -> Self {
        Self::one(Effect::Timer(timer))
    }
}
