//! What the attributes attach to a handler, and how `routes![]` finds it.
//!
//! A handler's name is taken in the value namespace alone, so that it may be imported, exported and
//! shared with a module like that of any function. What the attribute knows travels with the type of
//! the future that the function returns.

use std::future::Future;
use std::marker::PhantomData;
use std::pin::Pin;
use std::task::{self, Poll};

use pin_project_lite::pin_project;

use super::handler::{Arguments, Extracted, Handler};
use super::meta::Meta;
use super::route::Route;
use super::routes::Routes;
use crate::extract::Session;
use crate::outcome::IntoOutcome;
use crate::trigger::Trigger;

/// The facts about a handler: a type that only its function knows.
pub trait Companion: 'static {
    /// A tuple of the triggers; none after a mistake that the attribute has reported.
    type Triggers;
    /// The argument that may be a session; `()` for none.
    type MaybeSession;
    /// The facts, for each trigger.
    const METAS: &'static [Meta];
}

/// The companion after a mistake: it can be listed, and does nothing.
#[derive(Debug)]
pub enum Inert {}

impl Companion for Inert {
    type Triggers = ();
    type MaybeSession = ();
    const METAS: &'static [Meta] = &[];
}

/// The future of a handler.
pub trait Handled: Future {
    /// See [`Companion::Triggers`].
    type Triggers;
    /// See [`Companion::MaybeSession`].
    type MaybeSession;
    /// See [`Companion::METAS`].
    const METAS: &'static [Meta];
}

pin_project! {
    /// A future with a companion.
    #[must_use = "futures do nothing unless you `.await` or poll them"]
    pub struct Attached<C, F> {
        #[pin]
        future: F,
        companion: PhantomData<fn() -> C>,
    }
}

impl<C, F: Future> Future for Attached<C, F> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, context: &mut task::Context<'_>) -> Poll<F::Output> {
        self.project().future.poll(context)
    }
}

impl<C: Companion, F: Future> Handled for Attached<C, F> {
    type Triggers = C::Triggers;
    type MaybeSession = C::MaybeSession;
    const METAS: &'static [Meta] = C::METAS;
}

/// The future of a handler with its companion.
pub fn attach<C: Companion, F: Future>(future: F) -> Attached<C, F> {
    Attached {
        future,
        companion: PhantomData,
    }
}

/// What the future of a handler is after a mistake.
pub async fn nothing() {}

/// A function with one of the attributes, whose arguments are `Args`.
#[diagnostic::on_unimplemented(
    message = "`routes![]` lists handlers, and this is none",
    label = "not a function with an attribute such as `#[on_message]`",
    note = "write one of the `#[on_*]` attributes or `#[fallback]` above the function, also where it has `#[handoff]`"
)]
pub trait HandlerFn<Args>: Copy {
    /// What it returns.
    type Future: Handled;
}

/// A tuple of triggers for each of which the function is a handler.
pub trait Handles<F, Args> {}

/// The same with a bot's state that provides what the arguments need.
pub trait HandlesWith<F, Args, S> {
    /// One route for each trigger, in order.
    fn routes(handler: F, metas: &'static [Meta]) -> Vec<Route<S>>;
}

impl<F, Args> Handles<F, Args> for () {}

impl<F, Args, S> HandlesWith<F, Args, S> for () {
    fn routes(_: F, _: &'static [Meta]) -> Vec<Route<S>> {
        Vec::new()
    }
}

macro_rules! handles_all {
    ($([$($trigger:ident),*])*) => {$(
        impl<F, Args, $($trigger),*> Handles<F, Args> for ($($trigger,)*)
        where
            $($trigger: Trigger, F: Handler<$trigger, Args>,)*
        {
        }

        impl<F, Args, S, $($trigger),*> HandlesWith<F, Args, S> for ($($trigger,)*)
        where
            S: Sync + 'static,
            $($trigger: Trigger, F: Handler<$trigger, Args>, Args: Arguments<$trigger, S>,)*
        {
            fn routes(handler: F, metas: &'static [Meta]) -> Vec<Route<S>> {
                let mut routes = Vec::new();
                $(Route::add(
                    &mut routes,
                    metas,
                    <F as Handler<$trigger, Args>>::HANDOFF,
                    Handler::<$trigger, Args>::erase(handler),
                );)*
                routes
            }
        }
    )*};
}

handles_all! {
    [A]
    [A, B]
    [A, B, C]
    [A, B, C, D]
    [A, B, C, D, E]
    [A, B, C, D, E, G]
    [A, B, C, D, E, G, H]
    [A, B, C, D, E, G, H, I]
}

/// The facts about the handler, while compiling. Asks whether it is one.
pub const fn metas<F: HandlerFn<Args>, Args>(_: &F) -> &'static [Meta] {
    <F::Future as Handled>::METAS
}

