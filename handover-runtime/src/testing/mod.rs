//! Tests of handlers and conversations, without a server, a journal or a network.
//!
//! [`event`] builds events as the platform would send them. [`dispatch`] runs one of them through a list of
//! routes; a [`Dispatcher`] runs several through a bot, with its state and the sessions of its threads. An
//! [`Answer`] has the handler that took the event, and its outcome.
//!
//! Routes are matched and handlers called exactly as in a running bot, but the outcome is not carried out:
//! nothing is sent or checked against the platform's limits, no timer is set, and the owner of a thread is
//! not tracked. For an event while another app owns the thread use
//! [`on_standby`](event::Builder::on_standby), for a timer [`event::timer`]. A panic of a handler reaches
//! the test.
//!
//! [`Graph`](crate::graph::Graph) as an argument is a client without a connection: its calls fail as if the
//! platform were unreachable.

mod answer;
mod dispatcher;
pub mod event;

use handover_protocol::{AccountId, AppId, PersonId};

pub use crate::clock::Clock;
pub use answer::Answer;
pub use dispatcher::{Dispatcher, dispatch};

/// Page of events, by default.
pub const PAGE: AccountId = AccountId::from_static("1000000001");

/// Person of events, by default.
pub const PERSON: PersonId = PersonId::from_static("2000000002");

/// The bot's app, unless its [`Config`](crate::Config) sets another.
pub const APP: AppId = AppId::from_static("3000000003");
