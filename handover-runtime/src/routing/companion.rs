//! What the attributes attach to a handler, and how `routes![]` finds it.
//!
//! A handler's name is taken in the value namespace alone, so that it may be imported, exported and
//! shared with a module like that of any function. What the attribute knows travels with the type of
//! the future that the function returns.

use std::fmt;
use std::future::Future;
use std::marker::PhantomData;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{self, Poll};

use super::handler::{Arguments, BoxAnswer, ErasedHandler, Extracted, TypedHandler};
use super::meta::Meta;
use super::route::Route;
use super::routes::Routes;
use crate::extract::Session;
use crate::outcome::IntoOutcome;
use crate::trigger::Trigger;

/// The facts about a handler with these arguments and this answer. `MaybeSession` is the argument
/// that may be a session, or `()`.
///
/// The types are parameters and not associated ones, which would have to be as public as the handler.
pub trait Companion<Args, Answer, MaybeSession>: 'static {
    /// A tuple of the triggers; none after a mistake that the attribute has reported.
    type Triggers;
    /// The facts, for each trigger.
    const METAS: &'static [Meta];

    /// Calls the function.
    fn call(arguments: Args) -> BoxAnswer<Answer>;
}

/// The companion after a mistake: it can be listed, and does nothing.
#[derive(Debug)]
pub enum Inert {}

impl<Args, Answer: 'static> Companion<Args, Answer, ()> for Inert {
    type Triggers = ();
    const METAS: &'static [Meta] = &[];

    fn call(_: Args) -> BoxAnswer<Answer> {
        Box::pin(std::future::pending())
    }
}

/// The future that a handler's function returns. `C` is the handler's companion, a type that only its
/// attribute makes.
#[must_use = "futures do nothing unless you `.await` or poll them"]
pub struct Attached<C, A> {
    future: BoxAnswer<A>,
    companion: PhantomData<fn() -> C>,
}

impl<C, A> Future for Attached<C, A> {
    type Output = A;

    fn poll(mut self: Pin<&mut Self>, context: &mut task::Context<'_>) -> Poll<A> {
        self.future.as_mut().poll(context)
    }
}

impl<C, A> fmt::Debug for Attached<C, A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Attached").finish_non_exhaustive()
    }
}

/// A call of the handler.
pub fn attach<C: Companion<Args, A, MaybeSession>, Args, A, MaybeSession>(
    arguments: Args,
) -> Attached<C, A> {
    Attached {
        future: C::call(arguments),
        companion: PhantomData,
    }
}

/// A call of a handler after a mistake.
pub fn inert<F: Future>(_: F) -> Attached<Inert, F::Output>
where
    F::Output: 'static,
{
    attach::<Inert, (), F::Output, ()>(())
}

/// Type of the future of such a handler, if its own is not available.
pub async fn nothing() {}

/// A function with one of the attributes, whose arguments are `Args`.
#[diagnostic::on_unimplemented(
    message = "`routes![]` lists handlers, and this is not one",
    label = "not a function with an attribute such as `#[on_message]`",
    note = "write one of the `#[on_*]` attributes or `#[fallback]` above the function, also where it has `#[handoff]`"
)]
pub trait HandlerFn<Args> {
    /// See [`Companion`].
    type Companion;
    /// What its future gives.
    type Answer;
}

/// A tuple of triggers whose events give such arguments and take such an answer.
pub trait Handles<Args, Answer> {}

