//! Calling a handler with extracted arguments.

use std::future::Future;
use std::marker::PhantomData;
use std::pin::Pin;

use super::companion::{Attached, HandlerFn};
use crate::extract::Context;
use crate::extract::{FromEvent, Rejection};
use crate::outcome::{HandlerError, IntoOutcome, Outcome};
use crate::state::Provides;
use crate::trigger::Trigger;

/// The result of calling a handler: its return value, or the rejection of an extractor.
pub(crate) type HandlerResult = Result<Result<Outcome, HandlerError>, Rejection>;

/// A future of a handler, boxed so that routing tables stay cheap to compile.
pub(crate) type HandlerFuture<'a> = Pin<Box<dyn Future<Output = HandlerResult> + Send + 'a>>;

/// The future of a handler's function, boxed so that what routing does with it is compiled once for
/// all handlers with the same answer.
pub type BoxAnswer<A> = Pin<Box<dyn Future<Output = A> + Send>>;

/// A tuple of arguments that can be taken from `E` events.
pub trait Extracted<E: Trigger> {}

/// A tuple of arguments that can be taken from `E` events by a bot with the state `S`.
pub trait Arguments<E: Trigger, S>: Sized + Send + 'static {
    #[doc(hidden)]
    fn extract(
        context: &Context,
        state: &S,
    ) -> impl Future<Output = Result<Self, Rejection>> + Send;
}

/// A handler without the types of its arguments and its answer.
pub(super) trait ErasedHandler<S>: Send + Sync {
    /// Takes the arguments from the event and calls the function.
    fn call<'a>(&'a self, context: &'a Context, state: &'a S) -> HandlerFuture<'a>;
}

/// A handler of `E` events. No type parameter says which one, so that the compiler makes this once
/// for all handlers with these arguments and this answer.
pub(super) struct TypedHandler<E, Args, Answer> {
    pub(super) function: fn(Args) -> BoxAnswer<Answer>,
    pub(super) trigger: PhantomData<fn() -> E>,
}

impl<E, S, Args, Answer> ErasedHandler<S> for TypedHandler<E, Args, Answer>
where
    E: Trigger,
    S: Sync,
    Args: Arguments<E, S>,
    Answer: IntoOutcome<E>,
{
    fn call<'a>(&'a self, context: &'a Context, state: &'a S) -> HandlerFuture<'a> {
        Box::pin(async move {
            let arguments = Args::extract(context, state).await?;
            Ok((self.function)(arguments).await.into_outcome())
        })
    }
}

macro_rules! handlers {
    ($([$($arg:ident),*])*) => {$(
        impl<F, Companion, Answer, $($arg,)*> HandlerFn<($($arg,)*)> for F
        where
            F: Fn($($arg),*) -> Attached<Companion, Answer>,
        {
            type Companion = Companion;
            type Answer = Answer;
        }

        impl<E: Trigger, $($arg: FromEvent<E>,)*> Extracted<E> for ($($arg,)*) {}

        impl<E, S, $($arg,)*> Arguments<E, S> for ($($arg,)*)
        where
            E: Trigger,
            S: Sync + $(Provides<$arg::State> +)*,
            $($arg: FromEvent<E> + Send + 'static,)*
        {
            #[allow(unused_variables, clippy::unused_unit, reason = "no arguments, no context")]
            async fn extract(context: &Context, state: &S) -> Result<Self, Rejection> {
                Ok(($($arg::from_event(context, Provides::<$arg::State>::provide(state)).await?,)*))
            }
        }
    )*};
}

handlers! {
    []
    [A]
    [A, B]
    [A, B, C]
    [A, B, C, D]
    [A, B, C, D, G]
    [A, B, C, D, G, H]
    [A, B, C, D, G, H, I]
    [A, B, C, D, G, H, I, J]
    [A, B, C, D, G, H, I, J, K]
    [A, B, C, D, G, H, I, J, K, L]
    [A, B, C, D, G, H, I, J, K, L, M]
    [A, B, C, D, G, H, I, J, K, L, M, N]
}
