//! What the macros write down about a handler: facts, no code.

use std::fmt;

use super::handler::{Handler, Takes};
use super::key::Key;
use super::route::Route;
use crate::extract::Argument;
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
    /// The attribute's keys: all have to match. Without keys it takes every event of the kind.
    pub keys: &'static [Key],
    /// What its arguments ask of the event.
    pub arguments: &'static [Argument],
}

impl fmt::Display for Meta {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` ({}:{})", self.name, self.file, self.line)
    }
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
    /// A `()` for each argument.
    type Arity;
    /// The facts.
    const META: Meta;

    /// The route to the function of the same name.
    fn route<S, H, Args>(handler: H) -> Route<S>
    where
        Self: Sized + 'static,
        S: 'static,
        Self::Arity: Takes<Args>,
        H: Handler<Self::Trigger, S, Args>,
        Args: 'static,
    {
        Route::new::<Self, H, Args>(handler)
    }
}
