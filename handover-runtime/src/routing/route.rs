use std::fmt;
use std::sync::Arc;

use super::filter::{CompiledFilter, RouteError};
use super::handler::{ErasedHandler, HandlerFuture};
use super::meta::Meta;
use crate::extract::Context;
use crate::target::TargetApp;

/// A handler and the events it takes. Made by `routes![]`.
pub struct Route<S> {
    meta: Meta,
    pub(super) handoff: Option<TargetApp>,
    handler: Arc<dyn ErasedHandler<S>>,
}

impl<S> Route<S> {
    /// Adds the route of the next trigger. Not generic over the handler: the compiler makes it once.
    pub(super) fn add(
        routes: &mut Vec<Self>,
        metas: &'static [Meta],
        handoff: Option<TargetApp>,
        handler: Arc<dyn ErasedHandler<S>>,
    ) {
        if let Some(meta) = metas.get(routes.len()) {
            routes.push(Self {
                meta: *meta,
                handoff,
                handler,
            });
        }
    }
}

impl Route<()> {
    pub(super) fn compile(
        self,
        regexes: &mut Vec<&'static str>,
    ) -> Result<CompiledRoute, RouteError> {
        Ok(CompiledRoute {
            filter: CompiledFilter::new(&self.meta, regexes)?,
            meta: self.meta,
            handoff: self.handoff,
            handler: self.handler,
        })
    }
}

impl<S: Send + Sync + 'static> Route<S> {
    /// Sets the state that the handler takes.
    pub(super) fn with_state(self, state: Arc<S>) -> Route<()> {
        Route {
            meta: self.meta,
            handoff: self.handoff,
            handler: Arc::new(WithState {
                handler: self.handler,
                state,
            }),
        }
    }
}

/// A handler and the state that it takes.
struct WithState<S> {
    handler: Arc<dyn ErasedHandler<S>>,
    state: Arc<S>,
}

impl<S: Send + Sync> ErasedHandler<()> for WithState<S> {
    fn call<'a>(&'a self, context: &'a Context, (): &'a ()) -> HandlerFuture<'a> {
        self.handler.call(context, &self.state)
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
pub(super) struct CompiledRoute {
    pub(super) meta: Meta,
    pub(super) handoff: Option<TargetApp>,
    pub(super) filter: CompiledFilter,
    handler: Arc<dyn ErasedHandler<()>>,
}

impl CompiledRoute {
    pub(super) fn call<'a>(&'a self, context: &'a Context) -> HandlerFuture<'a> {
        self.handler.call(context, &())
    }
}
