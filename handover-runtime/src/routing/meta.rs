//! What the macros write down about a handler: facts, no code.

use std::fmt;

use crate::target::TargetApp;
use crate::trigger::{Trigger, TriggerKind};

/// The facts about one annotated handler.
#[derive(Clone, Copy, Debug)]
pub struct Meta {
    /// The function's name.
    pub name: &'static str,
    /// Its doc comment.
    pub doc: &'static str,
    /// The module it stands in.
    pub module: &'static str,
    /// The file it stands in.
    pub file: &'static str,
    /// The line of its attribute.
    pub line: u32,
    /// Which attribute it has.
    pub trigger: TriggerKind,
    /// Which events of that kind it takes.
    pub filter: Filter,
}

impl fmt::Display for Meta {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` ({}:{})", self.name, self.file, self.line)
    }
}

/// The keys of an attribute. An absent key takes everything; all present keys must match.
#[derive(Clone, Copy, Debug, Default)]
pub struct Filter {
    /// `text = …`: the message's text is one of these; trimmed, case ignored.
    pub text: &'static [&'static str],
    /// `regex = …`: this is found in the message's text.
    pub regex: Option<&'static str>,
    /// `quick_reply = …`: the payload of the tapped quick reply is one of these.
    pub quick_reply: &'static [&'static str],
    /// `payload = …`: the postback's payload is one of these.
    pub payload: &'static [&'static str],
    /// `from = …`: the app that the thread comes from, or that asks for it.
    pub from: Option<TargetApp>,
    /// `to = …`: the app that the thread goes to.
    pub to: Option<TargetApp>,
    /// `name = …`, `kind = …`: the event's kind by its wire name.
    pub kind: &'static [&'static str],
}

impl Filter {
    /// Takes every event of the kind.
    pub const ANY: Self = Self {
        text: &[],
        regex: None,
        quick_reply: &[],
        payload: &[],
        from: None,
        to: None,
        kind: &[],
    };
}

/// The companion of an annotated handler: a type of the same name that carries its facts.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not an annotated handler",
    label = "needs an attribute such as `#[on_message]`",
    note = "`routes![]` lists functions that have one of the `#[on_*]` attributes or `#[fallback]`"
)]
pub trait Described {
    /// The trigger that the attribute names.
    type Trigger: Trigger;
    /// The facts.
    const META: Meta;
}
