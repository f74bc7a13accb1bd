//! How a bot works for one account.

use std::sync::Arc;
use std::time::Duration;

use handover_protocol::AppId;
use serde::Deserialize;

use super::{Profile, SendRate};
use crate::notice::{Listeners, Notifier};
use crate::office_hours::OfficeHours;
use crate::outcome::Limits;
use crate::ownership::{HumanApps, OwnershipRules};
use crate::routing::Pace;

/// What to do with a message to a thread that another app owns.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Blocked {
    /// It is kept as a dead letter, and never sent.
    #[default]
    DeadLetter,
    /// It waits until the bot has the thread again, and so do later messages of the thread, in order. A handoff in the
    /// same answer waits with it, and is done once the app that it hands to has the thread: its timers begin then.
    Wait,
}

/// Settings for one account, in place of those of the [`Bot`](crate::Bot). Anything that is not set is as
/// for all accounts.
///
/// They belong to an [`Account`](crate::Account): in code, from a [`TokenStore`](crate::TokenStore), or in
/// the accounts file under `settings`. [`Bot::settings_of`](crate::Bot::settings_of) gives them to accounts
/// that come without. They hold from when the account appears, and a change while the bot runs holds
/// within about a second.
///
/// ```
/// use std::time::Duration;
///
/// use handover_runtime::{Account, AccountSettings, Profile};
///
/// let bakery = Account::new("1063254873751024", "EAAC…").settings(
///     AccountSettings::new()
///         .profile(Profile::new().greeting("Fresh bread from 5."))
///         .office_hours("Mon-Sat 05:00-12:00 Europe/Berlin".parse()?)
///         .pause_on_human_reply(Duration::from_secs(2 * 60 * 60)),
/// );
/// # Ok::<(), handover_runtime::OfficeHoursError>(())
/// ```
///
/// As JSON, each setting has the name of its method:
///
/// ```
/// # let json = r#"
/// {
///   "pace": "latest",
///   "pause_on_human_reply": "2h",
///   "office_hours": "Mon-Sat 05:00-12:00 Europe/Berlin",
///   "handoff_to": "1234567890",
///   "profile": {"greeting": [{"locale": "default", "text": "Fresh bread from 5."}]},
///   "subscribe": true,
///   "notify": {"slack": "https://hooks.slack.com/services/T0/B0/x"}
/// }
/// # "#;
/// # let settings: handover_runtime::AccountSettings = serde_json::from_str(json)?;
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct AccountSettings {
    pub(super) handler_timeout: Option<Duration>,
    pub(super) retries: Option<u32>,
    pub(super) pace: Option<Pace>,
    pub(super) pause_on_human_reply: Option<Duration>,
    pub(super) human_apps: Option<HumanApps>,
    pub(super) pause_word: Option<(String, Duration)>,
    pub(super) resume_word: Option<String>,
    pub(super) typing: Option<bool>,
    pub(super) handoff_failed_text: Option<Option<String>>,
    pub(super) blocked: Option<Blocked>,
    pub(super) limits: Option<Limits>,
    pub(super) send_rate: Option<SendRate>,
    pub(super) office_hours: Option<OfficeHours>,
    pub(super) handoff_to: Option<AppId>,
    pub(crate) profile: Option<Profile>,
    pub(crate) subscribe: Option<bool>,
    pub(crate) notifiers: Vec<Notifier>,
}

