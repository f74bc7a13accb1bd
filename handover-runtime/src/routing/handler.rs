//! Calling a plain `async fn` with extracted arguments.

use std::future::Future;
use std::marker::PhantomData;
use std::pin::Pin;
use std::sync::Arc;

use super::companion::{Handled, HandlerFn};
use crate::extract::Context;
use crate::extract::{FromEvent, Rejection};
use crate::outcome::{HandlerError, IntoOutcome, Outcome};
use crate::state::Provides;
use crate::target::TargetApp;
use crate::trigger::Trigger;

/// What came of offering an event to a handler: its answer, or why its arguments cannot be had.
pub(crate) type Called = Result<Result<Outcome, HandlerError>, Rejection>;

/// A future of a handler, boxed so that routing tables stay cheap to compile.
pub(crate) type CallFuture<'a> = Pin<Box<dyn Future<Output = Called> + Send + 'a>>;

/// A function whose arguments can be taken from `E` events and whose answer is an outcome.
///
/// Implemented for functions of up to twelve arguments.
pub trait Handler<E: Trigger, Args>: Copy + Send + Sync + 'static {
    /// See [`IntoOutcome::HANDOFF`].
    const HANDOFF: Option<TargetApp>;

    #[doc(hidden)]
    fn erase<S: Sync + 'static>(self) -> Arc<dyn ErasedHandler<S>>
    where
        Args: Arguments<E, S>;
}

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

/// [`Handler`] without its type parameters.
pub trait ErasedHandler<S>: Send + Sync {
    /// Takes the arguments from the event and calls the function.
    fn call<'a>(&'a self, context: &'a Context, state: &'a S) -> CallFuture<'a>;
}

/// The part of a handler that is the same for all with these arguments and this answer: the compiler
/// makes it once for them.
struct Extracting<E, Args, Answer> {
    function: Box<dyn Function<Args, Answer = Answer>>,
    trigger: PhantomData<fn() -> E>,
}

/// The part that each handler has of its own.
trait Function<Args>: Send + Sync {
    type Answer;

    fn call(&self, arguments: Args) -> Pin<Box<dyn Future<Output = Self::Answer> + Send>>;
}

impl<E, S, Args, Answer> ErasedHandler<S> for Extracting<E, Args, Answer>
where
    E: Trigger,
    S: Sync,
    Args: Arguments<E, S>,
    Answer: IntoOutcome<E>,
{
    fn call<'a>(&'a self, context: &'a Context, state: &'a S) -> CallFuture<'a> {
        Box::pin(async move {
            let arguments = Args::extract(context, state).await?;
            Ok(self.function.call(arguments).await.into_outcome())
        })
    }
}

macro_rules! handlers {
    ($([$($arg:ident),*])*) => {$(
        impl<F, Fut, $($arg,)*> HandlerFn<($($arg,)*)> for F
        where
            F: Fn($($arg),*) -> Fut + Copy,
            Fut: Handled,
        {
            type Future = Fut;
        }

        impl<E, F, Fut, $($arg,)*> Handler<E, ($($arg,)*)> for F
        where
            E: Trigger,
            F: Fn($($arg),*) -> Fut + Copy + Send + Sync + 'static,
            Fut: Future + Send + 'static,
            Fut::Output: IntoOutcome<E>,
            $($arg: FromEvent<E> + Send + 'static,)*
        {
            const HANDOFF: Option<TargetApp> = <Fut::Output as IntoOutcome<E>>::HANDOFF;

            fn erase<S: Sync + 'static>(self) -> Arc<dyn ErasedHandler<S>>
            where
                ($($arg,)*): Arguments<E, S>,
            {
                Arc::new(Extracting::<E, ($($arg,)*), Fut::Output> {
                    function: Box::new(self),
                    trigger: PhantomData,
                })
            }
        }

        impl<E: Trigger, $($arg: FromEvent<E> + Send,)*> Extracted<E> for ($($arg,)*) {}

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

        impl<F, Fut, $($arg,)*> Function<($($arg,)*)> for F
        where
            F: Fn($($arg),*) -> Fut + Send + Sync,
            Fut: Future + Send + 'static,
        {
            type Answer = Fut::Output;

            #[allow(non_snake_case, reason = "one name for the type and its value")]
            fn call(&self, ($($arg,)*): ($($arg,)*)) -> Pin<Box<dyn Future<Output = Fut::Output> + Send>> {
                Box::pin(self($($arg),*))
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
