use std::fmt;
use std::sync::Arc;

use super::filter::{CompiledFilter, RouteError};
use super::handler::{Arguments, CallFuture, ErasedHandler, Handler};
use super::meta::Meta;
use crate::extract::Context;
use crate::target::TargetApp;
use crate::trigger::Trigger;

/// A handler and the events it takes. Made by `routes![]`.
pub struct Route<S> {
    meta: Meta,
    pub(super) handoff: Option<TargetApp>,
    handler: Arc<dyn ErasedHandler<S>>,
}

impl<S: Sync + 'static> Route<S> {
    /// A handler of `E` events with these facts.
    pub(super) fn new<E, H, Args>(meta: Meta, handler: H) -> Self
    where
        E: Trigger,
        H: Handler<E, Args>,
        Args: Arguments<E, S>,
    {
        Self {
            meta,
            handoff: H::HANDOFF,
            handler: handler.erase(),
        }
    }
}

impl<S> Route<S> {
    pub(super) fn compile(
        self,
        regexes: &mut Vec<&'static str>,
    ) -> Result<CompiledRoute<S>, RouteError> {
        Ok(CompiledRoute {
            filter: CompiledFilter::new(&self.meta, regexes)?,
            meta: self.meta,
            handoff: self.handoff,
            handler: self.handler,
        })
    }
}

impl<S> Route<S> {
    /// The facts about the handler.
    #[must_use]
    pub fn meta(&self) -> &Meta {
        &self.meta
    }
}

impl<S> fmt::Debug for Route<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.meta.fmt(f)
    }
}

/// A route that is ready to match.
pub(super) struct CompiledRoute<S> {
    pub(super) meta: Meta,
    pub(super) handoff: Option<TargetApp>,
    pub(super) filter: CompiledFilter,
    handler: Arc<dyn ErasedHandler<S>>,
}

impl<S> CompiledRoute<S> {
    pub(super) fn call<'a>(&'a self, context: &'a Context, state: &'a S) -> CallFuture<'a> {
        self.handler.call(context, state)
    }
}