macro_rules! setters {
    ($($(#[$doc:meta])* $name:ident: $type:ty;)*) => {$(
        $(#[$doc])*
        #[must_use]
        pub fn $name(mut self, $name: $type) -> Self {
            self.$name = Some($name);
            self
        }
    )*};
}

impl AccountSettings {
    /// Creates settings that change nothing.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    setters! {
        /// See [`Bot::handler_timeout`](crate::Bot::handler_timeout).
        handler_timeout: Duration;
        /// See [`Bot::retries`](crate::Bot::retries).
        retries: u32;
        /// See [`Bot::pace`](crate::Bot::pace).
        pace: Pace;
        /// See [`Bot::pause_on_human_reply`](crate::Bot::pause_on_human_reply).
        pause_on_human_reply: Duration;
        /// See [`Bot::typing`](crate::Bot::typing).
        typing: bool;
        /// See [`Bot::handoff_failed_text`](crate::Bot::handoff_failed_text).
        handoff_failed_text: Option<String>;
        /// See [`Bot::blocked`](crate::Bot::blocked).
        blocked: Blocked;
        /// See [`Bot::limits`](crate::Bot::limits).
        limits: Limits;
        /// See [`Bot::send_rate`](crate::Bot::send_rate). [`Account::send_rate`](crate::Account::send_rate) is
        /// the same.
        send_rate: SendRate;
        /// When people answer. A handler takes it as [`OfficeHours`]; nothing happens by itself.
        office_hours: OfficeHours;
        /// Whether the Page subscribes the app to the fields that the routes need; see
        /// [`Bot::subscribe`](crate::Bot::subscribe).
        subscribe: bool;
    }

    /// See [`Bot::human_apps`](crate::Bot::human_apps).
    #[must_use]
    pub fn human_apps(mut self, apps: impl Into<HumanApps>) -> Self {
        self.human_apps = Some(apps.into());
        self
    }

    /// See [`Bot::pause_word`](crate::Bot::pause_word).
    #[must_use]
    pub fn pause_word(mut self, word: impl Into<String>, time: Duration) -> Self {
        self.pause_word = Some((word.into(), time));
        self
    }

    /// See [`Bot::resume_word`](crate::Bot::resume_word).
    #[must_use]
    pub fn resume_word(mut self, word: impl Into<String>) -> Self {
        self.resume_word = Some(word.into());
        self
    }

    /// The app of the people behind this account, where they do not use Meta's inbox: handoffs to
    /// [`TargetApp::Inbox`](crate::TargetApp::Inbox) (`"page_inbox"`, and those that name nobody) go to it, and a thread that it
    /// passes back comes `from = "page_inbox"`.
    #[must_use]
    pub fn handoff_to(mut self, app: impl Into<AppId>) -> Self {
        self.handoff_to = Some(app.into());
        self
    }

    /// What the account shows, in place of [`Bot::profile`](crate::Bot::profile).
    #[must_use]
    pub fn profile(mut self, profile: impl Into<Profile>) -> Self {
        self.profile = Some(profile.into());
        self
    }

    /// Notifies the agents of this account, in addition to those of [`Bot::notify`](crate::Bot::notify).
    #[must_use]
    pub fn notify(mut self, notifier: Notifier) -> Self {
        self.notifiers.push(notifier);
        self
    }

    /// What is not set here, as in others.
    pub(crate) fn or(self, others: Self) -> Self {
        Self {
            handler_timeout: self.handler_timeout.or(others.handler_timeout),
            retries: self.retries.or(others.retries),
            pace: self.pace.or(others.pace),
            pause_on_human_reply: self.pause_on_human_reply.or(others.pause_on_human_reply),
            human_apps: self.human_apps.or(others.human_apps),
            pause_word: self.pause_word.or(others.pause_word),
            resume_word: self.resume_word.or(others.resume_word),
            typing: self.typing.or(others.typing),
            handoff_failed_text: self.handoff_failed_text.or(others.handoff_failed_text),
            blocked: self.blocked.or(others.blocked),
            limits: self.limits.or(others.limits),
            send_rate: self.send_rate.or(others.send_rate),
            office_hours: self.office_hours.or(others.office_hours),
            handoff_to: self.handoff_to.or(others.handoff_to),
            profile: self.profile.or(others.profile),
            subscribe: self.subscribe.or(others.subscribe),
            notifiers: if self.notifiers.is_empty() {
                others.notifiers
            } else {
                self.notifiers
            },
        }
    }
}

/// The settings that hold for an account: its own, and the bot's for the rest.
#[derive(Clone, Debug)]
pub(crate) struct Effective {
    pub(crate) handler_timeout: Duration,
    pub(crate) retries: u32,
    pub(crate) pace: Pace,
    pub(crate) typing: bool,
    pub(crate) handoff_failed_text: Option<String>,
    pub(crate) blocked: Blocked,
    pub(crate) limits: Limits,
    /// `None`: the bot's.
    pub(crate) send_rate: Option<SendRate>,
    pub(crate) rules: Arc<OwnershipRules>,
    pub(crate) office_hours: Option<Arc<OfficeHours>>,
    /// The app of the people, if that is not the inbox.
    pub(crate) handoff_to: Option<AppId>,
    pub(crate) listeners: Listeners,
}

impl Effective {
    /// For an account with these settings.
    pub(crate) fn with(&self, own: &AccountSettings) -> Self {
        let own = own.clone();
        let rules = OwnershipRules {
            bot: self.rules.bot.clone(),
            humans: own.human_apps.unwrap_or_else(|| self.rules.humans.clone()),
            pause: own.pause_on_human_reply.unwrap_or(self.rules.pause),
            pause_word: own.pause_word.or_else(|| self.rules.pause_word.clone()),
            resume_word: own.resume_word.or_else(|| self.rules.resume_word.clone()),
        };
        Self {
            handler_timeout: own.handler_timeout.unwrap_or(self.handler_timeout),
            retries: own.retries.unwrap_or(self.retries),
            pace: own.pace.unwrap_or(self.pace),
            typing: own.typing.unwrap_or(self.typing),
            handoff_failed_text: own
                .handoff_failed_text
                .unwrap_or_else(|| self.handoff_failed_text.clone()),
            blocked: own.blocked.unwrap_or(self.blocked),
            limits: own.limits.unwrap_or(self.limits),
            send_rate: own.send_rate.or(self.send_rate),
            rules: Arc::new(rules),
            office_hours: own.office_hours.map(Arc::new).or(self.office_hours.clone()),
            handoff_to: own.handoff_to.or_else(|| self.handoff_to.clone()),
            listeners: self.listeners.and(&own.notifiers),
        }
    }
}
