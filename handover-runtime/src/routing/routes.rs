use std::collections::HashMap;
use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;
use std::time::Duration;

use regex::RegexSet;

use super::filter::{RouteError, TextMatches};
use super::key::Key;
use super::meta::Meta;
use super::pace::Pace;
use super::reachability::covers;
use super::route::{CompiledRoute, Route};
use crate::extract::{Argument, ArgumentSource, Context, Groups, SignalOf};
use crate::outcome::{HandlerError, Outcome};
use crate::state::SharedStates;
use crate::target::{AppDirectory, TargetApp};
use crate::trigger::TriggerKind;

/// A list of routes over the bot's state `S`. The first one that takes an event handles it;
/// `#[fallback]` comes last, wherever it is listed.
///
/// Lists of several modules compose:
///
/// ```
/// use handover_runtime::Routes;
///
/// fn all(orders: Routes, support: Routes) -> Routes {
///     orders.routes(support)
/// }
/// ```
///
/// `Listed` marks a `routes![]` without a handler, which no bot takes. An empty list for a test is
/// `Routes::default()`.
pub struct Routes<S = (), Listed = Handlers> {
    pub(super) routes: Vec<Route<S>>,
    states: SharedStates,
    listed: PhantomData<fn() -> Listed>,
}

impl<S> Default for Routes<S> {
    fn default() -> Self {
        Self::new(Vec::new())
    }
}

impl<S> Routes<S> {
    /// The list of these routes.
    pub(super) fn new(routes: Vec<Route<S>>) -> Self {
        Self {
            routes,
            states: SharedStates::default(),
            listed: PhantomData,
        }
    }

    /// One list of several, which is what `routes![]` makes.
    #[must_use]
    pub fn join<const N: usize>(lists: [Self; N]) -> Self {
        let mut joined = Self::default();
        for list in lists {
            joined.routes.extend(list.routes);
            joined.states.extend(list.states);
        }
        joined
    }
}

impl<S, Listed> Routes<S, Listed> {
    /// Appends another list.
    #[must_use]
    pub fn routes<Others>(mut self, others: Routes<S, Others>) -> Routes<S> {
        self.routes.extend(others.routes);
        self.states.extend(others.states);
        self.relisted()
    }

    /// Sets the state, parts of which the handlers take as
    /// [`State<T>`](crate::extract::State).
    ///
    /// Lists over different states become one bot:
    ///
    /// ```
    /// use handover_runtime::{Bot, Routes};
    ///
    /// struct Orders;
    /// struct Support;
    ///
    /// fn bot(orders: Routes<Orders>, support: Routes<Support>) -> Bot {
    ///     Bot::new(orders.with_state(Orders).routes(support.with_state(Support)))
    /// }
    /// ```
    #[must_use]
    pub fn with_state(self, state: S) -> Routes<(), Listed>
    where
        S: Send + Sync + 'static,
    {
        let state = Arc::new(state);
        let routes = self.routes.into_iter();
        let routes = routes.map(|route| route.with_state(state.clone()));
        let routes = routes.collect();
        let mut states = self.states;
        states.extend(SharedStates::of(state));
        Routes {
            routes,
            states,
            listed: PhantomData,
        }
    }

    fn relisted<Other>(self) -> Routes<S, Other> {
        Routes {
            routes: self.routes,
            states: self.states,
            listed: PhantomData,
        }
    }

    /// The states that the handlers have.
    pub(crate) const fn states(&self) -> &SharedStates {
        &self.states
    }

    /// The facts about each handler, in listed order.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &Meta> {
        self.routes.iter().map(Route::meta)
    }

    /// The names of the apps that the handlers name.
    pub(crate) fn named_apps(&self) -> impl Iterator<Item = &'static str> {
        let routes = self.routes.iter();
        routes.flat_map(|route| named_apps(route.meta(), route.handoff))
    }
}

impl<S, Listed> fmt::Debug for Routes<S, Listed> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(&self.routes).finish()
    }
}

/// Type of a list that may have handlers.
#[derive(Debug)]
pub enum Handlers {}

/// Type of `routes![]` without a handler, unless a `Routes` is expected.
#[derive(Debug)]
pub enum NoHandlers {}

/// A list that may have handlers.
#[diagnostic::on_unimplemented(
    message = "this list has no handlers, so the bot would answer nothing",
    label = "`routes![]` without a handler",
    note = "name a function with an attribute such as `#[on_message]`: `routes![greet]`; a bot that is meant to have none takes `Routes::default()`"
)]
pub trait MayHaveHandlers {}

