//! Scenario tests: a bot, persons who write to it, and the agents in the Page Inbox, played
//! against the simulator of the platform.
//!
//! Switch on the feature `stage` for tests:
//!
//! ```toml
//! [dev-dependencies]
//! handover = { version = "0.1", features = ["stage"] }
//! ```
//!
//! A scenario reads like what happens:
//!
//! ```
//! use handover::prelude::*;
//! use handover::stage::{Span, Stage};
//!
//! #[on_message(text = "agent")]
//! #[handoff(to = "page_inbox", reclaim_after = "30m")]
//! async fn to_agent() -> &'static str {
//!     "One moment, a colleague is taking over."
//! }
//!
//! #[on_pass_thread_control(from = "page_inbox")]
//! async fn back_again() -> &'static str {
//!     "I am back. Anything else?"
//! }
//!
//! #[on_timer(name = "reclaim")]
//! async fn nobody_came() -> &'static str {
//!     "Nobody is free right now, sorry."
//! }
//!
//! # #[tokio::main]
//! # async fn main() {
//! let stage = Stage::with(Bot::new(routes![to_agent, back_again, nobody_came])).await;
//! let ana = stage.person("Ana");
//! ana.says("agent").await;
//! ana.sees("One moment, a colleague is taking over.").await;
//!
//! stage.inbox().sees(&ana).await;
//! stage.inbox().replies(&ana, "Hi Ana, Ben here.").await;
//! ana.sees("Hi Ana, Ben here.").await;
//! stage.inbox().done(&ana).await;
//! ana.sees("I am back. Anything else?").await;
//!
//! ana.says("agent").await;
//! stage.inbox().sees(&ana).await;
//! stage.pass_time(31.minutes()).await;
//! ana.sees("Nobody is free right now, sorry.").await;
//! stage.bot_owns(&ana).await;
//! # }
//! ```
//!
//! Everything is real except the platform: signed webhooks, Graph calls, the journal (in memory).
//! What is expected is waited for; what does not come within ten seconds panics, with the line of
//! the scenario, the person's chat, and every webhook and call so far. Time passes only when the
//! scenario says so, for the platform and for the bot alike, and as fast as the machine can.
//!
//! A scenario that ends with a dead letter fails, unless [`Stage::dead_letters`] asked for it.

mod builder;
mod failure;
mod inbox;
mod person;
mod span;
mod theatre;

use std::net::SocketAddr;
use std::time::Duration;

pub use builder::StageBuilder;
pub use handover_sim::platform::Origin;
pub use inbox::Inbox;
pub use person::Person;
pub use span::Span;

use crate::Bot;
use crate::journal::DeadLetter;
use handover_sim::Simulator;
use std::panic::Location;
use std::sync::Arc;
use theatre::Theatre;

/// One or more bots at work against the simulator. See the [module](self).
///
/// It ends when it and its persons are dropped. That panics if a message was not sent, or an event not
/// handled, and [`dead_letters`](Self::dead_letters) did not ask for it.
#[derive(Clone, Debug)]
pub struct Stage(Arc<Theatre>);

impl Stage {
    /// Puts a bot on the stage: it is the default app of a Page.
    ///
    /// # Panics
    ///
    /// If the bot cannot start.
    pub async fn with(bot: Bot) -> Self {
        Self::builder().bot("bot", bot).start().await
    }

    /// A stage with several bots, or with other settings of the platform.
    pub fn builder() -> StageBuilder {
        StageBuilder::new()
    }

    /// The person of this name; somebody new if there is none yet.
    pub fn person(&self, name: &str) -> Person {
        Person::new(self.0.clone(), self.simulator().person(name))
    }

    /// The person of this name at another account than the Page: at its Instagram account,
    /// `17841405793187218`, or at another that was [set up](StageBuilder::platform).
    ///
    /// # Panics
    ///
    /// If there is no such account.
    #[track_caller]
    pub fn person_on(&self, account: &str, name: &str) -> Person {
        let at = Location::caller();
        match self.simulator().person_on(account, name) {
            Some(person) => Person::new(self.0.clone(), person),
            None => failure::fail(at, format_args!("there is no account {account}")),
        }
    }

    /// The Page Inbox, where people answer.
    pub fn inbox(&self) -> Inbox {
        Inbox::new(self.0.clone())
    }

    /// Where the bot of this name is served, with what else its application has.
    ///
    /// # Panics
    ///
    /// If there is no such bot.
    #[track_caller]
    pub fn address_of(&self, bot: &str) -> SocketAddr {
        let at = Location::caller();
        match self.0.address_of(bot) {
            Some(address) => address,
            None => failure::fail(at, format_args!("there is no bot {bot:?}")),
        }
    }

    /// Waits until the bot owns the person's thread; of several, the first.
    ///
    /// # Panics
    ///
    /// If it does not come to that.
    #[track_caller]
    pub fn bot_owns(&self, person: &Person) -> impl Future<Output = ()> {
        let at = Location::caller();
        let bot = self.0.first_app();
        async move {
            let owns = || self.simulator().owner_of(&person.at_the_platform) == bot;
            self.0
                .wait(at, person, "the bot owns the thread", owns)
                .await;
        }
    }

    /// Waits until nobody owns the person's thread.
    ///
    /// # Panics
    ///
    /// If it does not come to that.
    #[track_caller]
    pub fn nobody_owns(&self, person: &Person) -> impl Future<Output = ()> {
        let at = Location::caller();
        async move {
            let is_idle = || self.simulator().owner_of(&person.at_the_platform).is_none();
            self.0
                .wait(at, person, "nobody owns the thread", is_idle)
                .await;
        }
    }

    /// Waits until everything is delivered, handled and sent that can be by now.
    ///
    /// # Panics
    ///
    /// If it does not come to an end.
    #[track_caller]
    pub fn settles(&self) -> impl Future<Output = ()> {
        self.0.settle(Location::caller())
    }

    /// Lets time pass, for the platform and the bots. What falls due on the way happens on the
    /// way: timers, retries, control that runs out.
    ///
    /// # Panics
    ///
    /// If what happens on the way does not come to an end.
    #[track_caller]
    pub fn pass_time(&self, time: Duration) -> impl Future<Output = ()> {
        self.0.pass_time(Location::caller(), time)
    }

    /// Waits until everything is sent that can be, and returns the dead letters since the last call:
    /// messages that were not sent, and events that nobody could handle. A scenario that ends with
    /// others fails.
    ///
    /// ```
    /// use handover::prelude::*;
    /// use handover::stage::Stage;
    ///
    /// #[on_message]
    /// async fn broken() -> Result<(), &'static str> {
    ///     Err("the shop does not answer")
    /// }
    ///
    /// # #[tokio::main]
    /// # async fn main() {
    /// let stage = Stage::with(Bot::new(routes![broken]).retries(0)).await;
    /// stage.person("Ana").says("hello").await;
    /// let dead = stage.dead_letters().await;
    /// assert_eq!(dead[0].cause, "the shop does not answer");
    /// # }
    /// ```
    ///
    /// # Panics
    ///
    /// If it does not come to an end.
    #[track_caller]
    pub fn dead_letters(&self) -> impl Future<Output = Vec<DeadLetter>> {
        let at = Location::caller();
        async move {
            self.0.settle(at).await;
            self.0.take_dead_letters()
        }
    }

    /// The simulator, for what the scenario's words do not say.
    pub fn simulator(&self) -> &Simulator {
        self.0.simulator()
    }
}
