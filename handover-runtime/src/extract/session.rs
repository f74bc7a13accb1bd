use std::ops::{Deref, DerefMut};

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::{Argument, Context, FromEvent, Need, Rejection, Source};
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
pub struct Session<T> {
    value: T,
    kept: Option<Kept<T>>,
}

/// Where a session is kept.
#[derive(Debug)]
struct Kept<T> {
    context: Context,
    /// What is kept there now.
    before: Value,
    /// As a value, so that only taking a session asks something of its type and dropping it nothing.
    to_json: fn(&T) -> serde_json::Result<Value>,
}

/// A type that a thread's memory can have: one that implements `Default`, `Serialize` and
/// `Deserialize`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be the memory of a thread",
    label = "needs to have a default and to be stored as JSON",
    note = "write `#[derive(Default, serde::Serialize, serde::Deserialize)]` above `{Self}`"
)]
pub trait SessionData: Serialize + DeserializeOwned + Default + Send {}

// Otherwise each trait that is missing is reported on its own.
#[diagnostic::do_not_recommend]
impl<T: Serialize + DeserializeOwned + Default + Send> SessionData for T {}

impl<T> Session<T> {
    /// For unit tests: a session that is not stored anywhere.
    pub fn new(value: T) -> Self {
        Self { value, kept: None }
    }
}

impl<T> Deref for Session<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.value
    }
}

impl<T> DerefMut for Session<T> {
    fn deref_mut(&mut self) -> &mut T {
        &mut self.value
    }
}

/// A handler takes its session by value, so dropping it is the moment at which it is final.
impl<T> Drop for Session<T> {
    fn drop(&mut self) {
        let Some(Kept {
            context,
            before,
            to_json,
        }) = &self.kept
        else {
            return;
        };
        match to_json(&self.value) {
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
    T: SessionData,
{
    type State = Nothing;

    const ARGUMENT: Argument = Argument::from(Source::Session, Need::Nothing);

    async fn from_event(context: &Context, _: &Nothing) -> Result<Self, Rejection> {
        let unfit = |e: serde_json::Error| {
            Rejection::fault(
                "Session",
                format!("the stored session does not fit its type and is kept as it is: {e}"),
            )
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
            kept: Some(Kept {
                context: context.clone(),
                before,
                to_json: |value| serde_json::to_value(value),
            }),
        })
    }
}