/// The same with a bot's state that provides what the arguments need.
pub trait HandlesWith<Args, Answer, S> {
    /// One route for each trigger, in order.
    fn routes(metas: &'static [Meta], function: fn(Args) -> BoxAnswer<Answer>) -> Vec<Route<S>>;
}

impl<Args, Answer> Handles<Args, Answer> for () {}

impl<Args, Answer, S> HandlesWith<Args, Answer, S> for () {
    fn routes(_: &'static [Meta], _: fn(Args) -> BoxAnswer<Answer>) -> Vec<Route<S>> {
        Vec::new()
    }
}

macro_rules! handles_all {
    ($([$($trigger:ident),*])*) => {$(
        impl<Args, Answer, $($trigger),*> Handles<Args, Answer> for ($($trigger,)*)
        where
            $($trigger: Trigger, Args: Extracted<$trigger>, Answer: IntoOutcome<$trigger>,)*
            Args: Send + 'static,
        {
        }

        impl<Args, Answer, S, $($trigger),*> HandlesWith<Args, Answer, S> for ($($trigger,)*)
        where
            S: Sync + 'static,
            Answer: 'static,
            $($trigger: Trigger, Args: Arguments<$trigger, S>, Answer: IntoOutcome<$trigger>,)*
        {
            fn routes(
                metas: &'static [Meta],
                function: fn(Args) -> BoxAnswer<Answer>,
            ) -> Vec<Route<S>> {
                let mut routes = Vec::new();
                $(Route::add(
                    &mut routes,
                    metas,
                    <Answer as IntoOutcome<$trigger>>::HANDOFF,
                    extracting::<$trigger, Args, Answer, S>(function),
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

fn extracting<E, Args, Answer, S>(
    function: fn(Args) -> BoxAnswer<Answer>,
) -> Arc<dyn ErasedHandler<S>>
where
    E: Trigger,
    S: Sync,
    Args: Arguments<E, S>,
    Answer: IntoOutcome<E> + 'static,
{
    Arc::new(TypedHandler::<E, Args, Answer> {
        function,
        trigger: PhantomData,
    })
}

/// The facts about the handler, while compiling. Asks whether the function is one.
pub const fn metas<F, Args, MaybeSession>(_: &F) -> &'static [Meta]
where
    F: HandlerFn<Args>,
    F::Companion: Companion<Args, F::Answer, MaybeSession>,
{
    F::Companion::METAS
}

/// An entry of `routes![]`, whatever it is.
///
/// What is wrong with a handler is reported where it is written, and what is none where [`metas`]
/// asks. So here both are left out silently: the compiler takes the methods of [`OfHandler`] and
/// [`Listed`] where they apply, and those of [`OfAnything`] and [`OfNone`] elsewhere.
#[derive(Debug)]
pub struct Entry<F>(pub F);

type Triggers<F, Args, MaybeSession> = <<F as HandlerFn<Args>>::Companion as Companion<
    Args,
    <F as HandlerFn<Args>>::Answer,
    MaybeSession,
>>::Triggers;

#[doc(hidden)]
pub trait OfHandler<F: HandlerFn<Args>, Args, MaybeSession>
where
    F::Companion: Companion<Args, F::Answer, MaybeSession>,
{
    fn listed(&self) -> Listed<Triggers<F, Args, MaybeSession>, Args, F::Answer, MaybeSession> {
        Listed {
            metas: F::Companion::METAS,
            function: F::Companion::call,
            marker: PhantomData,
        }
    }
}

impl<F: HandlerFn<Args>, Args, MaybeSession> OfHandler<F, Args, MaybeSession> for &Entry<F> where
    F::Companion: Companion<Args, F::Answer, MaybeSession>
{
}

#[doc(hidden)]
pub trait OfAnything {
    fn listed(&self) -> Listed<(), (), (), ()> {
        Listed {
            metas: &[],
            function: |()| Box::pin(std::future::ready(())),
            marker: PhantomData,
        }
    }
}

impl<F> OfAnything for Entry<F> {}

/// A handler in a list. No type parameter says which one, so that the compiler looks once at all that
/// have the same types.
pub struct Listed<Triggers, Args, Answer, MaybeSession> {
    metas: &'static [Meta],
    function: fn(Args) -> BoxAnswer<Answer>,
    marker: PhantomData<fn() -> (Triggers, MaybeSession)>,
}

impl<Triggers, Args, Answer, MaybeSession> fmt::Debug
    for Listed<Triggers, Args, Answer, MaybeSession>
{
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Listed").field(&self.metas).finish()
    }
}

/// What is wrong with a handler is reported where it is written. So here it is left out silently: the
/// compiler takes this method where it applies, and that of [`OfNone`] elsewhere.
impl<Triggers: Handles<Args, Answer>, Args, Answer, MaybeSession>
    Listed<Triggers, Args, Answer, MaybeSession>
{
    /// A route for each trigger.
    pub fn routes<S>(&self) -> Routes<S>
    where
        Triggers: HandlesWith<Args, Answer, S>,
    {
        Routes::new(Triggers::routes(self.metas, self.function))
    }
}

#[doc(hidden)]
pub trait OfNone {
    fn routes<S>(&self) -> Routes<S> {
        Routes::default()
    }
}

impl<Triggers, Args, Answer, MaybeSession> OfNone for Listed<Triggers, Args, Answer, MaybeSession> {}

/// The type of the sessions in a list.
#[derive(Debug)]
pub struct SessionType<T>(PhantomData<fn() -> T>);

/// A list without sessions so far.
#[derive(Debug)]
pub struct NoSession;

/// A session, needed or not.
#[doc(hidden)]
pub trait SomeSession {
    type Stored;
}

impl<T> SomeSession for Session<T> {
    type Stored = T;
}

impl<T> SomeSession for Option<Session<T>> {
    type Stored = T;
}

// The compiler takes this method where it applies, and that of `OfOther` elsewhere.
impl<Triggers, Args, Answer, MaybeSession: SomeSession>
    Listed<Triggers, Args, Answer, MaybeSession>
{
    /// The sessions of a list that ends with this handler.
    pub fn sessions<Earlier: Then<MaybeSession::Stored>>(&self, earlier: Earlier) -> Earlier::All {
        earlier.then()
    }
}

#[doc(hidden)]
pub trait OfOther {
    fn sessions<Earlier>(&self, earlier: Earlier) -> Earlier {
        earlier
    }
}

impl<Triggers, Args, Answer, MaybeSession> OfOther
    for Listed<Triggers, Args, Answer, MaybeSession>
{
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

/// A place for the answer of a handler in code that never runs. The compiler finds out its type, so
/// that the user's code alone names it: a type that cannot be had is reported once.
#[derive(Debug)]
pub struct Placeholder<E, A>(PhantomData<fn() -> (E, A)>);

impl<E: Trigger, A> Placeholder<E, A> {
    /// A place for an answer of any type.
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

/// The handler's future, which has to be one that can be moved between threads.
pub fn boxed<F: Future + Send + 'static>(future: F) -> BoxAnswer<F::Output> {
    Box::pin(future)
}

/// The future of what is made of its answer.
pub fn mapped<A: 'static, B: 'static>(future: BoxAnswer<A>, map: fn(A) -> B) -> BoxAnswer<B> {
    Box::pin(async move { map(future.await) })
}

/// Asks whether the future of a handler of `E` can be moved between threads.
#[derive(Debug)]
pub struct Boxing<E, Args>(PhantomData<fn() -> (E, Args)>);

impl<E, Args> Boxing<E, Args> {
    /// For a handler with such arguments.
    pub const NEW: Self = Self(PhantomData);
}

// The compiler takes this method where it applies, and that of `Otherwise` elsewhere.
impl<E: Trigger, Args: Extracted<E>> Boxing<E, Args> {
    /// The handler's future.
    pub fn boxed<F: Future + Send + 'static>(&self, future: F) -> BoxAnswer<F::Output> {
        Box::pin(future)
    }
}

/// An argument that cannot be extracted may be what keeps the future from being moved, and has been
/// reported.
#[doc(hidden)]
pub trait Otherwise {
    fn boxed<F: Future>(&self, _: F) -> BoxAnswer<F::Output>
    where
        F::Output: 'static,
    {
        Box::pin(std::future::pending())
    }
}

impl<E, Args> Otherwise for Boxing<E, Args> {}
