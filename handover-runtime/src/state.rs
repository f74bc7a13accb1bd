//! State of a bot that its handlers share.

use std::any::Any;
use std::sync::Arc;

/// Bot state that contains a `T`. Handlers take it as [`State<T>`](crate::extract::State).
///
/// `#[derive(BotState)]` implements it for the struct itself and for each field. By hand:
///
/// ```
/// use handover_runtime::Provides;
///
/// struct Shop { opening_hours: String }
///
/// impl Provides<String> for Shop {
///     fn provide(&self) -> &String { &self.opening_hours }
/// }
/// ```
#[diagnostic::on_unimplemented(
    message = "the bot state `{Self}` does not provide `{T}`",
    label = "a handler in this list needs `{T}`",
    note = "`#[derive(BotState)]` above a struct provides the struct and each of its fields; give the struct itself to `Bot::with_state`, not an `Arc` of it"
)]
pub trait Provides<T> {
    /// Returns the part.
    fn provide(&self) -> &T;
}

/// The states of a bot's routes, by their types. Cheap to clone.
#[derive(Clone, Default)]
pub(crate) struct SharedStates(Vec<Arc<dyn Any + Send + Sync>>);

impl SharedStates {
    pub(crate) fn of<S: Send + Sync + 'static>(state: Arc<S>) -> Self {
        Self(vec![state])
    }

    pub(crate) fn extend(&mut self, others: Self) {
        self.0.extend(others.0);
    }

    /// The first of this type; a bot without a state has `()`.
    pub(crate) fn get<S: Send + Sync + 'static>(&self) -> Option<Arc<S>> {
        let unit: Arc<dyn Any + Send + Sync> = Arc::new(());
        let mut states = self.0.iter().cloned().chain([unit]);
        states.find_map(|state| state.downcast().ok())
    }
}

/// State of extractors that need none.
#[doc(hidden)]
#[derive(Debug)]
pub struct NoState;

impl<S> Provides<NoState> for S {
    fn provide(&self) -> &NoState {
        &NoState
    }
}
