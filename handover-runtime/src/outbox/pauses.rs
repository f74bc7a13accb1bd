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
    pauses: Mutex<Pauses>,
    /// Accounts that the platform throttles, until a call is not.
    throttled: Mutex<BTreeMap<AccountId, Throttled>>,
    /// Hears of each pause that begins or ends here.
    listener: OnceLock<UnboundedSender<PauseNews>>,
}

#[derive(Debug, Default)]
struct Throttled {
    /// How often, one pause after the other.
    times: u32,
    /// The first call after a pause is being made: until then at most, the others wait for its result.
    tries_until: Option<Timestamp>,
}

impl Throttled {
    fn is_trying(&self, now: Timestamp) -> bool {
        self.tries_until.is_some_and(|until| until > now)
    }
}

impl AccountPause {
    fn is_over(&self, now: Timestamp) -> bool {
        self.until.is_some_and(|until| until <= now)
    }
}

type Pauses = BTreeMap<AccountId, AccountPause>;

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

    /// Pauses an account that the platform throttles.
    pub(super) fn throttle(&self, account: AccountId, pause: AccountPause) {
        let mut all = self.throttled();
        let throttled = all.entry(account.clone()).or_default();
        // The others had begun before the pause.
        if throttled.tries_until.take().is_some() || throttled.times == 0 {
            throttled.times += 1;
        }
        self.add(account, pause);
    }

    /// How often an account was throttled since a call of it was not.
    pub(super) fn times_throttled(&self, account: &AccountId) -> u32 {
        self.throttled().get(account).map_or(0, |it| it.times)
    }

    /// Whether a call of this account may be made now. After a throttled account's pause one call is made, and the
    /// others wait for its result.
    pub(super) fn may_try(&self, account: &AccountId, now: Timestamp) -> bool {
        let mut throttled = self.throttled();
        if is_paused(&self.lock(), account, now) {
            return false;
        }
        match throttled.get_mut(account) {
            None => true,
            Some(throttled) if throttled.is_trying(now) => false,
            Some(throttled) => {
                throttled.tries_until = Some(now + LONGEST_CALL);
                true
            }
        }
    }

    /// It is unknown whether the platform throttles the account: another call may be made to see. Returns whether
    /// others wait for that.
    pub(super) fn try_again(&self, account: &AccountId) -> bool {
        let mut throttled = self.throttled();
        let throttled = throttled.get_mut(account);
        throttled.is_some_and(|it| it.tries_until.take().is_some())
    }

    /// A call of this account was not throttled. Returns whether others waited for that.
    pub(super) fn not_throttled(&self, account: &AccountId) -> bool {
        let mut throttled = self.throttled();
        let waited = throttled
            .get(account)
            .is_some_and(|it| it.tries_until.is_some());
        if waited {
            throttled.remove(account);
        }
        waited
    }

    /// Keeps a pause that another node has begun, and after it tries one call as that does.
    pub(super) fn keep(&self, account: AccountId, pause: AccountPause) {
        if pause.until.is_some() {
            let mut throttled = self.throttled();
            let throttled = throttled.entry(account.clone()).or_default();
            throttled.times = throttled.times.max(1);
            throttled.tries_until = None;
        }
        self.hear(account, pause);
    }

    fn hear(&self, account: AccountId, pause: AccountPause) -> bool {
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

    /// Accounts of which nothing is to be sent now, and when that may end.
    pub(super) fn now(&self, now: Timestamp) -> (Vec<AccountId>, Option<Timestamp>) {
        let throttled = self.throttled();
        let trying = throttled.iter().filter(|(_, it)| it.is_trying(now));
        let mut pauses = self.lock();
        pauses.retain(|_, pause| !pause.is_over(now));
        let tries_until = trying.clone().filter_map(|(_, it)| it.tries_until);
        let next = pauses.values().filter_map(|pause| pause.until);
        let next = next.chain(tries_until).min();
        let trying = trying.map(|(account, _)| account);
        (pauses.keys().chain(trying).cloned().collect(), next)
    }

    /// Whether this account has a pause.
    pub(super) fn has(&self, account: &AccountId, now: Timestamp) -> bool {
        is_paused(&self.lock(), account, now)
    }

    /// Whether nothing of this account is to be sent now.
    pub(super) fn is_paused(&self, account: &AccountId, now: Timestamp) -> bool {
        let throttled = self.throttled();
        throttled.get(account).is_some_and(|it| it.is_trying(now))
            || is_paused(&self.lock(), account, now)
    }

    /// All pauses, for operators.
    pub(crate) fn all(&self) -> BTreeMap<AccountId, AccountPause> {
        self.lock().clone()
    }

    // Both maps are consistent after every statement. Who needs both locks this one first.
    fn throttled(&self) -> MutexGuard<'_, BTreeMap<AccountId, Throttled>> {
        let throttled = &self.0.throttled;
        throttled.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn lock(&self) -> MutexGuard<'_, Pauses> {
        self.0.pauses.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn is_paused(pauses: &Pauses, account: &AccountId, now: Timestamp) -> bool {
    let pause = pauses.get(account);
    pause.is_some_and(|pause| !pause.is_over(now))
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
