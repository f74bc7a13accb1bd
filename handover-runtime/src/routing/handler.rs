//! Calling a plain `async fn` with extracted arguments.

use std::future::Future;
use std::marker::PhantomData;
use std::pin::Pin;
use std::sync::Arc;

use crate::context::Context;
use crate::extract::{FromEvent, Rejection};
use crate::outcome::{HandlerError, IntoOutcome, Outcome};
use crate::state::Provides;
use crate::target::TargetApp;
use crate::trigger::Trigger;

/// What came of offering an event to a handler: its answer, or why its arguments cannot be had.
pub(crate) type Called = Result<Result<Outcome, HandlerError>, Rejection>;

/// A future of a handler, boxed so that routing tables stay cheap to compile.
pub(crate) type CallFuture<'a> = Pin<Box<dyn Future<Output = Called> + Send + 'a>>;

/// An `async fn` whose arguments can be taken from `E` events and whose answer is an outcome.
///
/// Implemented for functions of up to twelve arguments; there is no reason to implement it by hand.
#[diagnostic::on_unimplemented(
    message = "this handler cannot be called with an `{E}` event",
    label = "the mistake is reported where the handler is written",
    note = "each argument has to implement `FromEvent<{E}>` and the answer `IntoOutcome<{E}>`"
)]
pub trait Handler<E: Trigger, S, Args>: Send + Sync + 'static {
    /// See [`IntoOutcome::HANDOFF`].
    const HANDOFF: Option<TargetApp>;

    #[doc(hidden)]
    fn erase(self) -> Arc<dyn ErasedHandler<S>>
    where
        S: 'static;
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

/// As many arguments as `Args`, with `()` for each. It tells the compiler which implementation of
/// [`Handler`] is meant; to try all of them takes time.
pub trait Takes<Args> {}

macro_rules! unit {
    ($arg:ident) => {
        ()
    };
}

macro_rules! handlers {
    ($([$($arg:ident),*])*) => {$(
        impl<$($arg),*> Takes<($($arg,)*)> for ($(unit!($arg),)*) {}

        impl<E, S, F, Fut, $($arg,)*> Handler<E, S, ($($arg,)*)> for F
        where
            E: Trigger,
            S: Sync + $(Provides<$arg::State> +)*,
            F: Fn($($arg),*) -> Fut + Send + Sync + 'static,
            Fut: Future + Send + 'static,
            Fut::Output: IntoOutcome<E>,
            $($arg: FromEvent<E> + Send + 'static,)*
        {
            const HANDOFF: Option<TargetApp> = <Fut::Output as IntoOutcome<E>>::HANDOFF;

            fn erase(self) -> Arc<dyn ErasedHandler<S>>
            where
                S: 'static,
            {
                Arc::new(Extracting::<E, ($($arg,)*), Fut::Output> {
                    function: Box::new(self),
                    trigger: PhantomData,
                })
            }
        }

        impl<E, S, Answer, $($arg,)*> ErasedHandler<S> for Extracting<E, ($($arg,)*), Answer>
        where
            E: Trigger,
            S: Sync + $(Provides<$arg::State> +)*,
            Answer: IntoOutcome<E>,
            $($arg: FromEvent<E> + Send,)*
        {
            #[allow(non_snake_case, unused_variables, reason = "one name for the type and its value; no arguments, no context")]
            fn call<'a>(&'a self, context: &'a Context, state: &'a S) -> CallFuture<'a> {
                Box::pin(async move {
                    $(let $arg = $arg::from_event(context, Provides::<$arg::State>::provide(state)).await?;)*
                    Ok(self.function.call(($($arg,)*)).await.into_outcome())
                })
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
