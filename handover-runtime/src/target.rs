//! Apps that a thread can be handed to, or come back from.

use std::collections::HashMap;
use std::fmt;

use handover_protocol::{AppId, Object};

use crate::environment::Environment;

/// App in a handoff or a key. The event and the configuration determine its id.
///
/// ```
/// use handover_runtime::{PageInbox, TargetApp};
///
/// assert_eq!(TargetApp::from(PageInbox), TargetApp::Inbox);
/// assert_eq!(TargetApp::from(123456789).to_string(), "app 123456789");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum TargetApp {
    /// The inbox of the account: the Page Inbox (263902037430900), or on an Instagram thread the Instagram
    /// Inbox (1217981644879628); or the app that
    /// [`AccountSettings::handoff_to`](crate::AccountSettings::handoff_to) names.
    Inbox,
    /// The Instagram Inbox, on any thread.
    InstagramInbox,
    /// The default app of conversation routing: a pass without `target_app_id`.
    DefaultApp,
    /// The app that asked for the thread; only in `#[on_request_thread_control]`.
    Requester,
    /// The app with this id.
    Id(u64),
    /// Your own app; its id comes from `Bot::app` or the environment variable
    /// `MESSENGER_APP_ID_<NAME>`.
    Named(&'static str),
}

impl TargetApp {
    /// `==`, while compiling.
    pub(crate) const fn is(self, other: Self) -> bool {
        match (self, other) {
            (Self::Inbox, Self::Inbox)
            | (Self::InstagramInbox, Self::InstagramInbox)
            | (Self::DefaultApp, Self::DefaultApp)
            | (Self::Requester, Self::Requester) => true,
            (Self::Id(a), Self::Id(b)) => a == b,
            (Self::Named(a), Self::Named(b)) => a.as_bytes().eq_ignore_ascii_case(b.as_bytes()),
            _ => false,
        }
    }
}

impl fmt::Display for TargetApp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Inbox => f.write_str("the inbox"),
            Self::InstagramInbox => f.write_str("the Instagram Inbox"),
            Self::DefaultApp => f.write_str("the default app"),
            Self::Requester => f.write_str("the requesting app"),
            Self::Id(id) => write!(f, "app {id}"),
            Self::Named(name) => write!(f, "app `{name}`"),
        }
    }
}

impl From<u64> for TargetApp {
    fn from(id: u64) -> Self {
        Self::Id(id)
    }
}

/// Type that names an app, for `#[handoff(to = …)]` and the keys `from` and `to`.
///
/// ```
/// use handover_runtime::{Target, TargetApp};
///
/// /// The billing bot; its app id is in `MESSENGER_APP_ID_BILLING`.
/// struct Billing;
///
/// impl Target for Billing {
///     const APP: TargetApp = TargetApp::Named("billing");
/// }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not something a thread can be handed to",
    label = "not a `Target`",
    note = "write \"page_inbox\", \"default_app\", an app id, or a type that implements `Target`"
)]
pub trait Target: Send + Sync + 'static {
    /// The app.
    const APP: TargetApp;
}

impl<T: Target> From<T> for TargetApp {
    fn from(_: T) -> Self {
        T::APP
    }
}

macro_rules! targets {
    ($($(#[$doc:meta])* $name:ident = $app:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
        pub struct $name;
        impl Target for $name {
            const APP: TargetApp = TargetApp::$app;
        }
    )*};
}

targets! {
    /// `"page_inbox"`: the inbox of the account; see [`TargetApp::Inbox`].
    PageInbox = Inbox;
    /// `"instagram_inbox"`: see [`TargetApp::InstagramInbox`].
    InstagramInbox = InstagramInbox;
    /// `"default_app"`: see [`TargetApp::DefaultApp`].
    DefaultApp = DefaultApp;
    /// `"requester"`: see [`TargetApp::Requester`].
    Requester = Requester;
}

/// App by id, for `#[handoff(to = 123456789)]`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct AppNumber<const ID: u64>;

impl<const ID: u64> Target for AppNumber<ID> {
    const APP: TargetApp = TargetApp::Id(ID);
}

/// Ids of a bot's named apps.
#[derive(Clone, Debug, Default)]
pub(crate) struct AppDirectory {
    configured: HashMap<String, AppId>,
    environment: Environment,
}

impl AppDirectory {
    pub(crate) fn new(environment: Environment) -> Self {
        Self {
            configured: HashMap::new(),
            environment,
        }
    }

    pub(crate) fn insert(&mut self, name: String, id: AppId) {
        self.configured.insert(name, id);
    }

    /// The id of a fixed target; `None` if it depends on the event or on Meta's settings, or is not
    /// configured.
    pub(crate) fn id_of(&self, app: TargetApp, object: &Object) -> Option<AppId> {
        match app {
            TargetApp::Inbox => Some(AppId::inbox_of(object)),
            TargetApp::InstagramInbox => Some(AppId::INSTAGRAM_INBOX),
            TargetApp::Id(id) => Some(AppId::from(id)),
            TargetApp::Named(name) => self.named(name),
            TargetApp::DefaultApp | TargetApp::Requester => None,
        }
    }

    pub(crate) fn named(&self, name: &str) -> Option<AppId> {
        let configured = self.configured.get(name).cloned();
        configured.or_else(|| self.environment.get(&Self::variable(name)).map(AppId::from))
    }

    /// The environment variable that may hold the id of a named app.
    pub(crate) fn variable(name: &str) -> String {
        format!("MESSENGER_APP_ID_{}", name.to_uppercase().replace('-', "_"))
    }
}
