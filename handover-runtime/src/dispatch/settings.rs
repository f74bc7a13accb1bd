//! How a bot works, apart from what its handlers do.

use std::sync::Arc;
use std::time::Duration;

use handover_protocol::AppId;

use crate::accounts::{Blocked, Effective, SendRate};
use crate::clock::Clock;
use crate::journal::{HistoryRule, Retention};
use crate::notice::Listeners;
use crate::outcome::Limits;
use crate::ownership::{HumanApps, OwnershipRules};
use crate::routing::Pace;

/// What the methods of [`Bot`](crate::Bot) set.
#[derive(Clone, Debug)]
pub(crate) struct Settings {
    pub(crate) threads_at_once: usize,
    pub(crate) handler_timeout: Duration,
    pub(crate) retries: u32,
    pub(crate) pace: Pace,
    pub(crate) pause_on_human_reply: Duration,
    pub(crate) human_apps: HumanApps,
    pub(crate) pause_word: Option<(String, Duration)>,
    pub(crate) resume_word: Option<String>,
    pub(crate) history: HistoryRule,
    pub(crate) retention: Retention,
    pub(crate) typing: bool,
    pub(crate) handoff_failed_text: Option<String>,
    pub(crate) blocked: Blocked,
    pub(crate) limits: Limits,
    pub(crate) send_rate: SendRate,
    pub(crate) grace: Duration,
    pub(crate) catch_up: Option<Duration>,
    pub(crate) clock: Clock,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            threads_at_once: 1000,
            handler_timeout: Duration::from_secs(30),
            retries: 3,
            pace: Pace::Queue,
            pause_on_human_reply: Duration::from_secs(30 * 60),
            human_apps: HumanApps::default(),
            pause_word: None,
            resume_word: None,
            history: HistoryRule::default(),
            retention: Retention::default(),
            typing: false,
            handoff_failed_text: Some(
                "I could not reach a colleague just now, so I am staying with you.".to_owned(),
            ),
            blocked: Blocked::DeadLetter,
            limits: Limits::Fit,
            send_rate: SendRate::default(),
            grace: Duration::from_secs(20),
            catch_up: None,
            clock: Clock::default(),
        }
    }
}

impl Settings {
    /// Settings of accounts without their own.
    pub(crate) fn of_accounts(&self, bot: AppId, listeners: Listeners) -> Effective {
        let rules = OwnershipRules {
            bot,
            humans: self.human_apps.clone(),
            pause: self.pause_on_human_reply,
            pause_word: self.pause_word.clone(),
            resume_word: self.resume_word.clone(),
        };
        Effective {
            handler_timeout: self.handler_timeout,
            retries: self.retries,
            pace: self.pace,
            typing: self.typing,
            handoff_failed_text: self.handoff_failed_text.clone(),
            blocked: self.blocked,
            limits: self.limits,
            send_rate: None,
            rules: Arc::new(rules),
            office_hours: None,
            handoff_to: None,
            listeners,
        }
    }
}
