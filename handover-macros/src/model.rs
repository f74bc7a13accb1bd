//! What an attribute says, without the syntax it said it in.

use proc_macro2::Span;
use syn::{Expr, Ident, LitInt, LitStr, Path, Type, Visibility};

use crate::paths::Root;

/// What a handler waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Trigger {
    Message,
    Postback,
    PassThreadControl,
    TakeThreadControl,
    RequestThreadControl,
    AppRoles,
    Standby,
    Event,
    Fallback,
}

impl Trigger {
    /// The attribute, the marker type in the runtime, and the attribute's keys.
    const fn facts(self) -> (&'static str, &'static str, &'static [&'static str]) {
        match self {
            Self::Message => ("on_message", "OnMessage", &["text", "regex", "quick_reply"]),
            Self::Postback => ("on_postback", "OnPostback", &["payload"]),
            Self::PassThreadControl => (
                "on_pass_thread_control",
                "OnPassThreadControl",
                &["from", "to"],
            ),
            Self::TakeThreadControl => (
                "on_take_thread_control",
                "OnTakeThreadControl",
                &["from", "to"],
            ),
            Self::RequestThreadControl => (
                "on_request_thread_control",
                "OnRequestThreadControl",
                &["from"],
            ),
            Self::AppRoles => ("on_app_roles", "OnAppRoles", &[]),
            Self::Standby => ("on_standby", "OnStandby", &["kind"]),
            Self::Event => ("on_event", "OnEvent", &["name"]),
            Self::Fallback => ("fallback", "OnFallback", &[]),
        }
    }

    pub(crate) const fn name(self) -> &'static str {
        self.facts().0
    }

    pub(crate) const fn marker(self) -> &'static str {
        self.facts().1
    }

    pub(crate) const fn keys(self) -> &'static [&'static str] {
        self.facts().2
    }
}

/// An annotated handler.
pub(crate) struct Handler {
    pub(crate) root: Root,
    pub(crate) trigger: Trigger,
    pub(crate) visibility: Visibility,
    pub(crate) name: Ident,
    pub(crate) arguments: Vec<Type>,
    /// Where the return type stands.
    pub(crate) output: Span,
    pub(crate) doc: String,
    pub(crate) filter: Filter,
}

/// Which events of its kind a handler takes.
pub(crate) struct Filter {
    pub(crate) text: Vec<LitStr>,
    pub(crate) regex: Option<LitStr>,
    pub(crate) quick_reply: Vec<LitStr>,
    pub(crate) payload: Vec<LitStr>,
    pub(crate) from: Option<App>,
    pub(crate) to: Option<App>,
    pub(crate) kind: Vec<LitStr>,
}

/// `#[handoff]`.
pub(crate) struct Handoff {
    pub(crate) root: Root,
    pub(crate) to: App,
    pub(crate) metadata: Option<Expr>,
}

/// An app, as a key names it.
pub(crate) enum App {
    /// One of [`WELL_KNOWN_APPS`], by its type in the runtime.
    WellKnown(&'static str, Span),
    /// By its id.
    Number(LitInt),
    /// A type that implements `Target`.
    Type(Path),
}

/// The names of apps that need no id, and their types in the runtime.
pub(crate) const WELL_KNOWN_APPS: &[(&str, &str)] = &[
    ("page_inbox", "PageInbox"),
    ("instagram_inbox", "InstagramInbox"),
    ("default_app", "DefaultApp"),
    ("requester", "Requester"),
];

/// The entries of `routes![]`.
pub(crate) struct RouteList {
    pub(crate) root: Root,
    pub(crate) handlers: Vec<Path>,
}
