use std::ops::{Deref, DerefMut};

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::{
    Argument, ArgumentSource, Context, FromEvent, Rejection, Requirement, SessionArgument,
};
use crate::session::SessionChange;
use crate::state::NoState;
use crate::trigger::HasPerson;

/// State of the thread, kept from event to event.
///
/// Starts as `T::default()`. Changes by the handler are stored together with its answer, or not at all if
/// it fails.
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
///
/// A thread has one session, so all handlers of a bot take the same `T`. A module that needs its own state
/// takes a [`SessionPart`].
///
/// Your own extractor may take the session too. Within one call there is one value: a later argument sees
/// the changes of an earlier one, and the handler's changes come last. If an extractor keeps its `Session`
/// while the handler has another, the changed fields of both are merged.
#[derive(Debug)]
pub struct Session<T> {
    value: T,
    kept: Option<SessionSlot<T>>,
}

/// A named part of the session, beside the [`Session`] and the other parts: for a module that several bots
/// use, or from another author.
///
/// Starts as `T::default()` and is stored like the session.
///
/// ```
/// use handover_runtime::extract::{SessionPart, SessionPartData};
///
/// #[derive(Default, serde::Serialize, serde::Deserialize)]
/// struct Cart { articles: Vec<String> }
///
/// impl SessionPartData for Cart {
///     const NAME: &str = "cart";
/// }
///
/// async fn add(mut cart: SessionPart<Cart>) -> String {
///     cart.articles.push("tea".into());
///     format!("{} articles", cart.articles.len())
/// }
/// # let _ = add(SessionPart::new(Cart::default()));
/// ```
///
/// With a session and this part, the stored form is
///
/// ```json
/// {"handover.session": {"questions": 1}, "handover.parts": {"cart": {"articles": ["tea"]}}}
/// ```
///
/// and without any part as the JSON of the session alone.
#[derive(Debug)]
pub struct SessionPart<T>(Session<T>);

/// Storage of a session during a call.
#[derive(Debug)]
struct SessionSlot<T> {
    context: Context,
    part: Option<&'static str>,
    /// Position among those that the call took.
    order: usize,
    before: Value,
    /// As JSON values, so that only taking a session needs its type, and dropping it does not.
    to_json: fn(&T) -> serde_json::Result<Value>,
    fits: fn(&Value) -> bool,
    survives_failure: bool,
}

/// A type that can be a session: one that implements `Default`, `Serialize` and `Deserialize`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be the memory of a thread",
    label = "needs to have a default and to be stored as JSON",
    note = "write `#[derive(Default, serde::Serialize, serde::Deserialize)]` above `{Self}`"
)]
pub trait SessionData: Serialize + DeserializeOwned + Default + Send {}

// Otherwise each missing trait is reported separately.
#[diagnostic::do_not_recommend]
impl<T: Serialize + DeserializeOwned + Default + Send> SessionData for T {}

/// A type that can be a [`SessionPart`], with the name under which it is stored.
#[diagnostic::on_unimplemented(
    message = "`{Self}` has no name as a part of a thread's memory",
    label = "needs a name under which it is stored",
    note = "write `impl SessionPartData for {Self} {{ const NAME: &str = \"…\"; }}`"
)]
pub trait SessionPartData: SessionData {
    /// Name under which it is stored. It must not change when the type is renamed. Each part of a bot has
    /// another name.
    const NAME: &'static str;
}

impl<T> Session<T> {
    /// For unit tests: a session that is not stored.
    pub fn new(value: T) -> Self {
        Self { value, kept: None }
    }
}

impl<T> SessionPart<T> {
    /// For unit tests: a part that is not stored.
    pub fn new(value: T) -> Self {
        Self(Session::new(value))
    }
}

impl<T> SessionPart<T> {
    /// Stores its changes also if the handler fails, panics, times out or is cancelled by
    /// [`Pace::Restart`](crate::Pace::Restart): for what has been used up by then, such as a budget. Each further attempt of the handler starts with them. Call it before
    /// something can fail.
    ///
    /// ```
    /// use handover_runtime::extract::{SessionPart, SessionPartData};
    ///
    /// #[derive(Default, serde::Serialize, serde::Deserialize)]
    /// struct Budget { calls: u32 }
    ///
    /// impl SessionPartData for Budget {
    ///     const NAME: &str = "budget";
    /// }
    ///
    /// # async fn ask_the_model() -> Result<String, std::io::Error> { Ok(String::new()) }
    /// async fn answer(mut budget: SessionPart<Budget>) -> Result<String, std::io::Error> {
    ///     budget.store_on_failure();
    ///     budget.calls += 1;
    ///     ask_the_model().await
    /// }
    /// # let _ = answer;
    /// ```
    pub fn store_on_failure(&mut self) {
        if let Some(kept) = &mut self.0.kept {
            kept.survives_failure = true;
        }
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

impl<T> Deref for SessionPart<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

impl<T> DerefMut for SessionPart<T> {
    fn deref_mut(&mut self) -> &mut T {
        &mut self.0
    }
}

/// A handler takes its session by value, so its value is final when it is dropped.
impl<T> Drop for Session<T> {
    fn drop(&mut self) {
        let Some(kept) = self.kept.take() else {
            return;
        };
        match (kept.to_json)(&self.value) {
            Ok(after) if after == kept.before => {}
            Ok(after) => kept.context.leave_session(SessionChange {
                part: kept.part,
                order: kept.order,
                before: kept.before,
                after,
                fits: kept.fits,
                survives_failure: kept.survives_failure,
            }),
            Err(error) => tracing::error!(
                thread = %kept.context.thread(),
                %error,
                "the session cannot be written as JSON and stays as it was"
            ),
        }
    }
}

impl<T: SessionData> Session<T> {
    fn take(context: &Context, part: Option<&'static str>) -> Result<Self, Rejection> {
        let (argument, what) = match part {
            None => ("Session", "session".to_owned()),
            Some(name) => ("SessionPart", format!("part `{name}` of the session")),
        };
        let unfit = |e: serde_json::Error| {
            let reason =
                format!("the stored {what} does not fit its type and is left unchanged: {e}");
            Rejection::fault(argument, reason)
        };
        let (stored, order) = context.take_session(part);
        let (value, before) = match stored {
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
            kept: Some(SessionSlot {
                context: context.clone(),
                part,
                order,
                before,
                to_json: |value| serde_json::to_value(value),
                fits: |value| T::deserialize(value).is_ok(),
                survives_failure: false,
            }),
        })
    }
}

impl<E, T> FromEvent<E> for Session<T>
where
    E: HasPerson,
    T: SessionData,
{
    type State = NoState;

    const ARGUMENT: Argument = Argument::from(
        ArgumentSource::Session(SessionArgument {
            part: None,
            type_name: std::any::type_name::<T>,
        }),
        Requirement::Nothing,
    );

    async fn from_event(context: &Context, _: &NoState) -> Result<Self, Rejection> {
        Self::take(context, None)
    }
}

impl<E, T> FromEvent<E> for SessionPart<T>
where
    E: HasPerson,
    T: SessionPartData,
{
    type State = NoState;

    const ARGUMENT: Argument = Argument::from(
        ArgumentSource::Session(SessionArgument {
            part: Some(T::NAME),
            type_name: std::any::type_name::<T>,
        }),
        Requirement::Nothing,
    );

    async fn from_event(context: &Context, _: &NoState) -> Result<Self, Rejection> {
        Session::take(context, Some(T::NAME)).map(Self)
    }
}
