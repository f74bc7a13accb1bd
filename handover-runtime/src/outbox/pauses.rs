//! Accounts for which sending is paused.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use handover_protocol::{AccountId, Object, Timestamp};
use tokio::sync::mpsc::UnboundedSender;

use crate::graph::{Graph, LONGEST_CALL};

/// The paused accounts, with the reasons. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub(crate) struct AccountPauses(Arc<PausesInner>);

#[derive(Debug, Default)]
struct PausesInner {
    accounts: Mutex<BTreeMap<AccountId, AccountSendState>>,
    /// Hears of each pause that begins or ends here.
    listener: OnceLock<UnboundedSender<PauseNews>>,
}

/// Whether calls of an account may be made.
#[derive(Debug, Default)]
struct AccountSendState {
    pause: Option<AccountPause>,
    /// How often the platform has throttled the account, one pause after the other, since a call was not.
    times_throttled: u32,
    /// The first call after the pause of a throttled account is being made: until then at most, the others wait for
    /// its result.
    tries_until: Option<Timestamp>,
}

impl AccountSendState {
    /// Begins a pause, or changes it. Returns whether there was none.
    fn pause(&mut self, pause: AccountPause) -> bool {
        self.pause.replace(pause).is_none()
    }

    /// The platform has throttled a call.
    fn throttled(&mut self) {
        // The others had begun before the pause.
        if self.tries_until.take().is_some() || self.times_throttled == 0 {
            self.times_throttled += 1;
        }
    }

    fn has_pause(&self, now: Timestamp) -> bool {
        self.pause.as_ref().is_some_and(|pause| !pause.is_over(now))
    }

    /// Until when at most others wait for the call that is being made to see whether the account is still throttled.
    fn tries_until(&self, now: Timestamp) -> Option<Timestamp> {
        self.tries_until.filter(|until| *until > now)
    }

    fn is_paused(&self, now: Timestamp) -> bool {
        self.has_pause(now) || self.tries_until(now).is_some()
    }

    /// When to look again whether calls may be made.
    fn ends(&self, now: Timestamp) -> Option<Timestamp> {
        let pause_ends = self.pause.as_ref().and_then(|pause| pause.until);
        pause_ends.into_iter().chain(self.tries_until(now)).min()
    }
}

