//! Accounts for which sending is paused.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use handover_protocol::{AccountId, Object, Timestamp};

use crate::graph::Graph;

/// The paused accounts, with the reasons. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub(crate) struct AccountPauses(Arc<Mutex<BTreeMap<AccountId, AccountPause>>>);

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
        self.lock().insert(account, pause).is_none()
    }

    pub(crate) fn end(&self, account: &AccountId) {
        self.lock().remove(account);
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
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
