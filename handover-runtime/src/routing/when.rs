//! `when = …`: functions of the user's that say whether a handler takes an event.

use std::fmt;
use std::future::Future;
use std::marker::PhantomData;
use std::pin::Pin;

use crate::extract::Context;
use crate::extract::{FromEvent, Rejection};
use crate::state::NoState;
use crate::trigger::Trigger;

/// Future of a predicate.
pub(super) type PredicateFuture<'a> =
    Pin<Box<dyn Future<Output = Result<bool, Rejection>> + Send + 'a>>;

/// A function that can be asked about `E` events: `fn(&Context) -> bool`, or one whose arguments are
/// extractors.
///
/// Implemented for functions of up to six arguments.
#[diagnostic::on_unimplemented(
    message = "`when` cannot ask this function about an `{E}` event",
    label = "not a predicate of this event",
    note = "write a plain `fn` that returns `bool`; it takes `&Context`, or up to six extractors, all by value or all by reference, but no `State`"
)]
pub trait Predicate<E: Trigger, Args>: Copy + Send + Sync + 'static {
    #[doc(hidden)]
    fn ask(self, context: &Context) -> PredicateFuture<'_>;
}

/// The arguments of a predicate that takes `&Context`.
#[derive(Debug)]
pub enum WholeContext {}

/// The arguments of a predicate that takes extractors by reference.
#[derive(Debug)]
pub struct ByReference<Args>(PhantomData<fn() -> Args>);

impl<E, F> Predicate<E, WholeContext> for F
where
    E: Trigger,
    F: Fn(&Context) -> bool + Copy + Send + Sync + 'static,
{
    fn ask(self, context: &Context) -> PredicateFuture<'_> {
        Box::pin(async move { Ok(self(context)) })
    }
}

impl<E, F> Predicate<E, ()> for F
where
    E: Trigger,
    F: Fn() -> bool + Copy + Send + Sync + 'static,
{
    fn ask(self, _: &Context) -> PredicateFuture<'_> {
        Box::pin(async move { Ok(self()) })
    }
}

macro_rules! predicates {
    ($([$($arg:ident),*])*) => {$(
        impl<E, F, $($arg,)*> Predicate<E, ($($arg,)*)> for F
        where
            E: Trigger,
            F: Fn($($arg),*) -> bool + Copy + Send + Sync + 'static,
            $($arg: FromEvent<E, State = NoState> + Send,)*
        {
            fn ask(self, context: &Context) -> PredicateFuture<'_> {
                Box::pin(async move { Ok(self($($arg::from_event(context, &NoState).await?),*)) })
            }
        }

        impl<E, F, $($arg,)*> Predicate<E, ByReference<($($arg,)*)>> for F
        where
            E: Trigger,
            F: Fn($(&$arg),*) -> bool + Copy + Send + Sync + 'static,
            $($arg: FromEvent<E, State = NoState> + Send,)*
        {
            #[allow(non_snake_case, reason = "one name for the type and its value")]
            fn ask(self, context: &Context) -> PredicateFuture<'_> {
                Box::pin(async move {
                    $(let $arg = $arg::from_event(context, &NoState).await?;)*
                    Ok(self($(&$arg),*))
                })
            }
        }
    )*};
}

predicates! {
    [A]
    [A, B]
    [A, B, C]
    [A, B, C, D]
    [A, B, C, D, G]
    [A, B, C, D, G, H]
}

/// A predicate of `E` events, to be kept among the facts about a handler.
pub struct When<E, F, Args> {
    predicate: F,
    // So that only `new` asks something of the function's type, and a wrong one is reported once.
    ask: for<'a> fn(&F, &'a Context) -> PredicateFuture<'a>,
    marker: PhantomData<fn() -> (E, Args)>,
}

impl<E, F, Args> When<E, F, Args> {
    /// Checks that it is one.
    pub const fn new(predicate: F) -> Self
    where
        E: Trigger,
        F: Predicate<E, Args>,
    {
        Self {
            predicate,
            ask: |predicate, context| predicate.ask(context),
            marker: PhantomData,
        }
    }
}

/// [`When`] without its type parameters.
pub trait DynPredicate: Send + Sync {
    /// Takes the arguments from the event and calls the function.
    fn ask<'a>(&self, context: &'a Context) -> PredicateFuture<'a>;
}

impl<E, F: Send + Sync, Args> DynPredicate for When<E, F, Args> {
    fn ask<'a>(&self, context: &'a Context) -> PredicateFuture<'a> {
        (self.ask)(&self.predicate, context)
    }
}

impl fmt::Debug for dyn DynPredicate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("when")
    }
}
