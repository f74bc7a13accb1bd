//! Messenger and Instagram bots that work *with* people.
//!
//! Annotate plain `async` functions, list them, run the bot:
//!
//! ```no_run
//! use handover::prelude::*;
//!
//! #[on_message(words = ["agent", "human"])]
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
//!     handover::run(Bot::new(routes![to_agent, back_again])).await
//! }
//! ```
//!
//! * What a handler waits for: the attributes, from [`macro@on_message`] to [`macro@fallback`].
//! * What it can take as arguments: [`extract`].
//! * What it can return: [`outcome`].
//! * How a thread changes hands: [`macro@handoff`], [`Handoff`], [`TargetApp`].
//! * How the bot is configured and run: [`Config`], [`Bot`], [`run`].
//! * What the platform can be asked beyond that: [`graph`].
//! * How it is tested: [`testing`].
//! * What it does, as a table or a chart: [`Bot::describe`].
//!
//! # Features
//!
//! | feature | default | what it adds |
//! |---|---|---|
//! | `logging` | yes | Logs to standard error, as `RUST_LOG` and `HANDOVER_LOG` say. Without it, set up a subscriber of `tracing`. |
//! | `metrics` | yes | Counts for Prometheus, at `/metrics`. Without it, `/metrics` answers 501. |
//! | `sqlite` | yes | Keeps the journal in an SQLite file, the default store. Without it, set `HANDOVER_STORE`. |
//! | `tls-ring` | yes | TLS for calls to the Graph API, through ring. |
//! | `tls-aws-lc` | | TLS through aws-lc-rs instead, which takes longer to build. |
//! | `opentelemetry` | | Sends traces to a collector. Includes `logging`. |
//! | `postgres` | | The same bot on several machines, with `HANDOVER_STORE=postgres://…`. |
//! | `simulator` | | [`run`] without configuration starts the bot with the simulator. Production does without. |
//! | `scenario` | | Scenario tests against the simulator, [`testing`]. For dev-dependencies. |
//! | `whatsapp` | | Thread control on WhatsApp (early access). |
//!
//! A bot needs one of the two TLS features. Leaving out `logging` and `metrics` makes the first build a
//! little shorter:
//!
//! ```toml
//! handover = { path = "../handover", default-features = false, features = ["sqlite", "tls-ring"] }
//! ```

mod attributes;
#[cfg(doctest)]
mod guide;
mod ide;
#[cfg(any(feature = "simulator", feature = "scenario"))]
mod local_platform;
#[cfg(feature = "scenario")]
mod scenario;
mod simulation;
pub mod testing;

pub use attributes::{
    BotState, FromPayload, Signal, fallback, handoff, on_account_linking, on_app_roles,
    on_delivery, on_echo, on_error, on_event, on_feedback, on_handoff, on_handoff_failed,
    on_message, on_message_deleted, on_message_edit, on_optin, on_pass_thread_control,
    on_policy_enforcement, on_postback, on_reaction, on_read, on_referral,
    on_request_thread_control, on_send_failed, on_signal, on_standby, on_take_thread_control,
    on_timer,
};
#[doc(inline)]
pub use handover_protocol as protocol;
#[doc(inline)]
pub use handover_runtime::{
    Account, AccountSettings, AppNumber, Audio, Blocked, Bot, BotHandle, Card, Carousel,
    CatchUpReport, Config, ConfigError, DefaultApp, Error, File, Handoff, HistoryLimits, HumanApps,
    Image, InstagramInbox, Limits, Message, NoState, Notice, NoticeKind, Notifier, NotifierError,
    OfficeHours, OfficeHoursError, Outcome, Owner, Ownership, Pace, PageInbox, Pause, Profile,
    Provides, Receipt, Release, Reply, Requester, Result, Resume, Routes, SendMessage, SendRate,
    SendSignal, SettingsOf, SignalData, Store, SubmitError, Take, Target, TargetApp, ThreadHandle,
    ThreadKey, ThreadParty, Threads, Timer, TokenFile, TokenFileError, TokenFuture, TokenStore,
    UnknownStore, Video, Window, WithButtons, extract, graph, journal, log_to_stderr, outcome,
    routing, shutdown_signal, trigger,
};
#[doc(inline)]
#[cfg(any(feature = "simulator", feature = "scenario"))]
pub use handover_sim as sim;
pub use simulation::{Simulation, run};

/// Its snippets are compiled with the documentation's.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;

/// Targets of the attributes' expansion. Not for direct use.
#[doc(hidden)]
pub mod __private {
    pub use core::option::Option::{None, Some};
    pub use core::result::Result;
    pub use core::result::Result::Ok;
    pub use core::{cfg, file, line, module_path};
    pub use std::string::String;

    pub use handover_macros as attributes;
    pub use handover_macros::routes;
    pub use handover_runtime::__private::*;

    /// Completions of keys in editors.
    pub mod ide {
        pub use crate::ide::*;
    }
}

/// Everything that a file with handlers needs.
///
/// ```
/// use handover::prelude::*;
/// ```
pub mod prelude {
    pub use crate::extract::{
        AppRoles, Attachments, Burst, Captures, Content, DeletedMessage, Event, FailedHandoff,
        FailedSend, Failure, Handback, History, Metadata, NewOwner, Now, Ownership, Payload,
        PreviousOwner, RequestingApp, Sender, Session, SessionPart, Signal, State, Text, Thread,
        Timers, Window,
    };
    pub use crate::graph::Graph;
    pub use crate::protocol::{Button, QuickReply};
    pub use crate::{
        Audio, Bot, BotState, Card, Carousel, File, FromPayload, Handoff, Image, Message, Notice,
        NoticeKind, Outcome, PageInbox, Pause, Release, Reply, Resume, Routes, Signal, Take, Timer,
        Video, WithButtons, fallback, handoff, on_account_linking, on_app_roles, on_delivery,
        on_echo, on_error, on_event, on_feedback, on_handoff, on_handoff_failed, on_message,
        on_message_deleted, on_message_edit, on_optin, on_pass_thread_control,
        on_policy_enforcement, on_postback, on_reaction, on_read, on_referral,
        on_request_thread_control, on_send_failed, on_signal, on_standby, on_take_thread_control,
        on_timer, routes,
    };
}
