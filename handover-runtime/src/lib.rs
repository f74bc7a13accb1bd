//! The engine of `handover`. Use it through the crate `handover`, which adds the attributes.
//!
//! An event's way through the files: [`webhook`](self) receives and verifies it, [`journal`] keeps
//! it, `dispatch` hands it to one worker per thread, [`routing`] finds its handler, [`extract`]
//! gives the arguments, [`outcome`] says what follows, `outbox` sends it in order, [`graph`] makes
//! the call.

#![cfg_attr(
    not(all(feature = "metrics", any(feature = "sqlite", feature = "postgres"))),
    allow(
        dead_code,
        unused_imports,
        unused_variables,
        clippy::needless_pass_by_value,
        reason = "the figures that `/metrics` shows, and what only a journal needs that outlives the process"
    )
)]

#[cfg(not(any(feature = "tls-aws-lc", feature = "tls-ring")))]
compile_error!(
    "calls to the Graph API need TLS: switch on the feature `tls-ring` (the default) or `tls-aws-lc`"
);

mod accounts;
mod bot;
mod causes;
mod clock;
mod dispatch;
mod environment;
mod event_time;
pub mod extract;
mod failpoint;
mod failure_kind;
pub mod graph;
mod http;
mod internal_event;
pub mod journal;
mod metadata;
mod metrics;
mod notice;
mod office_hours;
mod opaque_arc;
mod operations;
mod outbox;
pub mod outcome;
mod ownership;
mod recording;
pub mod routing;
mod secrets;
mod server;
mod session;
mod shutdown;
mod signal;
mod state;
mod store;
mod target;
mod telemetry;
pub mod testing;
mod thread;
mod threads;
pub mod trigger;
mod webhook;

/// Journals from outside: what the command `handover` shows, checks, replays and copies.
///
/// The crate `handover` leaves it out.
pub mod journal_file {
    pub use crate::journal::OpenError;
    pub use crate::journal::storage::{
        Counts, Follower, HandoffsTo, Inspector, JournalChange, JournalView, Replay, ReplayRefusal,
        Replayed, ViewRows,
    };
    #[cfg(feature = "postgres")]
    pub use crate::journal::storage::{JournalClient, RemoteChange};
    #[cfg(any(feature = "sqlite", feature = "postgres"))]
    pub use crate::journal::storage::{
        JournalPlace, Migrated, MigrationError, MigrationProgress, migrate,
    };
    #[cfg(feature = "postgres")]
    pub use crate::threads::RemoteSignal;
}

/// What the command `handover` shares with the bot: the variables of its environment, its accounts, its HTTP
/// client, how calls are proved and how errors are written.
///
/// The crate `handover` leaves it out.
pub mod shared {
    pub use crate::accounts::credentials_of;
    pub use crate::bot::{proving_graph, unusable_variable_files};
    pub use crate::causes::{with_causes, without_password, without_secret};
    pub use crate::environment::{Environment, VariableFileError};
    pub use crate::http::{HttpClient, HttpError, HttpRequest, HttpResponse, NoTls, is_loopback};
    pub use crate::secrets::split_secrets;
}

/// What a bot says of itself: read by the command `handover` from a program that is started with
/// `HANDOVER_DESCRIBE=json`. And what the guide's pictures are drawn from.
///
/// The crate `handover` leaves it out.
pub mod description {
    pub use crate::ownership::control_effects;
    pub use crate::routing::describe::{DescribedProgram, DescribedRoute};
    pub use crate::routing::webhook_fields::{FieldNeeds, WebhookFields};
}

/// What a fuzzer runs with any bytes: see `fuzz/` in the repository.
#[cfg(any(test, fuzzing))]
#[doc(hidden)]
pub mod fuzz {
    pub use crate::accounts::fuzz::input_files;
    pub use crate::graph::fuzz::{graph_answer, usage_headers};
    pub use crate::journal::fuzz::journal_file;
    pub use crate::routing::fuzz::filters;
    pub use crate::webhook::fuzz::{signature, signed_request};
}

pub use accounts::{
    Account, AccountSettings, Blocked, Profile, SendRate, SettingsOf, TokenFile, TokenFileError,
    TokenFuture, TokenStore,
};
pub use bot::{Bot, BotHandle, Config, ConfigError, Error, Result};
pub use journal::HistoryLimits;
#[cfg(feature = "postgres")]
pub use journal::{PostgresAddress, PostgresAddressError, PostgresError};
pub use notice::{Notice, NoticeKind, Notifier, NotifierError};
pub use office_hours::{OfficeHours, OfficeHoursError};
pub use outcome::{
    Audio, Card, Carousel, File, Handoff, Image, Limits, Message, Outcome, Pause, Release, Reply,
    Resume, Take, Timer, Video, WithButtons,
};
pub use ownership::HumanApps;
pub use routing::{Pace, Routes};
pub use shutdown::shutdown_signal;
pub use signal::SignalData;
pub use state::{NoState, Provides};
pub use store::{Store, UnknownStore};
pub use target::{AppNumber, DefaultApp, InstagramInbox, PageInbox, Requester, Target, TargetApp};
pub use telemetry::log_to_stderr;
pub use thread::{Owner, Ownership, ThreadKey, ThreadParty, Window};
pub use threads::{Receipt, SendMessage, SendSignal, SubmitError, ThreadHandle, Threads};
pub use webhook::CatchUpReport;

#[doc(hidden)]
pub use bot::{describe_if_asked, is_not_configured, serve};
#[doc(hidden)]
pub use operations::operations_token;

/// Targets of the attributes' expansion, through `handover::__private`.
#[doc(hidden)]
pub mod __private {
    pub use crate::extract::{FromEvent, FromPayload, PayloadCaptures, PayloadShape};
    pub use crate::metadata::to_text as metadata_text;
    pub use crate::outcome::{IntoOutcome, WithHandoff};
    pub use crate::routing::Pace;
    pub use crate::routing::argument_check::{check_argument, check_signal};
    pub use crate::routing::companion::{
        Attached, Boxing, Companion, Entry, HandlerFn, Handles, HandlesWith, Inert, Listed,
        NoSession, OfAnything, OfHandler, OfNone, OfOther, Otherwise, Placeholder, SameSession,
        SessionType, attach, boxed, check_can_fail, inert, mapped, metas, nothing,
    };
    pub use crate::routing::handler::BoxAnswer;
    pub use crate::routing::key::{Field, Key, Place};
    pub use crate::routing::meta::Meta;
    pub use crate::routing::reachability::{List, check_reachable, check_trigger};
    pub use crate::routing::routes::{
        Handlers, IntoRoutes, MayHaveHandlers, NoHandlers, Routes, no_routes,
    };
    pub use crate::routing::when::{Predicate, When};
    pub use crate::signal::SignalData;
    pub use crate::state::Provides;
    pub use crate::target::{AppNumber, DefaultApp, InstagramInbox, PageInbox, Requester, Target};
    pub use crate::trigger::*;
}
