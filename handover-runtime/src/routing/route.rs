use std::fmt;
use std::sync::Arc;

use super::filter::{CompiledFilter, RouteError};
use super::handler::{CallFuture, ErasedHandler, Handler};
use super::meta::{Described, Meta};
use crate::context::Context;
use crate::target::TargetApp;

/// A handler and the events it takes. Made by `routes![]`.
pub struct Route<S> {
    meta: Meta,
    pub(super) handoff: Option<TargetApp>,
    handler: Arc<dyn ErasedHandler<S>>,
}

impl<S: 'static> Route<S> {
    /// The type `D` carries the facts, the value is the function: `routes![]` names both.
    pub fn new<D, H, Args>(handler: H) -> Self
    where
        D: Described + 'static,
        H: Handler<D::Trigger, S, Args>,
        Args: 'static,
    {
        Self {
            meta: D::META,
            handoff: H::HANDOFF,
            handler: handler.erase(),
        }
    }

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
