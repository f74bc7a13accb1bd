//! Whole conversations against the simulator. `crate::testing` shows it to users.

mod builder;
mod duration;
mod failure;
mod harness;
mod inbox;
mod person;

use std::net::SocketAddr;
use std::time::Duration;

pub use builder::ScenarioBuilder;
pub use duration::DurationExt;
pub use handover_sim::platform::Origin;
pub use inbox::Inbox;
pub use person::Person;

use crate::journal::DeadLetter;
use crate::{Bot, ThreadHandle, Threads};
use handover_sim::Simulator;
use harness::Harness;
use std::panic::Location;
use std::sync::Arc;

/// One or more bots that run against the simulator. See the [module](super::testing).
///
/// It ends when it and its persons are dropped. That panics if a message was not sent, or an event not
/// handled, unless [`dead_letters`](Self::dead_letters) returned it.
#[derive(Clone, Debug)]
pub struct Scenario(Arc<Harness>);

impl Scenario {
    /// Starts a scenario with one bot, the default app of a Page.
    ///
    /// # Panics
    ///
    /// If the bot cannot start.
    pub async fn with(bot: Bot) -> Self {
        Self::builder().bot("bot", bot).start().await
    }

    /// Builds a scenario with several bots, or with other settings of the platform.
    pub fn builder() -> ScenarioBuilder {
        ScenarioBuilder::new()
    }

    /// Returns the person with this name. Creates the person on first use.
    pub fn person(&self, name: &str) -> Person {
        Person::new(self.0.clone(), self.simulator().person(name))
    }

    /// Returns the person with this name at another account than the Page: the Instagram account
    /// `17841405793187218`, or one that was [set up](ScenarioBuilder::platform).
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

    /// The threads of the first bot, as [`BotHandle::threads`](crate::BotHandle::threads) gives them: to
    /// send signals and messages from outside a handler.
    ///
    /// # Panics
    ///
    /// If every bot is [part of an application](ScenarioBuilder::bot_in), which has its handle.
    #[track_caller]
    pub fn threads(&self) -> Threads {
        let at = Location::caller();
        match self.0.threads() {
            Some(threads) => threads.clone(),
            None => failure::fail(
                at,
                "the bot is part of an application, which has its handle",
            ),
        }
    }

    /// The thread of this person with the account that they write to; see [`threads`](Self::threads).
    ///
    /// ```
    /// # #[tokio::main]
    /// # async fn main() -> Result<(), handover::SubmitError> {
    /// use handover::prelude::*;
    /// use handover::testing::Scenario;
    ///
    /// let scenario = Scenario::with(Bot::new(Routes::default())).await;
    /// let ana = scenario.person("Ana");
    /// ana.says("hello").await;
    /// scenario.thread(&ana).send("Your table is ready.").await?;
    /// ana.sees("Your table is ready.").await;
    /// # Ok(())
    /// # }
    /// ```
    #[track_caller]
    pub fn thread(&self, person: &Person) -> ThreadHandle {
        let person = person.at_the_platform();
        self.threads().of(person.account(), person.id())
    }

    /// The Page Inbox, in which agents answer.
    pub fn inbox(&self) -> Inbox {
        Inbox::new(self.0.clone())
    }

    /// Address of the bot with this name, and of the application around it.
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
    /// If that does not happen.
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

    /// Waits until the person's thread is idle: no app owns it.
    ///
    /// # Panics
    ///
    /// If that does not happen.
    #[track_caller]
    pub fn nobody_owns(&self, person: &Person) -> impl Future<Output = ()> {
        let at = Location::caller();
        async move {
            let is_idle = || self.simulator().owner_of(&person.at_the_platform).is_none();
            self.0.wait(at, person, "the thread is idle", is_idle).await;
        }
    }

    /// Waits until everything that is due is delivered, handled and sent.
    ///
    /// # Panics
    ///
    /// If it does not end.
    #[track_caller]
    pub fn settles(&self) -> impl Future<Output = ()> {
        self.0.settle(Location::caller())
    }

    /// Lets time pass, for the platform and the bots. Due timers, retries and the expiry of control happen
    /// in order.
    ///
    /// # Panics
    ///
    /// If that does not end.
    #[track_caller]
    pub fn pass_time(&self, time: Duration) -> impl Future<Output = ()> {
        self.0.pass_time(Location::caller(), time)
    }

    /// Waits until everything that is due is sent, and returns the dead letters since the last call:
    /// messages that were not sent, and events that could not be handled. A scenario that ends with others
    /// fails.
    ///
    /// ```
    /// use handover::prelude::*;
    /// use handover::testing::Scenario;
    ///
    /// #[on_message]
    /// async fn broken() -> Result<(), &'static str> {
    ///     Err("the shop does not answer")
    /// }
    ///
    /// # #[tokio::main]
    /// # async fn main() {
    /// let scenario = Scenario::with(Bot::new(routes![broken]).retries(0)).await;
    /// scenario.person("Ana").says("hello").await;
    /// let dead = scenario.dead_letters().await;
    /// assert_eq!(dead[0].cause, "the shop does not answer");
    /// # }
    /// ```
    ///
    /// # Panics
    ///
    /// If it does not end.
    #[track_caller]
    pub fn dead_letters(&self) -> impl Future<Output = Vec<DeadLetter>> {
        let at = Location::caller();
        async move {
            self.0.settle(at).await;
            self.0.take_dead_letters()
        }
    }

    /// The simulator, for everything that has no method here.
    pub fn simulator(&self) -> &Simulator {
        self.0.simulator()
    }
}
