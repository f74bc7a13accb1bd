//! Accounts for which sending is paused.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use handover_protocol::{AccountId, Object, Timestamp};
use tokio::sync::mpsc::UnboundedSender;

use crate::graph::Graph;

/// The paused accounts, with the reasons. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub(crate) struct AccountPauses(Arc<PausesInner>);

#[derive(Debug, Default)]
struct PausesInner {
    pauses: Mutex<BTreeMap<AccountId, AccountPause>>,
    /// Hears of each pause that begins or ends here.
    listener: OnceLock<UnboundedSender<PauseNews>>,
}

/// A pause of an account that has begun, or with `None` ended.
pub(super) type PauseNews = (AccountId, Option<AccountPause>);

#[derive(Clone, Debug)]
pub(crate) struct AccountPause {
    /// End of the pause; `None` until there is another access token.
    pub(crate) until: Option<Timestamp>,
    pub(crate) reason: String,
    /// The client whose token was refused.
    pub(crate) refused: Option<RefusedToken>,
}

/// A client whose access token the platform refuses.
#[derive(Clone, Debug)]
pub(crate) struct RefusedToken {
    pub(crate) product: Object,
    pub(crate) graph: Graph,
}

impl AccountPauses {
    /// Pauses an account. Returns whether it was not paused before.
    pub(super) fn add(&self, account: AccountId, pause: AccountPause) -> bool {
        let is_new = self.hear(account.clone(), pause.clone());
        if is_new {
            self.tell((account, Some(pause)));
        }
        is_new
    }

    /// The same of a pause that another node has begun.
    pub(super) fn hear(&self, account: AccountId, pause: AccountPause) -> bool {
        self.lock().insert(account, pause).is_none()
    }

    pub(crate) fn end(&self, account: &AccountId) {
        let ended = self.lock().remove(account);
        if ended.is_some() {
            self.tell((account.clone(), None));
        }
    }

    /// Reports each pause that begins or ends from now on. Only the first listener gets them.
    pub(super) fn listen(&self, listener: UnboundedSender<PauseNews>) {
        let _ = self.0.listener.set(listener);
    }

    fn tell(&self, news: PauseNews) {
        if let Some(listener) = self.0.listener.get() {
            // It may have ended with the bot.
            let _ = listener.send(news);
        }
    }

    /// Accounts that wait for another access token.
    pub(crate) fn refused(&self) -> Vec<(AccountId, RefusedToken)> {
        let pauses = self.lock();
        let refused = pauses.iter().filter_map(|(account, pause)| {
            let refused = pause.refused.clone()?;
            Some((account.clone(), refused))
        });
        refused.collect()
    }

    /// Paused accounts, and the end of the first pause.
    pub(super) fn now(&self, now: Timestamp) -> (Vec<AccountId>, Option<Timestamp>) {
        let mut pauses = self.lock();
        pauses.retain(|_, pause| pause.until.is_none_or(|until| until > now));
        let next = pauses.values().filter_map(|pause| pause.until).min();
        (pauses.keys().cloned().collect(), next)
    }

    pub(super) fn is_paused(&self, account: &AccountId, now: Timestamp) -> bool {
        let pauses = self.lock();
        let pause = pauses.get(account);
        pause.is_some_and(|pause| pause.until.is_none_or(|until| until > now))
    }

    /// All pauses, for operators.
    pub(crate) fn all(&self) -> BTreeMap<AccountId, AccountPause> {
        self.lock().clone()
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<AccountId, AccountPause>> {
        // The map is consistent after every statement.
        self.0.pauses.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