impl AccountPause {
    fn is_over(&self, now: Timestamp) -> bool {
        self.until.is_some_and(|until| until <= now)
    }
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
        self.begin(account, pause, |_| {})
    }

    /// Pauses an account that the platform throttles.
    pub(super) fn throttle(&self, account: AccountId, pause: AccountPause) {
        self.begin(account, pause, AccountSendState::throttled);
    }

    fn begin(
        &self,
        account: AccountId,
        pause: AccountPause,
        change: impl FnOnce(&mut AccountSendState),
    ) -> bool {
        let mut accounts = self.lock();
        let state = accounts.entry(account.clone()).or_default();
        change(state);
        let is_new = state.pause(pause.clone());
        drop(accounts);
        if is_new {
            self.tell((account, Some(pause)));
        }
        is_new
    }

    /// How often an account was throttled since a call of it was not.
    pub(super) fn times_throttled(&self, account: &AccountId) -> u32 {
        self.lock().get(account).map_or(0, |it| it.times_throttled)
    }

    /// Whether a call of this account may be made now. After a throttled account's pause one call is made, and the
    /// others wait for its result.
    pub(super) fn may_try(&self, account: &AccountId, now: Timestamp) -> bool {
        let mut accounts = self.lock();
        let Some(state) = accounts.get_mut(account) else {
            return true;
        };
        if state.is_paused(now) {
            return false;
        }
        if state.times_throttled > 0 {
            state.tries_until = Some(now + LONGEST_CALL);
        }
        true
    }

    /// It is unknown whether the platform throttles the account: another call may be made to see. Returns whether
    /// others wait for that.
    pub(super) fn try_again(&self, account: &AccountId) -> bool {
        let mut accounts = self.lock();
        let state = accounts.get_mut(account);
        state.is_some_and(|it| it.tries_until.take().is_some())
    }

    /// A call of this account was not throttled. Returns whether others waited for that.
    pub(super) fn not_throttled(&self, account: &AccountId) -> bool {
        let mut accounts = self.lock();
        let state = accounts.get_mut(account);
        // Without a call that is being made to see, this one had begun before the pause.
        let Some(state) = state.filter(|it| it.tries_until.is_some()) else {
            return false;
        };
        (state.times_throttled, state.tries_until) = (0, None);
        true
    }

    /// Keeps a pause that another node has begun, and after it tries one call as that does.
    pub(super) fn keep(&self, account: AccountId, pause: AccountPause) {
        let mut accounts = self.lock();
        let state = accounts.entry(account).or_default();
        if pause.until.is_some() {
            state.times_throttled = state.times_throttled.max(1);
            state.tries_until = None;
        }
        state.pause(pause);
    }

    pub(crate) fn end(&self, account: &AccountId) {
        let mut accounts = self.lock();
        let ended = accounts.get_mut(account).and_then(|it| it.pause.take());
        drop(accounts);
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
        let accounts = self.lock();
        let refused = accounts.iter().filter_map(|(account, state)| {
            let refused = state.pause.as_ref()?.refused.clone()?;
            Some((account.clone(), refused))
        });
        refused.collect()
    }

    /// Accounts of which nothing is to be sent now, and when that may end.
    pub(super) fn now(&self, now: Timestamp) -> (Vec<AccountId>, Option<Timestamp>) {
        let mut accounts = self.lock();
        accounts.retain(|_, state| {
            if !state.has_pause(now) {
                state.pause = None;
            }
            state.pause.is_some() || state.times_throttled > 0
        });
        let next = accounts.values().filter_map(|it| it.ends(now)).min();
        let paused = accounts.iter().filter(|(_, it)| it.is_paused(now));
        (paused.map(|(account, _)| account.clone()).collect(), next)
    }

    /// Whether this account has a pause.
    pub(super) fn has(&self, account: &AccountId, now: Timestamp) -> bool {
        self.lock().get(account).is_some_and(|it| it.has_pause(now))
    }

    /// Whether nothing of this account is to be sent now.
    pub(super) fn is_paused(&self, account: &AccountId, now: Timestamp) -> bool {
        self.lock().get(account).is_some_and(|it| it.is_paused(now))
    }

    /// All pauses, for operators.
    pub(crate) fn all(&self) -> BTreeMap<AccountId, AccountPause> {
        let accounts = self.lock();
        let pauses = accounts
            .iter()
            .filter_map(|(account, state)| Some((account.clone(), state.pause.clone()?)));
        pauses.collect()
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<AccountId, AccountSendState>> {
        // What it says of an account is consistent after every statement.
        let accounts = &self.0.accounts;
        accounts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    const MINUTE: Duration = Duration::from_secs(60);

    #[test]
    fn after_the_pause_of_a_throttled_account_one_call_shows_whether_it_is_over() {
        let (pauses, account) = (AccountPauses::default(), AccountId::from("1"));
        let start = Timestamp::from_millis(1_700_000_000_000);
        let throttle = |now| {
            let pause = AccountPause {
                until: Some(now + MINUTE),
                reason: "too many calls".to_owned(),
                refused: None,
            };
            pauses.throttle(account.clone(), pause);
        };
        assert!(pauses.may_try(&account, start) && pauses.may_try(&account, start));
        for _ in 0..3 {
            // They were under way.
            throttle(start);
        }
        assert_eq!(pauses.times_throttled(&account), 1);
        assert!(
            !pauses.not_throttled(&account),
            "begun before the pause, too"
        );
        assert!(!pauses.may_try(&account, start));

        let again = start + MINUTE;
        assert!(pauses.may_try(&account, again));
        assert!(!pauses.may_try(&account, again), "one only");
        let (paused, next) = pauses.now(again);
        assert!(paused.contains(&account), "the others are not handed out");
        assert_eq!(next, Some(again + LONGEST_CALL));
        throttle(again);
        assert_eq!(pauses.times_throttled(&account), 2);

        let over = again + MINUTE;
        assert!(pauses.may_try(&account, over));
        assert!(pauses.not_throttled(&account), "others wait");
        assert_eq!(pauses.times_throttled(&account), 0);
        assert_eq!(pauses.now(over), (Vec::new(), None));
        assert!(pauses.may_try(&account, over) && pauses.may_try(&account, over));
    }
}
