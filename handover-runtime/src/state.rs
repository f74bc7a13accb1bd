//! The bot's own state: what handlers share besides the conversation.

/// A state that holds a `T`, which handlers then receive as [`State<T>`](crate::extract::State).
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
    /// The part that the handler asked for.
    fn provide(&self) -> &T;
}

/// The state part of extractors that need none.
#[doc(hidden)]
#[derive(Debug)]
pub struct NoState;

impl<S> Provides<NoState> for S {
    fn provide(&self) -> &NoState {
        &NoState
    }
}
