//! What an argument asks of an event, known at compile time: so handlers that can never run, and
//! patterns that fill no argument, are found by the compiler.

/// What an argument asks of an event.
#[derive(Clone, Copy, Debug)]
pub struct Argument {
    pub(crate) need: Requirement,
    pub(crate) source: ArgumentSource,
}

/// Where an argument's value is from, as far as handlers can be wrong about it.
#[derive(Clone, Copy, Debug)]
pub(crate) enum ArgumentSource {
    Event,
    Payload(PayloadShape),
    Captures,
    Session(SessionArgument),
}

/// Which part of a thread's memory it is.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SessionArgument {
    /// Its name; `None` is the session.
    pub(crate) part: Option<&'static str>,
    pub(crate) type_name: fn() -> &'static str,
}

/// What has to be in an event for an argument to be had.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Requirement {
    Nothing,
    Text,
    Attachment,
    Payload,
    /// It may refuse any event.
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
    /// It can be had from every event of the kind.
    pub const ALWAYS: Self = Self::needing(Requirement::Nothing);
    /// It may refuse any event.
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

    /// The same as an `Option` or a `Result`: nothing is needed any more.
    pub(crate) const fn optional(self) -> Self {
        Self {
            need: Requirement::Nothing,
            source: self.source,
        }
    }
}
