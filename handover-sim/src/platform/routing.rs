//! Which app gets a thread that nobody owns.

use std::collections::BTreeMap;

use handover_protocol::AppId;
use serde::{Deserialize, Serialize};

use super::Ad;

/// How an account's threads find an app: a page of its settings, for which there is no API.
///
/// ```json
/// {"mode":"conversation","default_app":"1517776481860111","social":null,"links":{"spring":"2262510160704936"}}
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(tag = "mode", rename_all = "snake_case", deny_unknown_fields)]
pub enum Routing {
    /// There is no default app: every app gets everything, and whoever answers, answers.
    #[default]
    ZeroConfig,
    /// Conversation routing: a default app, and others for some ways into a thread.
    Conversation {
        /// Gets what no other rule names.
        default_app: AppId,
        /// Gets who comes from the account's own message button or taps "Get Started".
        #[serde(default)]
        social: Option<AppId>,
        /// Who gets those who come by an m.me or ig.me link, by the link's `ref`.
        #[serde(default)]
        links: BTreeMap<String, AppId>,
    },
    /// The Handover Protocol of old: one primary receiver, and all others are secondary.
    Legacy {
        /// The primary receiver. Roles were optional since 2021.
        #[serde(default)]
        primary: Option<AppId>,
    },
}

/// By which way a person comes into an idle thread.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EntryPoint<'a> {
    /// They write.
    Message,
    /// They tap "Get Started".
    GetStarted,
    /// They open an m.me or ig.me link with this `ref`.
    Link(&'a str),
    /// They click an ad.
    Ad(&'a Ad),
}

impl Routing {
    /// Conversation routing with a default app alone.
    pub fn to(default_app: impl Into<AppId>) -> Self {
        Self::Conversation {
            default_app: default_app.into(),
            social: None,
            links: BTreeMap::new(),
        }
    }

    /// Whether conversation routing is on, which it is exactly when there is a default app.
    pub fn is_conversation(&self) -> bool {
        matches!(self, Self::Conversation { .. })
    }

    /// The app responsible for a thread that nobody owns: the default app, or the primary receiver.
    pub fn default_app(&self) -> Option<&AppId> {
        match self {
            Self::ZeroConfig => None,
            Self::Conversation { default_app, .. } => Some(default_app),
            Self::Legacy { primary } => primary.as_ref(),
        }
    }

    /// The app that gets an idle thread: ad before link before social before default. Without a
    /// default app only ads are routed.
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

    /// Every app that is named.
    pub(crate) fn named(&self) -> impl Iterator<Item = &AppId> {
        let (social, links) = match self {
            Self::Conversation { social, links, .. } => (social.as_ref(), Some(links)),
            Self::ZeroConfig | Self::Legacy { .. } => (None, None),
        };
        let by_links = links.into_iter().flat_map(BTreeMap::values);
        self.default_app().into_iter().chain(social).chain(by_links)
    }

    /// The primary receiver of old.
    pub(super) fn primary(&self) -> Option<&AppId> {
        match self {
            Self::Legacy { primary } => primary.as_ref(),
            Self::ZeroConfig | Self::Conversation { .. } => None,
        }
    }
}
