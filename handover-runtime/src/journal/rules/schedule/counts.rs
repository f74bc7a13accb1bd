//! How much waits, and how much of that for accounts to which nothing is sent now.

use foldhash::{HashMap, HashSet};
use handover_protocol::AccountId;

/// How many events and calls wait.
#[derive(Debug, Default)]
pub(super) struct WaitingCounts {
    pub(super) events: usize,
    pub(super) calls: usize,
    /// Both, by account.
    by_account: HashMap<AccountId, usize>,
    /// Accounts to which nothing is sent now.
    paused: HashSet<AccountId>,
    /// Both, of those.
    of_paused: usize,
}

impl WaitingCounts {
    pub(super) fn add_events(&mut self, account: &AccountId, count: usize) {
        self.events += count;
        self.change(account, count, 0);
    }

    pub(super) fn remove_events(&mut self, account: &AccountId, count: usize) {
        self.events -= count;
        self.change(account, 0, count);
    }

    pub(super) fn add_calls(&mut self, account: &AccountId, count: usize) {
        self.calls += count;
        self.change(account, count, 0);
    }

    pub(super) fn remove_calls(&mut self, account: &AccountId, count: usize) {
        self.calls -= count;
        self.change(account, 0, count);
    }

    fn change(&mut self, account: &AccountId, added: usize, removed: usize) {
        if added == removed {
            return;
        }
        let count = self.by_account.entry(account.clone()).or_default();
        *count = *count + added - removed;
        if *count == 0 {
            self.by_account.remove(account);
        }
        if self.paused.contains(account) {
            self.of_paused = self.of_paused + added - removed;
        }
    }

    /// Nothing is sent to these accounts, and to no others.
    pub(super) fn set_paused(&mut self, accounts: impl IntoIterator<Item = AccountId>) {
        self.paused = accounts.into_iter().collect();
        let counts = self.paused.iter().map(|account| self.of(account));
        self.of_paused = counts.sum();
    }

    pub(super) fn paused(&self) -> &HashSet<AccountId> {
        &self.paused
    }

    /// Events and calls of an account.
    pub(super) fn of(&self, account: &AccountId) -> usize {
        self.by_account.get(account).copied().unwrap_or_default()
    }

    /// Events and calls of accounts to which nothing is sent now.
    pub(super) fn of_paused(&self) -> usize {
        self.of_paused
    }

    /// Events and calls, as far as they count: of accounts to which nothing is sent now, as many as this do not.
    pub(super) fn besides_paused(&self, uncounted: usize) -> usize {
        self.events + self.calls - self.of_paused.min(uncounted)
    }
}