impl MayHaveHandlers for Handlers {}

/// The handlers of a bot over the state `S`: [`Routes`].
#[diagnostic::on_unimplemented(
    message = "a bot takes its handlers as `Routes<{S}>`",
    label = "not a list of handlers for this bot",
    note = "write `routes![first, second]` for a list of functions with an attribute such as `#[on_message]`; a list over a state gets it by `Bot::with_state`"
)]
pub trait IntoRoutes<S> {
    #[doc(hidden)]
    fn into_routes(self) -> Routes<S>;
}

impl<S, Listed: MayHaveHandlers> IntoRoutes<S> for Routes<S, Listed> {
    fn into_routes(self) -> Routes<S> {
        self.relisted()
    }
}

/// A number by whose type rustc decides what `routes![]` is. Nothing else has a type that is taken
/// where none is asked for.
#[doc(hidden)]
pub trait Decides<Listed> {}

impl Decides<Handlers> for u8 {}
impl Decides<NoHandlers> for i32 {}

/// `routes![]` without a handler.
pub fn no_routes<N: Decides<Listed>, S, Listed>(_: N) -> Routes<S, Listed> {
    Routes {
        routes: Vec::new(),
        states: SharedStates::default(),
        listed: PhantomData,
    }
}

/// A route that takes an event.
pub(crate) struct Match {
    pub(crate) route: usize,
    groups: Groups,
    /// Why the route fails, if it does already.
    problem: Option<HandlerError>,
}

/// The routes, ready to match.
pub(crate) struct RoutingTable {
    routes: Vec<CompiledRoute>,
    /// The regexes of all routes: a text is searched once for all of them.
    regexes: RegexSet,
    apps: Arc<AppDirectory>,
}

impl RoutingTable {
    pub(crate) fn new(routes: Routes, apps: Arc<AppDirectory>) -> Result<Self, RouteError> {
        let (fallback, listed): (Vec<_>, Vec<_>) = routes
            .routes
            .into_iter()
            .partition(|route| route.meta().trigger == TriggerKind::Fallback);
        let in_order = listed.into_iter().chain(fallback);
        let mut regexes = Vec::new();
        let compiled = in_order.map(|route| route.compile(&mut regexes));
        let table = Self {
            routes: compiled.collect::<Result<_, _>>()?,
            regexes: RegexSet::new(&regexes).map_err(|error| RouteError::Regex {
                handler: format!("{} of this bot together", regexes.len()),
                reason: error.to_string(),
            })?,
            apps,
        };
        table.check_named_apps()?;
        table.check_sessions()?;
        table.check_reachable()?;
        Ok(table)
    }

    /// The compiler has done so for each list; here several may have come together.
    fn check_reachable(&self) -> Result<(), RouteError> {
        for (at, later) in self.routes.iter().enumerate() {
            let before = self.routes[..at].iter();
            if let Some(earlier) = before
                .rev()
                .find(|earlier| covers(&earlier.meta, &later.meta))
            {
                return Err(RouteError::Unreachable {
                    handler: later.meta.to_string(),
                    by: earlier.meta.to_string(),
                });
            }
        }
        Ok(())
    }

    /// The first handler that takes the history of its thread.
    pub(crate) fn takes_history(&self) -> Option<String> {
        let takes = |argument: &Argument| matches!(argument.source, ArgumentSource::History);
        let mut routes = self.routes.iter();
        let route = routes.find(|route| route.meta.arguments.iter().any(takes))?;
        Some(route.meta.to_string())
    }

    /// Two handlers with different session types would overwrite each other's value.
    fn check_sessions(&self) -> Result<(), RouteError> {
        let mut types = HashMap::new();
        for CompiledRoute { meta, .. } in &self.routes {
            for argument in meta.arguments {
                let ArgumentSource::Session(session) = argument.source else {
                    continue;
                };
                let ty = (session.type_name)();
                let (other, other_ty) = *types.entry(session.part).or_insert((meta, ty));
                if ty != other_ty {
                    let what = match session.part {
                        None => "the session".to_owned(),
                        Some(name) => format!("the part `{name}` of the session"),
                    };
                    return Err(RouteError::Sessions {
                        handler: meta.to_string(),
                        other: other.to_string(),
                        what,
                        ty,
                        other_ty,
                    });
                }
            }
        }
        Ok(())
    }

