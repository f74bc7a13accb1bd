//! Routing of idle threads to apps.

use std::collections::BTreeMap;

use handover_protocol::AppId;
use serde::{Deserialize, Serialize};

use super::Ad;

/// Routing of idle threads, which a business sets on Meta's pages. There is no API for it.
///
/// ```json
/// {"mode":"conversation","default_app":"1517776481860111","social":null,"links":{"spring":"2262510160704936"}}
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(tag = "mode", rename_all = "snake_case", deny_unknown_fields)]
pub enum Routing {
    /// Zero-config mode: no default app. All apps get all events, and any app may answer.
    #[default]
    ZeroConfig,
    /// Conversation routing: a default app, and other apps for some entry points.
    Conversation {
        /// Default app, which gets all other threads.
        default_app: AppId,
        /// App for persons who use the account's message button or tap "Get Started".
        #[serde(default)]
        social: Option<AppId>,
        /// Apps for m.me and ig.me links, by `ref`.
        #[serde(default)]
        links: BTreeMap<String, AppId>,
    },
    /// Legacy Handover Protocol: one primary receiver, all others are secondary receivers.
    Legacy {
        /// Primary receiver. `None`: no roles, which are optional since 2021.
        #[serde(default)]
        primary: Option<AppId>,
    },
}

/// How a person enters an idle thread.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EntryPoint<'a> {
    /// A message.
    Message,
    /// The "Get Started" button.
    GetStarted,
    /// An m.me or ig.me link with this `ref`.
    Link(&'a str),
    /// An ad.
    Ad(&'a Ad),
}

impl Routing {
    /// Creates conversation routing with only a default app.
    pub fn to(default_app: impl Into<AppId>) -> Self {
        Self::Conversation {
            default_app: default_app.into(),
            social: None,
            links: BTreeMap::new(),
        }
    }

    /// Returns whether conversation routing is on.
    pub fn is_conversation(&self) -> bool {
        matches!(self, Self::Conversation { .. })
    }

    /// Returns the app that is responsible for idle threads: the default app or the primary
    /// receiver.
    pub fn default_app(&self) -> Option<&AppId> {
        match self {
            Self::ZeroConfig => None,
            Self::Conversation { default_app, .. } => Some(default_app),
            Self::Legacy { primary } => primary.as_ref(),
        }
    }

    /// Returns the app that gets an idle thread: of the ad, the link, social, or the default app.
    /// Without a default app, only ads are routed.
    pub fn app_for<'a>(&'a self, entry: EntryPoint<'a>) -> Option<&'a AppId> {
        let named = match (self, entry) {
            (_, EntryPoint::Ad(ad)) => ad.app.as_ref(),
            (Self::Conversation { links, .. }, EntryPoint::Link(link)) => links.get(link),
            (Self::Conversation { social, .. }, EntryPoint::Message | EntryPoint::GetStarted) => {
                social.as_ref()
            }
            _ => None,
        };
        named.or(self.default_app())
    }

    /// Returns all apps in the routing.
    pub(crate) fn named(&self) -> impl Iterator<Item = &AppId> {
        let (social, links) = match self {
            Self::Conversation { social, links, .. } => (social.as_ref(), Some(links)),
            Self::ZeroConfig | Self::Legacy { .. } => (None, None),
        };
        let by_links = links.into_iter().flat_map(BTreeMap::values);
        self.default_app().into_iter().chain(social).chain(by_links)
    }

    /// Returns the primary receiver of the Handover Protocol.
    pub(super) fn primary(&self) -> Option<&AppId> {
        match self {
            Self::Legacy { primary } => primary.as_ref(),
            Self::ZeroConfig | Self::Conversation { .. } => None,
        }
    }
}
