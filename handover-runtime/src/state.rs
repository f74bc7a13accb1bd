//! State of a bot that its handlers share.

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

/// State of extractors that need none.
#[doc(hidden)]
#[derive(Debug)]
pub struct NoState;

impl<S> Provides<NoState> for S {
    fn provide(&self) -> &NoState {
        &NoState
    }
}
