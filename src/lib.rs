//! Messenger and Instagram bots that work *with* people.

#![warn(missing_docs)]

pub use handover_macros::{
    BotState, fallback, handoff, on_app_roles, on_event, on_message, on_pass_thread_control,
    on_postback, on_request_thread_control, on_standby, on_take_thread_control,
};
pub use handover_protocol as protocol;
pub use handover_runtime::{
    AppNumber, Bot, Config, ConfigError, DefaultApp, Error, Handoff, InstagramInbox, Message,
    NoState, Outcome, Owner, Ownership, PageInbox, Provides, Release, Requester, Result, Routes,
    Target, TargetApp, ThreadKey, extract, graph, journal, log_to_stderr, outcome, routing,
    trigger,
};

/// Lists handlers in the order in which they are asked.
#[macro_export]
macro_rules! routes {
    ($($handlers:tt)*) => {
        $crate::__private::routes!($crate; $($handlers)*)
    };
}

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
