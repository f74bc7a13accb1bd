use std::time::Duration;

use super::{Effect, Outcome};

/// Sets or cancels a timer of the thread. When it runs out, `#[on_timer(name = …)]` runs.
///
/// A thread has one timer of each name; setting it again replaces it.
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
    /// Sets the timer to this time from now.
    pub fn after(name: impl Into<String>, time: Duration) -> Self {
        Self {
            name: name.into(),
            after: Some(time),
        }
    }

    /// Cancels the timer.
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
