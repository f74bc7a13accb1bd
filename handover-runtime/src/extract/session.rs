use std::ops::{Deref, DerefMut};

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::{Argument, Context, FromEvent, Rejection};
use crate::state::Nothing;
use crate::trigger::HasPerson;

/// The thread's own memory, kept from event to event.
///
/// It starts as `T::default()`. What the handler changes is stored together with the handler's
/// answer, or not at all if the handler fails.
///
/// ```
/// use handover_runtime::extract::Session;
///
/// #[derive(Default, serde::Serialize, serde::Deserialize)]
/// struct Visit { questions: u32 }
///
/// async fn count(mut visit: Session<Visit>) -> String {
///     visit.questions += 1;
///     format!("Question {}", visit.questions)
/// }
/// # let _ = count(Session::new(Visit::default()));
/// ```
#[derive(Debug)]
pub struct Session<T: Serialize> {
    value: T,
    /// Where it is kept, and what is kept there now.
    kept: Option<(Context, Value)>,
}

impl<T: Serialize> Session<T> {
    /// For unit tests: a session that is not stored anywhere.
    pub fn new(value: T) -> Self {
        Self { value, kept: None }
    }
}

impl<T: Serialize> Deref for Session<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.value
    }
}

impl<T: Serialize> DerefMut for Session<T> {
    fn deref_mut(&mut self) -> &mut T {
        &mut self.value
    }
}

/// A handler takes its session by value, so dropping it is the moment at which it is final.
impl<T: Serialize> Drop for Session<T> {
    fn drop(&mut self) {
        let Some((context, before)) = &self.kept else {
            return;
        };
        match serde_json::to_value(&self.value) {
            Ok(value) if value == *before => {}
            Ok(value) => context.leave_session(value),
            Err(error) => tracing::error!(
                thread = %context.thread(),
                %error,
                "the session cannot be written as JSON and stays as it was"
            ),
        }
    }
}

impl<E, T> FromEvent<E> for Session<T>
where
    E: HasPerson,
    T: Serialize + DeserializeOwned + Default + Send,
{
    type State = Nothing;

    const ARGUMENT: Argument = Argument::ALWAYS;

    async fn from_event(context: &Context, _: &Nothing) -> Result<Self, Rejection> {
        let unfit = |e: serde_json::Error| {
            tracing::error!(thread = %context.thread(), error = %e, "the stored session does not fit its type and is kept as it is");
            Rejection::new("Session", format!("the stored one does not fit: {e}"))
        };
        let (value, before) = match context.stored_session() {
            Some(stored) => (
                serde_json::from_value(stored.clone()).map_err(unfit)?,
                stored,
            ),
            None => {
                let fresh = T::default();
                let before = serde_json::to_value(&fresh).map_err(unfit)?;
                (fresh, before)
            }
        };
        Ok(Self {
            value,
            kept: Some((context.clone(), before)),
        })
    }
}
