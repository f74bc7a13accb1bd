//! The settings of a bot, apart from what its handlers do.

use std::time::Duration;

use tokio::sync::Semaphore;

use super::Bot;
use crate::accounts::SendRate;
use crate::clock::Clock;
use crate::outbox::Blocked;
use crate::outcome::Limits;
use crate::ownership::HumanApps;
use crate::routing::Pace;

impl Bot {
    /// How many threads are handled at once. Default: 1000. At least one is.
    ///
    /// A running handler occupies one of them, also while it waits for another service such as a language
    /// model: with the default, 1000 people can wait for it at the same time. One that waits costs a few
    /// kilobytes and no processor time. Bound what the other service can take by a
    /// [`tokio::sync::Semaphore`] in the state, and how long a person waits by
    /// [`handler_timeout`](Self::handler_timeout).
    pub fn threads_at_once(mut self, threads: usize) -> Self {
        self.settings.threads_at_once = threads.clamp(1, Semaphore::MAX_PERMITS);
        self
    }

    /// When a handler that has not answered has failed; by default after 30 s.
    pub fn handler_timeout(mut self, time: Duration) -> Self {
        self.settings.handler_timeout = time;
        self
    }

    /// How often a handler that failed is called again; by default 3 times, after 1 s, 4 s and
    /// 16 s. The thread waits for it, others do not. `#[on_error]` is asked at the first failure;
    /// after the last, the event is kept as a dead letter.
    pub fn retries(mut self, retries: u32) -> Self {
        self.settings.retries = retries;
        self
    }

    /// What happens when a person writes several messages quickly; by default each is handled, in
    /// order. A handler can say otherwise by `#[on_message(pace = "…")]`.
    pub fn pace(mut self, pace: Pace) -> Self {
        self.settings.pace = pace;
        self
    }

    /// How long the bot is silent in a thread in which a human has answered beside it, where no app
    /// is the default one and so nobody hands threads over. Default: 30 minutes. Zero lets it
    /// speak on. The app needs the subscription `message_echoes`.
    ///
    /// Which echoes count as a human is [`human_apps`](Self::human_apps). Each further word begins
    /// the pause anew. It is the bot's own rule and says nothing of who owns the thread.
    pub fn pause_on_human_reply(mut self, time: Duration) -> Self {
        self.settings.pause_on_human_reply = time;
        self
    }

    /// Which apps' echoes count as a human who answers beside the bot. Default: those of every app
    /// but this one; not Meta's AI, and not the inbox's instant replies. See [`HumanApps`].
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

    /// A word that an agent types to silence the bot in a thread for this time, instead of for
    /// [`pause_on_human_reply`](Self::pause_on_human_reply). Case and surrounding space do not
    /// matter. The person sees it, too. Default: none.
    pub fn pause_word(mut self, word: impl Into<String>, time: Duration) -> Self {
        self.settings.pause_word = Some((word.into(), time));
        self
    }

    /// A word that an agent types to let the bot speak again in a thread: it ends a pause, and takes
    /// the thread if another app owns it. Case and surrounding space do not matter. The person sees
    /// it, too. Default: none.
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

    /// Whether what is said while somebody else has a thread is kept for
    /// [`Handback`](crate::extract::Handback); by default it is.
    pub fn transcripts(mut self, on: bool) -> Self {
        self.settings.transcripts = on;
        self
    }

    /// Whether the person sees that the bot has read what they wrote, and that it is typing until it
    /// has answered; by default they do not.
    ///
    /// It holds for messages and postbacks that a handler takes, on Messenger and on Instagram, unless
    /// the handler has the key `typing` and says otherwise. It costs up to two calls for each. A quick handler only marks the message as read. These signs
    /// are shown at once or not at all: they never fail an event, are not repeated, and are not
    /// shown while somebody else has the thread.
    pub fn typing(mut self, on: bool) -> Self {
        self.settings.typing = on;
        self
    }

    /// What the person is told when a handoff fails and no `#[on_handoff_failed]` says anything;
    /// `None` is nothing.
    pub fn handoff_failed_text(mut self, text: Option<String>) -> Self {
        self.settings.handoff_failed_text = text;
        self
    }

    /// What becomes of a message to a thread that somebody else owns; by default it is kept as a
    /// dead letter.
    pub fn blocked(mut self, policy: Blocked) -> Self {
        self.settings.blocked = policy;
        self
    }

    /// What becomes of a message or a note that is larger than the platform accepts. Default:
    /// [`Limits::Fit`].
    pub fn limits(mut self, limits: Limits) -> Self {
        self.settings.limits = limits;
        self
    }

    /// How many messages are sent in a second for each account; by default the platform's limits.
    pub fn send_rate(mut self, rate: SendRate) -> Self {
        self.settings.send_rate = rate;
        self
    }

    /// How long a stopping bot waits for what it has begun; by default 20 s.
    pub fn grace(mut self, time: Duration) -> Self {
        self.settings.grace = time;
        self
    }

    /// When the bot starts, it reads what persons wrote in this time and handles what it does not
    /// know: see [`BotHandle::catch_up`](crate::BotHandle::catch_up). Off by default. Webhooks are
    /// accepted meanwhile.
    pub fn catch_up(mut self, time: Duration) -> Self {
        self.settings.catch_up = Some(time);
        self
    }

    /// The time that the bot's timers, windows and pauses go by, for tests that move it on.
    pub fn clock(mut self, clock: Clock) -> Self {
        self.settings.clock = clock;
        self
    }
}
