use std::fmt;
use std::ops::Deref;

use handover_protocol::PersonId;

use super::{Argument, Context, FromEvent, Rejection};
use crate::state::NoState;
use crate::thread::{Ownership, ThreadKey, Window};
use crate::trigger::HasPerson;

/// Id of the person: a PSID, on Instagram an IGSID.
///
/// ```
/// use handover_runtime::extract::Sender;
///
/// assert_eq!(Sender::new("1254477777772919").to_string(), "1254477777772919");
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Sender(pub PersonId);

impl Sender {
    /// For unit tests: the person with this id.
    pub fn new(id: impl Into<PersonId>) -> Self {
        Self(id.into())
    }
}

impl Deref for Sender {
    type Target = PersonId;

    fn deref(&self) -> &PersonId {
        &self.0
    }
}

impl fmt::Display for Sender {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl<E: HasPerson> FromEvent<E> for Sender {
    type State = NoState;

    const ARGUMENT: Argument = Argument::ALWAYS;

    async fn from_event(context: &Context, _: &NoState) -> Result<Self, Rejection> {
        match context.thread().person() {
            Some(person) => Ok(Self(person.clone())),
            None => Err(Rejection::new("Sender", "the event names no person")),
        }
    }
}

/// The thread of the event.
///
/// ```
/// use handover_runtime::{ThreadKey, extract::Thread};
///
/// let thread = Thread(ThreadKey::new("1744550565845823", "1254477777772919"));
/// assert_eq!(thread.person(), Some(&"1254477777772919".into()));
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Thread(pub ThreadKey);

impl Deref for Thread {
    type Target = ThreadKey;

    fn deref(&self) -> &ThreadKey {
        &self.0
    }
}

impl<E: HasPerson> FromEvent<E> for Thread {
    type State = NoState;

    const ARGUMENT: Argument = Argument::ALWAYS;

    async fn from_event(context: &Context, _: &NoState) -> Result<Self, Rejection> {
        Ok(Self(context.thread().clone()))
    }
}

impl<E: HasPerson> FromEvent<E> for Ownership {
    type State = NoState;

    const ARGUMENT: Argument = Argument::ALWAYS;

    async fn from_event(context: &Context, _: &NoState) -> Result<Self, Rejection> {
        Ok(context.thread_state().ownership_at(context.now()))
    }
}

impl<E: HasPerson> FromEvent<E> for Window {
    type State = NoState;

    const ARGUMENT: Argument = Argument::ALWAYS;

    async fn from_event(context: &Context, _: &NoState) -> Result<Self, Rejection> {
        Ok(context.thread_state().window(context.now()))
    }
}
