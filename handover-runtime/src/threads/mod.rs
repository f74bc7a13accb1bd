//! Threads, from outside a handler.

mod receipt;
#[cfg(feature = "postgres")]
mod remote;
mod submit;

use std::collections::HashMap;
use std::error::Error;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use handover_protocol::{AccountId, LimitExceeded};
use serde_json::Value;

pub use receipt::Receipt;
#[cfg(feature = "postgres")]
pub use remote::RemoteSignal;
pub use submit::{SendMessage, SendSignal};

use crate::accounts::Accounts;
use crate::clock::Clock;
use crate::dispatch::MatchCache;
use crate::journal::{
    Forgotten, Journal, JournalError, PauseChange, Replay, Replayed, ThreadChange, ThreadExport,
    ThreadState, Wake,
};
use crate::outbox::ObservedSends;
use crate::thread::ThreadKey;

/// The threads of a running bot, from outside a handler: an HTTP endpoint, a queue's consumer, a cron
/// job, the tools of the people who answer.
///
/// From [`BotHandle::threads`](crate::BotHandle::threads). Cheap to clone.
///
/// ```no_run
/// use std::time::Duration;
///
/// use handover_runtime::{Bot, Error, Result, Routes};
///
/// # async fn example(routes: Routes) -> Result {
/// let (router, bot) = Bot::new(routes).into_parts()?;
/// let thread = bot.threads().of("1744550565845823", "1254477777772919");
/// thread.send("Your table is ready.").id("table-7").await.map_err(Error::other)?;
/// thread.pause(Duration::from_secs(2 * 60 * 60)).await.map_err(Error::other)?;
/// thread.resume().await.map_err(Error::other)?;
/// # let _ = router;
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Threads {
    inner: Arc<Inner>,
}

pub(crate) struct Inner {
    pub(crate) journal: Journal,
    pub(crate) wake: Wake,
    pub(crate) clock: Clock,
    pub(crate) accounts: Arc<Accounts>,
    /// The signals that handlers take, and what reads their content.
    pub(crate) signals: Signals,
    /// What routes were found for events that wait.
    pub(crate) matches: Arc<MatchCache>,
    /// What is being sent and has an echo that matches no call of its thread.
    pub(crate) observed_sends: Arc<ObservedSends>,
}

/// By the signal's name, what says whether JSON is its content.
pub(crate) type Signals = HashMap<&'static str, fn(&Value) -> Result<(), String>>;

