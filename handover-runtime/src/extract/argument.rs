//! Requirements of arguments, known at compile time: so the compiler finds handlers that can never run, and
//! patterns that fill no argument.

use serde_json::Value;

/// Requirements of an argument on the event.
#[derive(Clone, Copy, Debug)]
pub struct Argument {
    pub(crate) need: Requirement,
    pub(crate) source: ArgumentSource,
}

/// Source of an argument's value, as far as a handler can be wrong about it.
#[derive(Clone, Copy, Debug)]
pub(crate) enum ArgumentSource {
    Event,
    Payload(PayloadShape),
    Captures,
    Session(SessionArgument),
    Signal(SignalOf),
    /// What the bot keeps of the conversation.
    History,
}

/// Which signal it is.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SignalOf {
    pub(crate) name: &'static str,
    /// Whether JSON is the content of such a signal; or why not.
    pub(crate) check: fn(&Value) -> Result<(), String>,
}

/// The session, or a part of it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SessionArgument {
    /// Name of the part; `None` is the session itself.
    pub(crate) part: Option<&'static str>,
    pub(crate) type_name: fn() -> &'static str,
}

/// What an event has to contain for the argument.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Requirement {
    Nothing,
    Text,
    Attachment,
    Payload,
    /// May reject any event.
    Unpredictable,
}

/// How a type reads a payload.
#[derive(Clone, Copy, Debug)]
pub enum PayloadShape {
    /// One value: the whole payload, or the only capture of a pattern.
    One,
    /// As many captures as this, in order.
    Several(usize),
    /// Captures of these names.
    Named(&'static [&'static str]),
}

impl Argument {
    /// Available from every event of the kind.
    pub const ALWAYS: Self = Self::needing(Requirement::Nothing);
    /// May reject any event.
    pub const MAYBE: Self = Self::needing(Requirement::Unpredictable);

    pub(crate) const fn needing(need: Requirement) -> Self {
        Self {
            need,
            source: ArgumentSource::Event,
        }
    }

    pub(crate) const fn from(source: ArgumentSource, need: Requirement) -> Self {
        Self { need, source }
    }

    /// The requirements of an `Option` or a `Result` of it: none.
    pub(crate) const fn optional(self) -> Self {
        Self {
            need: Requirement::Nothing,
            source: self.source,
        }
    }
}
