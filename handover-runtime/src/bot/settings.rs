//! Settings of a bot.

use std::time::Duration;

use tokio::sync::Semaphore;

use super::Bot;
use crate::accounts::{Blocked, SendRate};
use crate::clock::Clock;
use crate::journal::{HistoryLimits, Retention};
use crate::outcome::Limits;
use crate::ownership::HumanApps;
use crate::routing::Pace;

impl Bot {
    /// Limits the threads that are handled at once. Default: 1000. Minimum: 1.
    ///
    /// A running handler occupies one of them, also while it waits for another service such as a language
    /// model: with the default, 1000 people can wait for it at the same time. A waiting handler costs a few
    /// kilobytes and no processor time. Limit the load on the other service with a
    /// [`tokio::sync::Semaphore`] in the state, and the wait of a person with
    /// [`handler_timeout`](Self::handler_timeout).
    pub fn threads_at_once(mut self, threads: usize) -> Self {
        self.settings.threads_at_once = threads.clamp(1, Semaphore::MAX_PERMITS);
        self
    }

    /// Timeout of a handler. Default: 30 s.
    pub fn handler_timeout(mut self, time: Duration) -> Self {
        self.settings.handler_timeout = time;
        self
    }

    /// How often a failed handler is called again. Default: 3 times, after 1 s, 4 s and 16 s. The thread
    /// waits for it, others do not. `#[on_error]` runs at the first failure; after the last, the event
    /// becomes a dead letter.
    pub fn retries(mut self, retries: u32) -> Self {
        self.settings.retries = retries;
        self
    }

    /// What to do when a person writes several messages quickly. Default: handle each, in order. A handler
    /// can override it with `#[on_message(pace = "…")]`.
    pub fn pace(mut self, pace: Pace) -> Self {
        self.settings.pace = pace;
        self
    }

    /// Length of the pause in a thread after a human has answered beside the bot, which happens if no app
    /// is the default app and so no thread is handed over. Default: 30 minutes. Zero disables it. Requires
    /// the webhook field `message_echoes`.
    ///
    /// [`human_apps`](Self::human_apps) decides which echoes count as a human. Each further message
    /// restarts the pause, which counts from when it was written. The pause is the bot's own rule and does
    /// not depend on the owner of the thread.
    pub fn pause_on_human_reply(mut self, time: Duration) -> Self {
        self.settings.pause_on_human_reply = time;
        self
    }

    /// Apps whose echoes count as a human who answers beside the bot. Default: every app but this one,
    /// without Meta's AI and the inbox's instant replies. See [`HumanApps`].
    ///
    /// ```
    /// use handover_runtime::{Bot, HumanApps, Routes};
    ///
    /// let bot = Bot::new(Routes::default()).human_apps([1234567890]);
    /// let bot = Bot::new(Routes::default()).human_apps(HumanApps::all_except([9876543210]));
    /// ```
    pub fn human_apps(mut self, apps: impl Into<HumanApps>) -> Self {
        self.settings.human_apps = apps.into();
        self
    }

    /// Sets a text with which an agent pauses the bot in a thread for this time, instead of for
    /// [`pause_on_human_reply`](Self::pause_on_human_reply). Case and surrounding space do not matter. The
    /// person sees it too. Default: none.
    pub fn pause_word(mut self, word: impl Into<String>, time: Duration) -> Self {
        self.settings.pause_word = Some((word.into(), time));
        self
    }

    /// Sets a text with which an agent lets the bot answer again in a thread: it ends a pause, and takes
    /// the thread if another app owns it. Case and surrounding space do not matter. The person sees it too.
    /// Default: none.
    ///
    /// ```
    /// use handover_runtime::{Bot, Routes};
    ///
    /// let bot = Bot::new(Routes::default()).resume_word("#bot");
    /// ```
    pub fn resume_word(mut self, word: impl Into<String>) -> Self {
        self.settings.resume_word = Some(word.into());
        self
    }

    /// Keeps the last turns of each conversation, for [`History`](crate::extract::History): what the
    /// person wrote, what the bot sent, and what human agents and other apps said, as far as the app
    /// is subscribed to `message_echoes` and `standby`. Default: off.
    ///
    /// Without it, the bot only keeps what is said while another app has the thread, at most 200
    /// turns, until a handler has taken [`Handback`](crate::extract::Handback).
    /// [`HistoryLimits::none`] keeps nothing at all.
    ///
    /// ```
    /// use handover_runtime::{Bot, HistoryLimits, Routes};
    ///
    /// let bot = Bot::new(Routes::default()).history(HistoryLimits::default().turns(20));
    /// ```
    pub fn history(mut self, limits: HistoryLimits) -> Self {
        self.settings.history = limits.into();
        self
    }

    /// How long the store keeps what the bot does not need any more. Has no effect together with
    /// [`Bot::journal`](Self::journal), which has its own.
    ///
    /// ```
    /// use std::time::Duration;
    /// use handover_runtime::journal::Retention;
    /// use handover_runtime::{Bot, Routes};
    ///
    /// let month = Duration::from_secs(30 * 24 * 60 * 60);
    /// let retention = Retention::default().sessions(12 * month).dead_letters(month);
    /// let bot = Bot::new(Routes::default()).retention(retention);
    /// ```
    pub fn retention(mut self, retention: Retention) -> Self {
        self.settings.retention = retention;
        self
    }

    /// Whether to mark messages as seen and to show a typing indicator until the bot has answered. Default:
    /// no.
    ///
    /// Applies to messages and postbacks that a handler takes, on Messenger and Instagram. The key `typing`
    /// of a handler overrides it. Costs up to two calls per message. A quick handler only marks the message
    /// as seen. Sender actions are best effort: they never fail an event, are not repeated, and are not
    /// sent while another app owns the thread.
    pub fn typing(mut self, on: bool) -> Self {
        self.settings.typing = on;
        self
    }

    /// Sets the text for the person when a handoff fails and no `#[on_handoff_failed]` answers; `None`
    /// sends nothing.
    pub fn handoff_failed_text(mut self, text: Option<String>) -> Self {
        self.settings.handoff_failed_text = text;
        self
    }

    /// What to do with a message to a thread that another app owns. Default: [`Blocked::DeadLetter`].
    pub fn blocked(mut self, policy: Blocked) -> Self {
        self.settings.blocked = policy;
        self
    }

    /// What to do with a message or metadata that exceeds a limit of the platform. Default: [`Limits::Fit`].
    pub fn limits(mut self, limits: Limits) -> Self {
        self.settings.limits = limits;
        self
    }

    /// Limits the messages per second for each account. Default: the platform's limits.
    pub fn send_rate(mut self, rate: SendRate) -> Self {
        self.settings.send_rate = rate;
        self
    }

    /// How long a stopping bot waits for unfinished work. Default: 20 s.
    pub fn grace(mut self, time: Duration) -> Self {
        self.settings.grace = time;
        self
    }

    /// At start, reads what persons wrote in this time and handles what is new; see
    /// [`BotHandle::catch_up`](crate::BotHandle::catch_up). Default: off. Webhooks are accepted meanwhile.
    pub fn catch_up(mut self, time: Duration) -> Self {
        self.settings.catch_up = Some(time);
        self
    }

    /// Sets the clock for timers, windows and pauses, for tests that advance it.
    pub fn clock(mut self, clock: Clock) -> Self {
        self.settings.clock = clock;
        self
    }
}
