//! Messenger and Instagram bots that work *with* people.
//!
//! Annotate plain `async` functions, list them, run the bot:
//!
//! ```no_run
//! use handover::prelude::*;
//!
//! #[on_message(text = ["agent", "human"])]
//! #[handoff(to = "page_inbox")]
//! async fn to_agent() -> &'static str {
//!     "One moment, a colleague is taking over."
//! }
//!
//! #[on_pass_thread_control(from = "page_inbox")]
//! async fn back_again() -> &'static str {
//!     "I am back. Anything else?"
//! }
//!
//! #[tokio::main]
//! async fn main() -> handover::Result {
//!     Bot::new(routes![to_agent, back_again]).run().await
//! }
//! ```
//!
//! * What a handler waits for: the attributes, from [`macro@on_message`] to [`macro@fallback`].
//! * What it can take as arguments: [`extract`].
//! * What it can return: [`outcome`].
//! * How a thread changes hands: [`macro@handoff`], [`Handoff`], [`TargetApp`].
//! * How the bot is configured and run: [`Config`], [`Bot`].
//! * What the platform can be asked beyond that: [`graph`].

mod attributes;

pub use attributes::{
    BotState, fallback, handoff, on_app_roles, on_event, on_message, on_pass_thread_control,
    on_postback, on_request_thread_control, on_standby, on_take_thread_control,
};
#[doc(inline)]
pub use handover_protocol as protocol;
#[doc(inline)]
pub use handover_runtime::{
    AppNumber, Bot, Config, ConfigError, DefaultApp, Error, Handoff, InstagramInbox, Message,
    NoState, Outcome, Owner, Ownership, PageInbox, Provides, Release, Requester, Result, Routes,
    Target, TargetApp, ThreadKey, extract, graph, journal, log_to_stderr, outcome, routing,
    trigger,
};

/// Its snippets are compiled with the documentation's.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;

/// What the attributes write into your crate. Not for use by hand.
#[doc(hidden)]
pub mod __private {
    pub use core::option::Option::{None, Some};
    pub use core::{file, line, module_path, unreachable};

    pub use handover_macros::routes;
    pub use handover_runtime::extract::FromEvent;
    pub use handover_runtime::metadata_text;
    pub use handover_runtime::outcome::WithHandoff;
    pub use handover_runtime::routing::{
        Described, Filter, Meta, Route, Routes, check_future, check_outcome,
    };
    pub use handover_runtime::trigger::*;
    pub use handover_runtime::{
        AppNumber, DefaultApp, InstagramInbox, PageInbox, Provides, Requester, Target,
    };
}

/// Everything that a file with handlers needs.
///
/// ```
/// use handover::prelude::*;
/// ```
pub mod prelude {
    pub use crate::extract::{
        AppRoles, Attachments, Captures, Event, Metadata, NewOwner, Payload, PreviousOwner,
        RequestingApp, Sender, Session, State, Text, Thread,
    };
    pub use crate::graph::Graph;
    pub use crate::{
        Bot, BotState, Handoff, Message, Outcome, PageInbox, Release, Routes, fallback, handoff,
        on_app_roles, on_event, on_message, on_pass_thread_control, on_postback,
        on_request_thread_control, on_standby, on_take_thread_control, routes,
    };
}
