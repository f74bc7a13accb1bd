use std::time::Duration;

use super::{Argument, Context, FromEvent, Rejection};
use crate::outcome::Timer;
use crate::state::NoState;
use crate::trigger::HasPerson;

/// Sets and cancels timers of the thread from within a handler. They are stored together with the handler's
/// answer, or not at all if it fails.
///
/// ```
/// use std::time::Duration;
/// use handover_runtime::extract::Timers;
///
/// async fn think_about_it(timers: Timers) -> &'static str {
///     timers.set("reminder", Duration::from_secs(3600));
///     timers.cancel("good night");
///     "Take your time."
/// }
/// # let _ = think_about_it(Timers::new());
/// ```
#[derive(Clone, Debug, Default)]
pub struct Timers {
    context: Option<Context>,
}

impl Timers {
    /// For unit tests: timers that are not stored.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets a timer: `#[on_timer(name = …)]` runs after this time. A thread has one timer of each name;
    /// setting it again replaces it.
    pub fn set(&self, name: impl Into<String>, after: Duration) {
        self.leave(Timer::after(name, after));
    }

    /// Cancels the timer.
    pub fn cancel(&self, name: impl Into<String>) {
        self.leave(Timer::cancel(name));
    }

    fn leave(&self, timer: Timer) {
        if let Some(context) = &self.context {
            context.leave_timer(timer);
        }
    }
}

impl<E: HasPerson> FromEvent<E> for Timers {
    type State = NoState;

    const ARGUMENT: Argument = Argument::ALWAYS;

    async fn from_event(context: &Context, _: &NoState) -> Result<Self, Rejection> {
        Ok(Self {
            context: Some(context.clone()),
        })
    }
}