/// An entry of `routes![]`, whatever it is.
///
/// What is wrong with a handler is reported where it is written, and what is none where
/// [`metas`] asks. So here both are left out silently: the compiler takes the methods of
/// [`OfFunction`] and [`OfHandler`] where they apply, and those of [`OfAnything`] and [`OfNone`]
/// elsewhere.
#[derive(Debug)]
pub struct Entry<F>(pub F);

/// A function with an attribute.
#[derive(Debug)]
pub struct FunctionEntry<F, Args>(F, PhantomData<fn(Args)>);

/// Something else.
#[derive(Debug)]
pub struct NoEntry;

impl<F: HandlerFn<Args>, Args> FunctionEntry<F, Args> {
    /// The argument that may be a session.
    pub fn candidate(&self) -> Candidate<<F::Future as Handled>::MaybeSession> {
        Candidate(PhantomData)
    }
}

impl NoEntry {
    /// None.
    pub fn candidate(&self) -> Candidate<()> {
        Candidate(PhantomData)
    }
}

/// An argument that may be a session. The compiler takes the method of [`OfSession`] if it is, and
/// that of [`OfOther`] elsewhere.
#[derive(Debug)]
pub struct Candidate<A>(PhantomData<fn() -> A>);

/// The type of the sessions in a list.
#[derive(Debug)]
pub struct SessionType<T>(PhantomData<fn() -> T>);

/// A list without sessions so far.
#[derive(Debug)]
pub struct NoSession;

#[doc(hidden)]
pub trait OfSession<T> {
    fn session(&self) -> SessionType<T> {
        SessionType(PhantomData)
    }
}

impl<T> OfSession<T> for &Candidate<Session<T>> {}

impl<T> OfSession<T> for &Candidate<Option<Session<T>>> {}

#[doc(hidden)]
pub trait OfOther {
    fn session(&self) -> NoSession {
        NoSession
    }
}

impl<A> OfOther for Candidate<A> {}

impl NoSession {
    /// The sessions of a list up to a handler without one.
    pub fn after<Earlier>(self, earlier: Earlier) -> Earlier {
        earlier
    }
}

impl<T> SessionType<T> {
    /// The sessions of a list up to a handler with this one.
    pub fn after<Earlier: Then<T>>(self, earlier: Earlier) -> Earlier::All {
        earlier.then()
    }
}

/// What a list has after one more session.
#[doc(hidden)]
pub trait Then<T> {
    type All;

    fn then(self) -> Self::All;
}

impl<T> Then<T> for NoSession {
    type All = SessionType<T>;

    fn then(self) -> SessionType<T> {
        SessionType(PhantomData)
    }
}

impl<T: SameSession<U>, U> Then<T> for SessionType<U> {
    type All = Self;

    fn then(self) -> Self {
        self
    }
}

/// The same type.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "this handler has a `Session<{Self}>`, and one before it in the list a `Session<{U}>`",
    label = "a thread has one session: each would lose what the other stores",
    note = "take the same type in all handlers, with a field for each, or `SessionPart<T>` for what belongs to some of them"
)]
pub trait SameSession<U> {}

