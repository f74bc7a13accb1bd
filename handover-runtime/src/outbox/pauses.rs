//! Accounts to which nothing is sent for a while.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use handover_protocol::{AccountId, Object, Timestamp};

use crate::graph::Graph;

/// The accounts that are paused now, and why. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub(crate) struct AccountPauses(Arc<Mutex<BTreeMap<AccountId, AccountPause>>>);

#[derive(Clone, Debug)]
pub(crate) struct AccountPause {
    /// Until when; `None` until there is another access token.
    pub(crate) until: Option<Timestamp>,
    pub(crate) reason: String,
    /// What is refused until then.
    pub(crate) refused: Option<RefusedToken>,
}

/// A client whose access token the platform refuses.
#[derive(Clone, Debug)]
pub(crate) struct RefusedToken {
    pub(crate) product: Object,
    pub(crate) graph: Graph,
}

impl AccountPauses {
    /// Says whether the account was not paused before.
    pub(super) fn add(&self, account: AccountId, pause: AccountPause) -> bool {
        self.lock().insert(account, pause).is_none()
    }

    pub(crate) fn end(&self, account: &AccountId) {
        self.lock().remove(account);
    }

    /// The accounts that wait for another access token.
    pub(crate) fn refused(&self) -> Vec<(AccountId, RefusedToken)> {
        let pauses = self.lock();
        let refused = pauses.iter().filter_map(|(account, pause)| {
            let refused = pause.refused.clone()?;
            Some((account.clone(), refused))
        });
        refused.collect()
    }

    /// The accounts, and when the first of them may be sent to again.
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

    /// All of them, for operators.
    pub(crate) fn all(&self) -> BTreeMap<AccountId, AccountPause> {
        self.lock().clone()
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<AccountId, AccountPause>> {
        // The map is whole after every statement.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
