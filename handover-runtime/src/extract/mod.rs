//! Extractors: what a handler can take as arguments.
//!
//! | extractor | gives | in handlers of |
//! |---|---|---|
//! | [`Sender`] | the person's id | all about a person |
//! | [`Thread`] | the thread's key | all about a person |
//! | [`Text`] | the text of the message | `on_message`, `on_echo`, `on_standby`, `fallback` |
//! | [`Attachments`] | the message's attachments | `on_message`, `on_echo`, `on_standby`, `fallback` |
//! | [`Captures`] | the groups of `regex` | `on_message` |
//! | [`Payload<T>`] | the payload of a postback, quick reply or opt-in | `on_postback`, `on_message`, `on_optin`, `fallback` |
//! | [`Metadata<T>`] | metadata from the other app | `on_pass_…`, `on_take_…`, `on_request_thread_control` |
//! | [`PreviousOwner`], [`NewOwner`] | the apps of a handover | `on_pass_…`, `on_take_thread_control` |
//! | [`RequestingApp`] | the app that requests the thread | `on_request_thread_control` |
//! | [`AppRoles`] | the roles | `on_app_roles` |
//! | `Message`, `Postback`, `Referral`, `Optin`, `AccountLinking`, `Reaction`, `Read`, `Delivery` of [`protocol`](handover_protocol) | the content of the event, every field of it | the handlers of that event |
//! | [`Content<T>`] | the content of the event as JSON | `on_message_edit`, `on_feedback`, `on_policy_enforcement`, `on_event`, `on_standby` |
//! | [`Notice`](crate::Notice) | what became of the thread, and the note of the handoff | `on_handoff` |
//! | [`Failure`] | why a handler failed | `on_error` |
//! | [`FailedHandoff`] | which handoff failed, and why | `on_handoff_failed` |
//! | [`FailedSend`] | which message was not sent, and why | `on_send_failed` |
//! | [`Signal<T>`] | the signal that was sent into the thread | `on_signal` |
//! | [`DeletedMessage`] | the id of the message that was deleted | `on_message_deleted` |
//! | [`Burst`] | the messages that are handled together | `on_message`, `fallback` |
//! | [`Handback`] | what happened while another app owned the thread | `on_pass_…`, `on_take_thread_control`, `on_timer` |
//! | [`History`] | the last turns of the thread, whoever spoke | all about a person |
//! | [`Ownership`] | who owns the thread, since when, and whether the bot is paused in it | all about a person |
//! | [`Window`] | until when the bot may answer, and until when a human may | all about a person |
//! | [`Now`] | the time by the bot's clock | all |
//! | [`Timers`] | timers of the thread, to set and to cancel | all about a person |
//! | [`OfficeHours`](crate::OfficeHours) | when the people behind the account answer | all |
//! | [`Session<T>`] | the thread's session | all about a person |
//! | [`SessionPart<T>`] | a named part of it, of one module | all about a person |
//! | [`State<T>`] | a part of the bot's state | all |
//! | [`Event`] | the whole event as received | all |
//! | [`Graph`](crate::graph::Graph) | the Graph client of the account, for calls past the outbox: at once, and without its guard | all |
//! | `Option<T>`, `Result<T, Rejection>` | the extractor `T`, if it is available | as `T` |
//!
//! If an event does not have what a handler's arguments require (a picture has no [`Text`]), that is not an
//! error: the handler is skipped and the next one in the list is tried. Write `Option<Text>` to take it
//! anyway.

/// Implements an extractor for handlers of the listed triggers; `$argument` is its requirement on the event,
/// `$extract` takes it from a `&Context`.
///
/// One `impl` per trigger: behind a helper trait, rustc would complain about that trait instead of naming the
/// argument that is not available.
macro_rules! available_in {
    ([] $($_:tt)*) => {};
    ([$trigger:ident $(, $more:ident)*] impl [$($generics:tt)*] $extractor:ty, $argument:expr, $extract:expr) => {
        impl<$($generics)*> $crate::extract::FromEvent<$crate::trigger::$trigger> for $extractor {
            type State = $crate::state::NoState;

            const ARGUMENT: $crate::extract::Argument = $argument;

            async fn from_event(
                context: &$crate::extract::Context,
                _: &$crate::state::NoState,
            ) -> Result<Self, $crate::extract::Rejection> {
                $extract(context)
            }
        }

        available_in!([$($more),*] impl [$($generics)*] $extractor, $argument, $extract);
    };
}

mod apps;
mod argument;
mod burst;
pub(crate) mod captures;
mod content;
mod content_types;
mod context;
mod event;
mod failure;
mod handback;
mod history;
mod message;
mod metadata;
mod now;
pub(crate) mod payload;
mod session;
mod signal;
mod state;
mod thread;
mod timers;

use std::future::Future;

pub use apps::{AppRoles, NewOwner, PreviousOwner, RequestingApp};
pub use argument::{Argument, PayloadShape};
pub(crate) use argument::{ArgumentSource, Requirement, SessionArgument, SignalOf};
pub use burst::Burst;
pub use captures::Captures;
pub use content::Content;
pub use context::Context;
pub(crate) use context::{ContextInner, ContextState, Groups};
pub use event::Event;
pub use failure::Failure;
pub use handback::Handback;
pub use history::History;
pub use message::{Attachments, DeletedMessage, Text};
pub use metadata::Metadata;
pub use now::Now;
#[doc(hidden)]
pub use payload::PayloadValue;
pub use payload::{FromPayload, Payload, PayloadCaptures};
pub use session::{Session, SessionData, SessionPart, SessionPartData};
pub use signal::Signal;
pub use state::State;
#[doc(hidden)]
pub use state::StatePart;
pub use thread::{Sender, Thread};
pub use timers::Timers;

