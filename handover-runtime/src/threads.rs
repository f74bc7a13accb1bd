//! Threads, for use outside a handler.

use std::fmt;
use std::time::Duration;

use crate::clock::Clock;
use crate::journal::{Journal, JournalError, PauseChange, ThreadChange, ThreadState, Wake};
use crate::thread::ThreadKey;

/// The threads of a running bot, for use outside a handler, such as in the tools of agents.
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
/// thread.pause(Duration::from_secs(2 * 60 * 60)).await.map_err(Error::other)?;
/// thread.resume().await.map_err(Error::other)?;
/// # let _ = router;
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Threads {
    journal: Journal,
    wake: Wake,
    clock: Clock,
}

/// A thread of a running bot, from [`Threads::of`]. Cheap to clone.
#[derive(Clone, Debug)]
pub struct ThreadHandle {
    threads: Threads,
    key: ThreadKey,
}

impl Threads {
    pub(crate) fn new(journal: Journal, wake: Wake, clock: Clock) -> Self {
        Self {
            journal,
            wake,
            clock,
        }
    }

    /// Returns the thread of this account (Page or Instagram professional account) with this person (PSID
    /// or IGSID), known to the bot or not.
    pub fn of(&self, account: impl AsRef<str>, person: impl AsRef<str>) -> ThreadHandle {
        ThreadHandle {
            threads: self.clone(),
            key: ThreadKey::new(account.as_ref(), person.as_ref()),
        }
    }
}

impl ThreadHandle {
    /// Key of the thread.
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
        let now = self.threads.clock.now();
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
        self.threads.journal.thread(self.key.clone()).await
    }

    async fn change(&self, pause: PauseChange) -> Result<(), JournalError> {
        let change = ThreadChange::of_pause(pause);
        let Threads { journal, wake, .. } = &self.threads;
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