impl<T> SameSession<T> for T {}

// No associated types here: they would have the compiler look for the implementation once more.
#[doc(hidden)]
pub trait OfFunction<F, Args> {
    fn function(&self) -> FunctionEntry<F, Args>;
}

impl<F: HandlerFn<Args>, Args> OfFunction<F, Args> for &Entry<F> {
    fn function(&self) -> FunctionEntry<F, Args> {
        FunctionEntry(self.0, PhantomData)
    }
}

#[doc(hidden)]
pub trait OfAnything {
    fn function(&self) -> NoEntry {
        NoEntry
    }
}

impl<F> OfAnything for Entry<F> {}

#[doc(hidden)]
pub trait OfHandler<F, Args, Triggers> {
    fn routes<S>(&self) -> Routes<S>
    where
        Triggers: HandlesWith<F, Args, S>;
}

impl<F, Args, Triggers> OfHandler<F, Args, Triggers> for &FunctionEntry<F, Args>
where
    F: HandlerFn<Args>,
    F::Future: Handled<Triggers = Triggers>,
    Triggers: Handles<F, Args>,
{
    fn routes<S>(&self) -> Routes<S>
    where
        Triggers: HandlesWith<F, Args, S>,
    {
        Routes::new(Triggers::routes(self.0, F::Future::METAS))
    }
}

#[doc(hidden)]
pub trait OfNone {
    fn routes<S>(&self) -> Routes<S> {
        Routes::default()
    }
}

impl<F, Args> OfNone for FunctionEntry<F, Args> {}
impl OfNone for NoEntry {}

/// A place for an argument of a handler in code that never runs. The compiler finds out its type, so
/// that the user's code alone names it: a type that cannot be had is reported once.
#[derive(Debug)]
pub struct Placeholder<E, A>(PhantomData<fn() -> (E, A)>);

impl<E: Trigger, A> Placeholder<E, A> {
    /// A place for an argument of any type.
    #[must_use]
    pub const fn new() -> Self {
        Self(PhantomData)
    }

    /// The place is one for the answer of a handler.
    pub fn is_answer_of<F: Future<Output = A>>(&self, _: F) {}
}

impl<E: Trigger, A> Default for Placeholder<E, A> {
    fn default() -> Self {
        Self::new()
    }
}

/// Fails to compile if an answer of this type is never an error.
///
/// # Panics
///
/// While compiling.
#[expect(clippy::panic, reason = "the only way to fail while compiling")]
#[track_caller]
pub const fn check_can_fail<E: Trigger, A: IntoOutcome<E>>(_: &Placeholder<E, A>) {
    if !A::CAN_FAIL {
        panic!(
            "the handler never fails, so `on = \"error\"` never hands off: return a `Result`, or leave `on` out"
        );
    }
}

/// The future of a handler can be moved between threads.
pub fn check_future<F: Send>(_: impl FnOnce() -> F) {}

/// Asks whether the future of a handler of `E` can be moved between threads.
#[derive(Debug)]
#[expect(clippy::type_complexity, reason = "a marker of three types")]
pub struct FutureCheck<E, Args, F>(PhantomData<fn() -> (E, Args, F)>);

impl<E, Args, F> FutureCheck<E, Args, F> {
    /// Of a handler that is given such arguments. It is not called.
    pub fn of(_: impl FnOnce() -> F) -> Self {
        Self(PhantomData)
    }
}

#[doc(hidden)]
pub trait IfExtracted<F> {
    fn check(&self)
    where
        F: Send,
    {
    }
}

impl<E: Trigger, Args: Extracted<E>, F> IfExtracted<F> for &FutureCheck<E, Args, F> {}

/// An argument that cannot be extracted may be what keeps the future from being moved, and has been
/// reported.
#[doc(hidden)]
pub trait Otherwise {
    fn check(&self) {}
}

impl<E, Args, F> Otherwise for FutureCheck<E, Args, F> {}
