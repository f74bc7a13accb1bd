//! Whose echoes count as a human.

use std::collections::BTreeSet;

use handover_protocol::AppId;

use super::is_inbox;

/// Rules for which echoes count as a human who answers beside the bot. After one, the bot is paused in the
/// thread for a while ([`Bot::pause_on_human_reply`](crate::Bot::pause_on_human_reply)).
///
/// Always human: messages written in an inbox of Meta (Page Inbox, Instagram Inbox) or in Meta's own apps,
/// whose echoes have no app id.
///
/// By default every other app counts too, except this bot and Meta's Lead Ads app. Not human by default:
///
/// - Meta's AI, whose echoes have `"ai_generated": true` or the metadata `{"source":"axon"}`;
/// - the inbox's instant reply and away message: the first echo of the inbox (on Instagram, of no
///   app) within 5 s of a message that begins a conversation. A message begins one if the person
///   has not written in the last 24 hours. A second echo, or one in a running conversation, counts as a
///   human, no matter how fast.
///
/// ```
/// use handover_runtime::{Bot, HumanApps, Routes};
///
/// /// The help desk that the colleagues use.
/// const DESK: u64 = 1234567890;
/// /// The company's bot for invoices.
/// const INVOICES: u64 = 9876543210;
///
/// // Of the other apps, only the help desk counts as human:
/// let bot = Bot::new(Routes::default()).human_apps([DESK]);
/// // Every other app counts as human, except the other bot:
/// let bot = Bot::new(Routes::default()).human_apps(HumanApps::all_except([INVOICES]));
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[must_use = "give it to `Bot::human_apps`"]
pub struct HumanApps {
    /// `None`: all.
    only: Option<BTreeSet<AppId>>,
    automatic: BTreeSet<AppId>,
    pub(super) instant_replies: bool,
    pub(super) meta_ai: bool,
}

impl HumanApps {
    /// Of the apps that are not Meta's, only these count.
    pub fn only<A: Into<AppId>>(apps: impl IntoIterator<Item = A>) -> Self {
        Self {
            only: Some(apps.into_iter().map(Into::into).collect()),
            ..Self::default()
        }
    }

    /// Every app counts except these, which are automatic: another bot of yours, a tool that sends
    /// newsletters.
    pub fn all_except<A: Into<AppId>>(apps: impl IntoIterator<Item = A>) -> Self {
        Self {
            automatic: apps.into_iter().map(Into::into).collect(),
            ..Self::default()
        }
    }

    /// Whether the inbox's instant reply and away message count as a human. Default: no.
    pub fn instant_replies(mut self, count: bool) -> Self {
        self.instant_replies = count;
        self
    }

    /// Whether Meta's AI counts as a human. Default: no.
    pub fn meta_ai(mut self, counts: bool) -> Self {
        self.meta_ai = counts;
        self
    }

    pub(super) fn contains(&self, app: &AppId) -> bool {
        match &self.only {
            _ if is_inbox(app) => true,
            _ if *app == AppId::LEADGEN || self.automatic.contains(app) => false,
            Some(only) => only.contains(app),
            None => true,
        }
    }
}

/// [Only](HumanApps::only) these.
impl<A: Into<AppId>, const N: usize> From<[A; N]> for HumanApps {
    fn from(apps: [A; N]) -> Self {
        Self::only(apps)
    }
}

/// [Only](HumanApps::only) these.
impl<A: Into<AppId>> From<Vec<A>> for HumanApps {
    fn from(apps: Vec<A>) -> Self {
        Self::only(apps)
    }
}
