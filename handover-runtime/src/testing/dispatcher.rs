use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use handover_protocol::{AppId, Channel, EventBody, Received};
use serde_json::Value;
use url::Url;

use super::event::AnyEvent;
use super::{APP, Answer, PAGE};
use crate::bot::{Bot, Result};
use crate::clock::Clock;
use crate::extract::{Context, ContextInner, ContextState};
use crate::graph::{Graph, GraphSettings};
use crate::internal_event::ThreadEvent;
use crate::journal::{Speaker, ThreadHistory, ThreadState, Turn};
use crate::outcome::Outcome;
use crate::routing::{Routes, RoutingTable};
use crate::target::AppDirectory;
use crate::thread::ThreadKey;

/// Timeout of a `when` function.
const LIMIT: Duration = Duration::from_secs(30);

/// Dispatches one event to a list of routes. For a bot with state, named apps or sessions, see
/// [`Dispatcher`].
///
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> handover_runtime::Result {
/// use handover_runtime::Routes;
/// use handover_runtime::testing::{dispatch, event};
///
/// let answer = dispatch(Routes::default(), event::message("hi").from("42")).await?;
/// assert_eq!(answer.handler(), None);
/// # Ok(())
/// # }
/// ```
///
/// # Errors
///
/// If a route cannot work.
pub async fn dispatch(routes: Routes, event: impl Into<AnyEvent>) -> Result<Answer> {
    Ok(Dispatcher::new(Bot::new(routes))?.dispatch(event).await)
}

/// A bot that answers events in a test, one after the other. Each thread keeps its session from event to
/// event, and its history if the bot keeps one or a handler takes it; answers count as sent.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> handover_runtime::Result {
/// use handover_runtime::testing::{Dispatcher, event};
/// use handover_runtime::{Bot, Routes};
///
/// let mut bot = Dispatcher::new(Bot::with_state("a shop", Routes::default()))?;
/// assert_eq!(bot.dispatch(event::message("hi")).await.handler(), None);
/// assert_eq!(bot.dispatch(event::postback("START")).await.handler(), None);
/// # Ok(())
/// # }
/// ```
pub struct Dispatcher {
    table: RoutingTable,
    app_id: AppId,
    graph: Graph,
    clock: Clock,
    sessions: HashMap<ThreadKey, Value>,
    /// None, if neither the bot nor a handler wants them.
    histories: Option<HashMap<ThreadKey, ThreadHistory>>,
}

impl Dispatcher {
    /// Creates a dispatcher from the bot's routes, state and named apps. The configuration is optional;
    /// only the app id is read from it. Named apps without an id in the bot or the environment are an
    /// error, as when a bot starts; a file `.env` is not read.
    ///
    /// # Errors
    ///
    /// If a route cannot work.
    pub fn new(bot: Bot) -> Result<Self> {
        let mut apps = AppDirectory::default();
        for (name, id) in bot.apps {
            apps.insert(name, id);
        }
        let table = RoutingTable::new(bot.routes, Arc::new(apps))?;
        let keeps_history = bot.settings.history.keeps_all() || table.takes_history().is_some();
        Ok(Self {
            table,
            app_id: bot.config.map_or(APP, |config| config.app_id),
            clock: bot.settings.clock,
            graph: Graph::new(GraphSettings::new(PAGE, "no access token").base_url(nowhere()))?,
            sessions: HashMap::new(),
            histories: keeps_history.then(HashMap::new),
        })
    }

    /// Offers the event to the routes in order. If a handler fails, the `#[on_error]` handlers run.
    pub async fn dispatch(&mut self, event: impl Into<AnyEvent>) -> Answer {
        let AnyEvent { thread, event } = event.into();
        let received = event.received(&thread);
        if self.histories.is_some() && !self.is_own_echo(&received) {
            let turn = Turn::of_event(&received, self.clock.now(), |_| Speaker::Agent);
            self.say(&thread, turn);
        }
        let context = Context::new(ContextInner {
            thread: thread.clone(),
            app_id: self.app_id.clone(),
            graph: self.graph.for_product(received.object.clone()),
            thread_state: Arc::new(self.state_of(&thread)),
            burst: Vec::new(),
            handback: None,
            office_hours: None,
            handoff_to: None,
            now: self.clock.now(),
            failure: None,
            state: ContextState::default(),
            received: received.clone(),
            own: match event {
                ThreadEvent::Platform(_) => None,
                ThreadEvent::Own(own) => Some(own),
            },
        });
        if self.is_own_echo(&received) {
            return self.nobody(&thread);
        }
        let Some(mut answer) = self.ask(&context).await else {
            return self.nobody(&thread);
        };
        // As in a running bot, `#[on_error]` does not run on standby.
        if let Err(error) = &answer.result
            && received.channel != Channel::Standby
        {
            let surviving = context.take_surviving_session();
            if let Some(session) = &surviving {
                self.sessions.insert(thread.clone(), session.clone());
            }
            let failed = context.failed(error.to_string(), surviving);
            let on_error = self.ask(&failed).await;
            answer.on_error = on_error.map(Box::new);
            answer.session = self.sessions.get(&thread).cloned();
        }
        answer
    }

    /// Runs the routes for an event or a failure.
    async fn ask(&mut self, context: &Context) -> Option<Answer> {
        let found = self.table.find(context, 0, LIMIT).await;
        let answer = self.table.answer(context, found, LIMIT);
        let result = answer.await?;
        if result.is_ok()
            && let Some(changed) = context.take_changed_session()
        {
            self.sessions.insert(context.thread().clone(), changed);
        }
        if let Ok(outcome) = &result {
            let said = outcome.messages().map(Turn::of_outgoing);
            self.say(context.thread(), said);
        }
        Some(Answer {
            handler: Some(context.handler()),
            result,
            ..self.nobody(context.thread())
        })
    }

    fn say(&mut self, thread: &ThreadKey, turns: impl IntoIterator<Item = Turn>) {
        let Some(histories) = &mut self.histories else {
            return;
        };
        let at = self.clock.now();
        let history = histories.entry(thread.clone()).or_default();
        for turn in turns {
            // Not compared with the turns before it: events of a test may have the same `mid` and text, at
            // the same moment.
            history.push(Arc::new(Turn { at, ..turn }));
        }
    }

    fn nobody(&self, thread: &ThreadKey) -> Answer {
        Answer {
            handler: None,
            result: Ok(Outcome::nothing()),
            on_error: None,
            session: self.sessions.get(thread).cloned(),
        }
    }

    /// A thread of which nothing is known but what it said and remembers.
    fn state_of(&self, thread: &ThreadKey) -> ThreadState {
        let histories = self.histories.as_ref();
        let history = histories.and_then(|histories| histories.get(thread));
        ThreadState {
            session: self.sessions.get(thread).cloned(),
            history: history.cloned().unwrap_or_default(),
            ..ThreadState::default()
        }
    }

    /// The bot does not handle its own echoes.
    fn is_own_echo(&self, received: &Received) -> bool {
        matches!(&received.event.body, EventBody::Echo(echo) if echo.app_id.as_ref() == Some(&self.app_id) && !echo.is_deleted)
    }
}

impl fmt::Debug for Dispatcher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Dispatcher")
            .field("app_id", &self.app_id)
            .field("sessions", &self.sessions)
            .finish_non_exhaustive()
    }
}

/// The discard port of this machine, on which nothing listens.
fn nowhere() -> Url {
    #[expect(clippy::expect_used, reason = "a constant of ours, used by the tests")]
    Url::parse("http://127.0.0.1:9").expect("this is a URL")
}
