//! Tests of whole conversations, without a server, a journal or a network.
//!
//! [`event`] makes events as the platform would send them. [`dispatch`] asks a list of routes about
//! one of them, a [`Dispatcher`] a whole bot about one after the other, with its state and the
//! sessions of its threads. An [`Answer`] says which handler took the event and what came of it.
//!
//! Routes are matched and handlers called exactly as in a running bot, but what a handler answers
//! is not carried out: nothing is sent or checked against the platform's limits, no timer is set,
//! and nobody keeps track of who owns the thread. An event while another app owns it is one
//! [`on_standby`](event::Builder::on_standby), and a timer runs out by [`event::timer`]. A handler
//! that panics lets the test panic.
//!
//! [`Graph`](crate::graph::Graph) as an argument is a client that reaches nobody: its calls fail as
//! if the platform were down.

mod answer;
mod dispatcher;
pub mod event;

use handover_protocol::{AccountId, AppId, PersonId};

pub use crate::clock::Clock;
pub use answer::Answer;
pub use dispatcher::{Dispatcher, dispatch};

/// The Page of events that name no other.
pub const PAGE: AccountId = AccountId::from_static("1000000001");

/// The person of events that name no other.
pub const PERSON: PersonId = PersonId::from_static("2000000002");

/// The bot's own app, unless its [`Config`](crate::Config) names another.
pub const APP: AppId = AppId::from_static("3000000003");