pub use crate::failure_kind::FailureKind;
pub use crate::internal_event::{FailedHandoff, FailedSend};
use crate::state::NoState;
pub use crate::thread::{Ownership, Window};
use crate::trigger::Trigger;

/// An argument of a handler for the trigger `E`.
///
/// Implement it for your own types to take them as arguments:
///
/// ```
/// use handover_runtime::extract::{Context, FromEvent, Rejection, Text};
/// use handover_runtime::trigger::OnMessage;
/// use handover_runtime::NoState;
///
/// /// How many words the person wrote.
/// struct WordCount(usize);
///
/// impl FromEvent<OnMessage> for WordCount {
///     type State = NoState;
///
///     async fn from_event(context: &Context, state: &NoState) -> Result<Self, Rejection> {
///         let text = <Text as FromEvent<OnMessage>>::from_event(context, state).await?;
///         Ok(Self(text.split_whitespace().count()))
///     }
/// }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not available in an `{E}` handler",
    label = "cannot be extracted from this event",
    note = "the table in `handover::extract` says which arguments each event offers"
)]
pub trait FromEvent<E: Trigger>: Sized {
    /// The part of the bot's state that this argument reads; [`NoState`] for none.
    type State: Sync + 'static;

    /// Its requirement on the event. With [`Argument::ALWAYS`] the compiler sees that handlers after this
    /// one can never run.
    const ARGUMENT: Argument = Argument::MAYBE;

    /// Takes the argument from the event.
    ///
    /// # Errors
    ///
    /// Returns a [`Rejection`] if the event does not have it; the next route is tried then.
    fn from_event(
        context: &Context,
        state: &Self::State,
    ) -> impl Future<Output = Result<Self, Rejection>> + Send;
}

/// Never implemented: its message names the type to take instead of one that is no extractor.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "`handover::Message` is what a bot sends, and cannot be an argument",
    label = "take `Text` for the text, or `handover::protocol::Message` for all that came"
)]
pub trait ReceivesMessage: Trigger {}

#[doc(hidden)]
impl<E: ReceivesMessage> FromEvent<E> for crate::Message {
    type State = NoState;

    async fn from_event(_: &Context, _: &NoState) -> Result<Self, Rejection> {
        Err(Rejection::new("Message", "it is what a bot sends"))
    }
}

/// The same for the context.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "a handler takes what it needs one by one, and no `Context`",
    label = "take extractors such as `Sender`, `Text`, `Thread`, `Event` or `Graph`"
)]
pub trait GivesContext: Trigger {}

#[doc(hidden)]
impl<E: GivesContext> FromEvent<E> for Context {
    type State = NoState;

    async fn from_event(context: &Context, _: &NoState) -> Result<Self, Rejection> {
        Ok(context.clone())
    }
}

/// Why an argument is not available from this event.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{argument}: {reason}")]
pub struct Rejection {
    argument: &'static str,
    reason: String,
    is_fault: bool,
}

impl Rejection {
    /// Creates a rejection: `argument` is not available, because of `reason`.
    pub fn new(argument: &'static str, reason: impl Into<String>) -> Self {
        Self {
            argument,
            reason: reason.into(),
            is_fault: false,
        }
    }

    /// Creates a rejection that counts as a failure of the handler, if skipping it would hide that
    /// something is broken.
    pub(crate) fn fault(argument: &'static str, reason: impl Into<String>) -> Self {
        Self {
            is_fault: true,
            ..Self::new(argument, reason)
        }
    }

    pub(crate) fn is_fault(&self) -> bool {
        self.is_fault
    }
}

impl<E: Trigger, T: FromEvent<E>> FromEvent<E> for Option<T> {
    type State = T::State;

    const ARGUMENT: Argument = T::ARGUMENT.optional();

    async fn from_event(context: &Context, state: &T::State) -> Result<Self, Rejection> {
        Ok(T::from_event(context, state).await.ok())
    }
}

impl<E: Trigger, T: FromEvent<E>> FromEvent<E> for Result<T, Rejection> {
    type State = T::State;

    const ARGUMENT: Argument = T::ARGUMENT.optional();

    async fn from_event(context: &Context, state: &T::State) -> Result<Self, Rejection> {
        Ok(T::from_event(context, state).await)
    }
}

impl<E: Trigger> FromEvent<E> for crate::OfficeHours {
    type State = NoState;

    const ARGUMENT: Argument = Argument::ALWAYS;

    async fn from_event(context: &Context, _: &NoState) -> Result<Self, Rejection> {
        Ok(context.office_hours())
    }
}

impl<E: Trigger> FromEvent<E> for crate::graph::Graph {
    type State = NoState;

    const ARGUMENT: Argument = Argument::ALWAYS;

    async fn from_event(context: &Context, _: &NoState) -> Result<Self, Rejection> {
        Ok(context.graph().clone())
    }
}
