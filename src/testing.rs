//! Tests of a bot: one event, a conversation, a whole scenario.
//!
//! | tool | tests | needs |
//! |---|---|---|
//! | a call of the function | one handler | – |
//! | [`dispatch`] | which handler of a list takes an event, and its outcome | – |
//! | [`Dispatcher`] | several events, with state and sessions | – |
//! | `Scenario` | a conversation with people, agents, timers and Graph calls | the feature `scenario` |
//!
//! # Events
//!
//! [`event`] makes events as the platform sends them. Routes are matched and handlers called as in a
//! running bot, but outcomes are not carried out: nothing is sent or checked against the platform's
//! limits, no timer is set, and nobody tracks who owns the thread. An event while another app owns
//! the thread is one [`on_standby`](event::Builder::on_standby); a timer fires by [`event::timer`]. A
//! handler that panics makes the test panic. [`Graph`](crate::graph::Graph) as an argument is a client
//! whose calls fail as if the platform were down.
//!
//! ```
//! use handover::TargetApp;
//! use handover::prelude::*;
//! use handover::testing::{dispatch, event};
//!
//! #[on_message(text = "agent")]
//! #[handoff(to = "page_inbox")]
//! async fn agent() -> &'static str {
//!     "One moment, please."
//! }
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> handover::Result {
//! let answer = dispatch(routes![agent], event::message("agent").from("42")).await?;
//! assert_eq!(answer.handler(), Some("agent"));
//! assert_eq!(answer.texts(), ["One moment, please."]);
//! assert_eq!(answer.handoff(), Some(TargetApp::Inbox));
//! # Ok(())
//! # }
//! ```
//!
//! A conversation, with a session that goes on from event to event:
//!
//! ```
//! use handover::prelude::*;
//! use handover::testing::{Dispatcher, event};
//!
//! #[on_message]
//! async fn count(mut questions: Session<u32>) -> String {
//!     *questions += 1;
//!     format!("Question {}", *questions)
//! }
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> handover::Result {
//! let mut bot = Dispatcher::new(Bot::new(routes![count]))?;
//! assert_eq!(bot.dispatch(event::message("Why?")).await.texts(), ["Question 1"]);
//! let answer = bot.dispatch(event::message("Why not?")).await;
//! assert_eq!(answer.texts(), ["Question 2"]);
//! assert_eq!(answer.session(), Some(2));
//! # Ok(())
//! # }
//! ```
//!
//! # Scenarios
//!
//! A `Scenario` is a bot, the people who write to it, and the agents in the Page Inbox, played
//! against the simulator of the platform. It needs the feature `scenario`:
//!
//! ```toml
//! [dev-dependencies]
//! handover = { path = "../handover", features = ["scenario"] }
//! ```
//!
//! A scenario reads like what happens:
//!
//! ```
//! use handover::prelude::*;
//! use handover::testing::{DurationExt, Scenario};
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
//! let scenario = Scenario::with(Bot::new(routes![to_agent, back_again, nobody_came])).await;
//! let ana = scenario.person("Ana");
//! ana.says("agent").await;
//! ana.sees("One moment, a colleague is taking over.").await;
//!
//! scenario.inbox().sees(&ana).await;
//! scenario.inbox().replies(&ana, "Hi Ana, Ben here.").await;
//! ana.sees("Hi Ana, Ben here.").await;
//! scenario.inbox().done(&ana).await;
//! ana.sees("I am back. Anything else?").await;
//!
//! ana.says("agent").await;
//! scenario.inbox().sees(&ana).await;
//! scenario.pass_time(31.minutes()).await;
//! ana.sees("Nobody is free right now, sorry.").await;
//! scenario.bot_owns(&ana).await;
//! # }
//! ```
//!
//! Everything is real except the platform: signed webhooks, Graph calls, the journal (in memory).
//! What is expected is waited for; what does not come within ten seconds panics, with the line of
//! the scenario, the person's chat, and every webhook and call so far. Time passes only when the
//! scenario says so, for the platform and for the bot alike, and as fast as the machine can.
//!
//! A scenario that ends with a dead letter fails, unless `Scenario::dead_letters` asked for it.

pub use handover_runtime::testing::{
    APP, Answer, Clock, Dispatcher, PAGE, PERSON, dispatch, event,
};

#[cfg(feature = "scenario")]
pub use crate::scenario::{DurationExt, Inbox, Origin, Person, Scenario, ScenarioBuilder};
