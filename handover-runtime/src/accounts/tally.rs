//! What was done for each account, for operators who ask.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use handover_protocol::AccountId;

use crate::graph::Call;
use crate::journal::{CallResult, FinishedCall};

/// What is counted for one account since the bot started.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Tally {
    pub(crate) events_handled: u64,
    pub(crate) events_failed: u64,
    pub(crate) messages_sent: u64,
    pub(crate) messages_failed: u64,
    pub(crate) handoffs_passed: u64,
    pub(crate) handoffs_failed: u64,
}

/// The tallies of all accounts.
#[derive(Debug, Default)]
pub(crate) struct Tallies(Mutex<BTreeMap<AccountId, Tally>>);

impl Tallies {
    pub(crate) fn count(&self, account: &AccountId, count: impl FnOnce(&mut Tally)) {
        let mut all = self.lock();
        match all.get_mut(account) {
            Some(tally) => count(tally),
            None => count(all.entry(account.clone()).or_default()),
        }
    }

    /// A call came to an end, or did not.
    pub(crate) fn call(&self, account: &AccountId, call: &Call, finished: &FinishedCall) {
        let is_done = match &finished.result {
            CallResult::Sent => true,
            CallResult::Dead(_) => false,
            _ => return,
        };
        self.count(account, |tally| match call {
            Call::Messages(send) if send.sender_action.is_some() => {}
            Call::Messages(_) if is_done => tally.messages_sent += 1,
            Call::Messages(_) => tally.messages_failed += 1,
            Call::PassThreadControl(_) if is_done => tally.handoffs_passed += 1,
            Call::PassThreadControl(_) => tally.handoffs_failed += 1,
            _ => {}
        });
    }

    pub(crate) fn all(&self) -> BTreeMap<AccountId, Tally> {
        self.lock().clone()
    }

    /// The account is gone.
    pub(super) fn forget(&self, account: &AccountId) {
        self.lock().remove(account);
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<AccountId, Tally>> {
        // The map is whole after every statement.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