    fn check_named_apps(&self) -> Result<(), RouteError> {
        for CompiledRoute { meta, handoff, .. } in &self.routes {
            for name in named_apps(meta, *handoff) {
                if self.apps.named(name).is_none() {
                    return Err(RouteError::UnknownApp {
                        handler: meta.to_string(),
                        name,
                        variable: AppDirectory::variable(name),
                    });
                }
            }
        }
        Ok(())
    }
    /// The first route from this one on that takes an event, by its keys and by what `when` names,
    /// which has this long to answer.
    pub(crate) async fn find(
        &self,
        context: &Context,
        from: usize,
        limit: Duration,
    ) -> Option<Match> {
        let found = self.found_in(context);
        let failed = context.failure().is_some();
        for (at, route) in self.routes.iter().enumerate().skip(from) {
            if (route.meta.trigger == TriggerKind::Error) != failed {
                continue;
            }
            let Some(groups) = route.filter.matches(context, &self.apps, &found) else {
                continue;
            };
            context.set_groups(groups.clone());
            context.set_handler(route.meta.name);
            let problem = match route.filter.when(context, limit).await {
                Ok(true) => None,
                Ok(false) => continue,
                Err(problem) => Some(problem),
            };
            return Some(Match {
                route: at,
                groups,
                problem,
            });
        }
        context.set_groups(Groups::new());
        context.set_handler("");
        None
    }

    /// The pace of a route, if it has one.
    pub(crate) fn pace_of(&self, route: usize) -> Option<Pace> {
        self.routes[route]
            .meta
            .keys
            .iter()
            .find_map(|key| match key {
                Key::Pace(pace) => Some(*pace),
                _ => None,
            })
    }

    /// Whether a route waits for events of this kind.
    pub(crate) fn waits_for(&self, trigger: TriggerKind) -> bool {
        self.routes
            .iter()
            .any(|route| route.meta.trigger == trigger)
    }

    /// The signals that routes take.
    pub(crate) fn signals(&self) -> impl Iterator<Item = SignalOf> {
        let of_signals = self
            .routes
            .iter()
            .filter(|route| route.meta.trigger == TriggerKind::Signal);
        of_signals.filter_map(|route| route.meta.signal())
    }

    /// Whether any route has a pace.
    pub(crate) fn names_paces(&self) -> bool {
        let mut keys = self.routes.iter().flat_map(|route| route.meta.keys);
        keys.any(|key| matches!(key, Key::Pace(_)))
    }

    /// Setting of a route for the typing indicator, if it has one.
    pub(crate) fn typing_of(&self, route: usize) -> Option<bool> {
        self.routes[route].meta.keys.iter().find_map(typing)
    }

    /// Whether a route switches the typing indicator on.
    pub(crate) fn names_typing(&self) -> bool {
        let mut keys = self.routes.iter().flat_map(|route| route.meta.keys);
        keys.any(|key| typing(key) == Some(true))
    }

    fn found_in<'a>(&'a self, context: &'a Context) -> TextMatches<'a> {
        TextMatches::new(&context.routed_by().event.body, &self.regexes)
    }

    /// Offers the event to the route that takes it, and if that has no arguments for it to those after
    /// it in turn; `None` if none takes it. The context names the handler.
    pub(crate) async fn answer(
        &self,
        context: &Context,
        mut found: Option<Match>,
        limit: Duration,
    ) -> Option<Result<Outcome, HandlerError>> {
        while let Some(Match {
            route: at,
            groups,
            problem,
        }) = found
        {
            let route = &self.routes[at];
            let handler = route.meta.name;
            context.set_groups(groups);
            context.set_handler(handler);
            let called = match problem {
                Some(problem) => Ok(Err(problem)),
                None => route.call(context).await,
            };
            let rejection = match called {
                Ok(result) => return Some(result),
                Err(rejection) => rejection,
            };
            // Dropping a session that was already taken must leave no trace.
            context.forget_changes();
            if rejection.is_fault() {
                return Some(Err(rejection.into()));
            }
            tracing::debug!(handler, %rejection, "passed over");
            found = self.find(context, at + 1, limit).await;
        }
        None
    }
}

/// The names of the apps in the keys of a handler and in its handoff.
fn named_apps(meta: &Meta, handoff: Option<TargetApp>) -> impl Iterator<Item = &'static str> {
    let in_keys = meta.keys.iter().filter_map(|key| match key {
        Key::App(_, app) => Some(*app),
        _ => None,
    });
    in_keys.chain(handoff).filter_map(|app| match app {
        TargetApp::Named(name) => Some(name),
        _ => None,
    })
}

const fn typing(key: &Key) -> Option<bool> {
    match key {
        Key::Typing(on) => Some(*on),
        _ => None,
    }
}
