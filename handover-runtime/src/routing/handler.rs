//! Calling a plain `async fn` with extracted arguments.

use std::future::Future;
use std::pin::Pin;

use crate::context::Context;
use crate::extract::{FromEvent, Rejection};
use crate::outcome::{HandlerError, IntoOutcome, Outcome};
use crate::state::Provides;
use crate::target::TargetApp;
use crate::trigger::Trigger;

/// What came of offering an event to a handler: its answer, or why its arguments cannot be had.
pub(crate) type Called = Result<Result<Outcome, HandlerError>, Rejection>;

/// A future of a handler, boxed once per event so that routing tables stay cheap to compile.
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
    fn call<'a>(&'a self, context: &'a Context, state: &'a S) -> CallFuture<'a>;
}

macro_rules! handlers {
    ($([$($arg:ident),*])*) => {$(
        impl<E, S, F, Fut, $($arg,)*> Handler<E, S, ($($arg,)*)> for F
        where
            E: Trigger,
            S: Sync + $(Provides<$arg::State> +)*,
            F: Fn($($arg),*) -> Fut + Send + Sync + 'static,
            Fut: Future + Send,
            Fut::Output: IntoOutcome<E>,
            $($arg: FromEvent<E> + Send,)*
        {
            const HANDOFF: Option<TargetApp> = <Fut::Output as IntoOutcome<E>>::HANDOFF;

            #[allow(non_snake_case, unused_variables, reason = "one name for the type and its value; no arguments, no context")]
            fn call<'a>(&'a self, context: &'a Context, state: &'a S) -> CallFuture<'a> {
                Box::pin(async move {
                    $(let $arg = $arg::from_event(context, Provides::<$arg::State>::provide(state)).await?;)*
                    Ok(self($($arg),*).await.into_outcome())
                })
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
