//! What the macros write down about a handler: facts, no code.

use std::fmt;

use super::key::Key;
use crate::extract::{Argument, ArgumentSource, SignalOf};
use crate::trigger::TriggerKind;

/// The facts about one annotated handler.
#[derive(Clone, Copy, Debug)]
pub struct Meta {
    /// The function's name.
    pub name: &'static str,
    /// Its doc comment.
    pub doc: &'static str,
    /// Module of the handler.
    pub module: &'static str,
    /// File of the handler.
    pub file: &'static str,
    /// The line of its attribute.
    pub line: u32,
    /// Which attribute it has.
    pub trigger: TriggerKind,
    /// The attribute's keys: all have to match. Without keys it takes every event of the kind.
    pub keys: &'static [Key],
    /// Requirements of its arguments on the event.
    pub arguments: &'static [Argument],
}

impl Meta {
    /// The signal that it takes, if it waits for one.
    pub(crate) const fn signal(&self) -> Option<SignalOf> {
        let mut at = 0;
        while at < self.arguments.len() {
            if let ArgumentSource::Signal(signal) = self.arguments[at].source {
                return Some(signal);
            }
            at += 1;
        }
        None
    }
}

impl fmt::Display for Meta {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` ({}:{})", self.name, self.file, self.line)
    }
}
