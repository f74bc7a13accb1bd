use std::ops::{Deref, DerefMut};

use super::argument::{ArgumentSource, SignalOf};
use super::{Argument, Context, FromEvent, Rejection, Requirement};
use crate::internal_event::InternalEvent;
use crate::signal::{self, SignalData};
use crate::state::NoState;
use crate::trigger::OnSignal;

/// The signal that was sent into the thread. Its type says which signals the handler takes.
///
/// ```
/// use handover_runtime::SignalData;
/// use handover_runtime::extract::Signal;
///
/// #[derive(serde::Serialize, serde::Deserialize)]
/// struct Shipped { order: u64 }
///
/// impl SignalData for Shipped {
///     const NAME: &str = "shipped";
/// }
///
/// async fn shipped(signal: Signal<Shipped>) -> String {
///     format!("Order {} is on its way.", signal.order)
/// }
/// # let _ = shipped(Signal::new(Shipped { order: 42 }));
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Signal<T> {
    content: T,
    id: Option<String>,
}

impl<T> Signal<T> {
    /// For unit tests: this signal.
    pub fn new(content: T) -> Self {
        Self { content, id: None }
    }

    /// The id that it was sent with, or that it was given; none if a handler sent it by
    /// [`then`](crate::Outcome::then).
    #[must_use]
    pub fn id(&self) -> Option<&str> {
        self.id.as_deref()
    }

    /// Returns the content.
    pub fn into_inner(self) -> T {
        self.content
    }
}

impl<T> Deref for Signal<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.content
    }
}

impl<T> DerefMut for Signal<T> {
    fn deref_mut(&mut self) -> &mut T {
        &mut self.content
    }
}

impl<T: SignalData> FromEvent<OnSignal> for Signal<T> {
    type State = NoState;

    const ARGUMENT: Argument = Argument::from(
        ArgumentSource::Signal(SignalOf {
            name: T::NAME,
            check: signal::check::<T>,
        }),
        Requirement::Nothing,
    );

    async fn from_event(context: &Context, _: &NoState) -> Result<Self, Rejection> {
        let signal = context.own().and_then(InternalEvent::signal);
        let signal = signal.ok_or_else(|| Rejection::new("Signal", "the event is no signal"))?;
        let content = T::deserialize(&signal.content).map_err(|error| {
            let reason = format!(
                "the content of signal `{}` does not fit its type: {error}",
                T::NAME
            );
            Rejection::fault("Signal", reason)
        })?;
        Ok(Self {
            content,
            id: signal.id.clone(),
        })
    }
}