/// Why something was not accepted from outside a handler. Nothing of it is stored then, unless it is
/// [`JournalError::Unanswered`]: with the same id, it is stored once however often it is sent.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SubmitError {
    /// The bot speaks for no such account.
    #[error(
        "the bot speaks for no account {account}; `Config::account` or the file of accounts names those it does"
    )]
    UnknownAccount {
        /// The account.
        account: AccountId,
    },
    /// The thread is the account's own: it has nobody to speak with.
    #[error("a thread needs the id of a person: a PSID, or an IGSID on Instagram")]
    NoPerson,
    /// The id was used in this thread for something else.
    #[error(
        "the id `{id}` was used in this thread for {first}: use another id for another content"
    )]
    IdConflict {
        /// The id.
        id: String,
        /// What it was used for first.
        first: String,
    },
    /// The id is not one.
    #[error(
        "an id has 1 to {} characters, none of them a control character",
        Self::LONGEST_ID
    )]
    InvalidId,
    /// The signal cannot be written as JSON.
    #[error("the signal `{name}` cannot be written as JSON")]
    Unwritable {
        /// The signal's name.
        name: String,
        /// Why.
        source: serde_json::Error,
    },
    /// The content of the signal is too long.
    #[error(
        "the content of a signal has at most {} bytes of JSON, and this has {bytes}",
        Self::LONGEST_CONTENT
    )]
    TooLong {
        /// How long it is.
        bytes: usize,
    },
    /// The message says nothing.
    #[error("the message is empty")]
    EmptyMessage,
    /// The message exceeds a limit of the platform.
    #[error(transparent)]
    Limit(LimitExceeded),
    /// The token store does not say whether the bot speaks for the account.
    #[error("the token store does not answer")]
    TokenStore(#[source] Box<dyn Error + Send + Sync>),
    /// It cannot be stored, or the node that works the thread has not answered. With [`JournalError::Full`], too much
    /// waits: send it again later.
    #[error(transparent)]
    Journal(#[from] JournalError),
}

impl SubmitError {
    /// The longest id, in characters.
    pub const LONGEST_ID: usize = 200;
    /// The longest content of a signal, in bytes of JSON.
    pub const LONGEST_CONTENT: usize = 256 * 1024;
}

/// One thread of a running bot, from [`Threads::of`]. Cheap to clone.
#[derive(Clone, Debug)]
pub struct ThreadHandle {
    threads: Threads,
    key: ThreadKey,
}

impl Threads {
    /// Puts back what was settled or given up.
    pub(crate) async fn replay(&self, replay: Replay) -> Result<Vec<Replayed>, JournalError> {
        let Inner { journal, wake, .. } = &*self.inner;
        let (replayed, wakeups) = journal.replay(replay).await?;
        wake.up(wakeups);
        Ok(replayed)
    }

    /// Which store they are in.
    pub(crate) fn store(&self) -> &str {
        self.inner.journal.identity()
    }

    pub(crate) fn new(inner: Inner) -> Self {
        Self {
            inner: Arc::new(inner),
        }
    }

    pub(crate) fn clock(&self) -> &Clock {
        &self.inner.clock
    }

    /// Whether a handler takes this signal, and content such as this; `None` if there is none.
    pub(crate) fn check_signal(&self, name: &str, content: &Value) -> Option<Result<(), String>> {
        let check = self.inner.signals.get(name)?;
        Some(check(content))
    }

    /// The thread of this account (Page or Instagram professional account) with this person (PSID or
    /// IGSID), whether or not the bot has heard of it.
    pub fn of(&self, account: impl AsRef<str>, person: impl AsRef<str>) -> ThreadHandle {
        ThreadHandle {
            threads: self.clone(),
            key: ThreadKey::new(account.as_ref(), person.as_ref()),
        }
    }
}

impl Threads {
    /// The thread with this key, as a handler takes it by [`Thread`](crate::extract::Thread).
    #[must_use]
    pub fn at(&self, key: ThreadKey) -> ThreadHandle {
        ThreadHandle {
            threads: self.clone(),
            key,
        }
    }
}

impl ThreadHandle {
    /// The thread.
    #[must_use]
    pub fn key(&self) -> &ThreadKey {
        &self.key
    }

    /// Pauses the bot in the thread for this time: waiting messages are not sent, and what the person
    /// writes goes to `#[on_standby]` only.
    ///
    /// The pause is stored when this returns. A human who answers meanwhile extends it to
    /// [`Bot::pause_on_human_reply`](crate::Bot::pause_on_human_reply), if that ends later.
    ///
    /// # Errors
    ///
    /// If the store cannot be written. Then nothing has changed.
    pub async fn pause(&self, time: Duration) -> Result<(), JournalError> {
        let now = self.threads.clock().now();
        self.change(PauseChange::Begins {
            until: now + time,
            echo: None,
            spares: None,
        })
        .await
    }

    /// Ends the pause of the bot in the thread. Does nothing without a pause.
    ///
    /// The change is stored when this returns. It does not take the thread from another owner.
    ///
    /// # Errors
    ///
    /// If the store cannot be written. Then nothing has changed.
    pub async fn resume(&self) -> Result<(), JournalError> {
        self.change(PauseChange::Ends).await
    }

    /// Returns what the bot knows of the thread.
    ///
    /// # Errors
    ///
    /// If the store cannot be read.
    pub async fn state(&self) -> Result<ThreadState, JournalError> {
        self.threads.inner.journal.thread(self.key.clone()).await
    }

    /// Deletes everything that the bot keeps of the thread: events, session, history, calls that were
    /// not sent, timers, dead letters. Returns how much it was.
    ///
    /// When it returns, the rows are deleted and their bytes are in no file of the store any more, and
    /// nothing comes back after a crash. For that the store's file is rewritten, during which the bot
    /// does not accept webhooks: about a second for each 100 MB. If it returns an error after the rows
    /// were deleted, ask again; the next start of the bot finishes it as well.
    ///
    /// A handler that runs for the thread meanwhile runs to its end, but nothing of its answer is stored
    /// or sent. A call that is being made is not repeated. What the person writes afterwards starts a
    /// new thread. An event from before that the platform delivers again is still recognised, by a hash.
    ///
    /// It does not reach what is not the bot's: the conversation at the platform, logs, backups, and
    /// what handlers have stored elsewhere.
    ///
    /// ```no_run
    /// use handover_runtime::{Error, Result, Threads};
    ///
    /// async fn erase(threads: &Threads, page: &str, person: &str) -> Result {
    ///     let forgotten = threads.of(page, person).forget().await.map_err(Error::other)?;
    ///     println!("{} events and {} turns", forgotten.events, forgotten.turns);
    ///     Ok(())
    /// }
    /// ```
    ///
    /// # Errors
    ///
    /// If the store cannot be written. If another program reads the file for longer than 5 s, it is
    /// [`JournalError::Erase`]. After [`JournalError::Unanswered`] the node that works the thread deletes everything
    /// as soon as it can.
    pub async fn forget(&self) -> Result<Forgotten, JournalError> {
        let Inner {
            journal,
            wake,
            matches,
            observed_sends,
            ..
        } = &*self.threads.inner;
        let forgotten = journal.forget(self.key.clone()).await;
        matches.clear();
        observed_sends.forget(&self.key);
        // What came meanwhile may wait for what is gone.
        wake.events_arrived();
        wake.calls_arrived();
        if let Ok(forgotten) = &forgotten {
            tracing::info!(account = %self.key.account, rows = forgotten.total(), "a person was forgotten");
        }
        forgotten
    }

    /// Everything that the bot keeps of the thread, to be written as JSON and handed to the person.
    ///
    /// ```no_run
    /// use handover_runtime::{Error, Result, Threads};
    ///
    /// async fn copy(threads: &Threads, page: &str, person: &str) -> Result<String> {
    ///     let export = threads.of(page, person).export().await.map_err(Error::other)?;
    ///     serde_json::to_string_pretty(&export).map_err(Error::other)
    /// }
    /// ```
    ///
    /// # Errors
    ///
    /// If the store cannot be read.
    pub async fn export(&self) -> Result<ThreadExport, JournalError> {
        self.threads.inner.journal.export(self.key.clone()).await
    }

    async fn change(&self, pause: PauseChange) -> Result<(), JournalError> {
        let change = ThreadChange::of_pause(pause);
        let Inner { journal, wake, .. } = &*self.threads.inner;
        let ready = journal.change_thread(self.key.clone(), change).await?;
        wake.up(ready);
        Ok(())
    }
}

impl fmt::Debug for Threads {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Threads").finish_non_exhaustive()
    }
}
