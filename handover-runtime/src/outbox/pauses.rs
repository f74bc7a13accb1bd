//! Accounts for which sending is paused.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;

use handover_protocol::{AccountId, Object, Timestamp};
use tokio::sync::mpsc::UnboundedSender;

use crate::graph::{Graph, LONGEST_CALL};
use crate::journal::StoredPause;

/// Other nodes hear of a pause that becomes longer by at least this: each call under way may lengthen it a little.
const MUCH_LONGER: Duration = Duration::from_secs(1);

/// The paused accounts, with the reasons. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub(crate) struct AccountPauses(Arc<PausesInner>);

#[derive(Debug, Default)]
struct PausesInner {
    accounts: Mutex<BTreeMap<AccountId, AccountSendState>>,
    /// Hears of each pause that begins, becomes longer or ends here.
    listener: OnceLock<UnboundedSender<PauseNews>>,
}

/// Whether calls of an account may be made.
#[derive(Debug, Default)]
struct AccountSendState {
    /// The pause until there is another access token.
    refused: Option<AccountPause>,
    /// The pause that ends at a time. It stays while there is no token.
    timed: Option<AccountPause>,
    /// How often the platform has throttled the account, one pause after the other, since a call was not.
    times_throttled: u32,
    /// The first call after the pause of a throttled account is being made: until then at most, the others wait for
    /// its result.
    tries_until: Option<Timestamp>,
}

impl AccountSendState {
    /// Begins a pause, or lengthens the one there is: one that lasts longer stays.
    fn pause(&mut self, pause: AccountPause, now: Timestamp) -> PauseEffect {
        let effect = match self.current_pause(now) {
            None => PauseEffect::Begins,
            Some(before) if before.covers(pause.until) => PauseEffect::Little,
            Some(_) => PauseEffect::Lengthens,
        };
        let same_kind = match pause.until {
            // Of two refused tokens, the last is waited for to be replaced.
            None => &mut self.refused,
            Some(_) => &mut self.timed,
        };
        if same_kind
            .as_ref()
            .is_none_or(|before| before.until <= pause.until)
        {
            *same_kind = Some(pause);
        }
        effect
    }

    /// The pause that lasts longest.
    fn longest_pause(&self) -> Option<&AccountPause> {
        self.refused.as_ref().or(self.timed.as_ref())
    }

    fn current_pause(&self, now: Timestamp) -> Option<&AccountPause> {
        self.longest_pause().filter(|pause| !pause.is_over(now))
    }

    /// The platform has throttled a call.
    fn throttled(&mut self) {
        self.times_throttled = self.throttled_before() + 1;
        self.tries_until = None;
    }

    /// How often the account was throttled before a call that is now.
    fn throttled_before(&self) -> u32 {
        match self.tries_until {
            Some(_) => self.times_throttled,
            // The call had begun before the pause, as the one that led to it.
            None => self.times_throttled.saturating_sub(1),
        }
    }

    /// Until when at most others wait for the call that is being made to see whether the account is still throttled.
    fn tries_until(&self, now: Timestamp) -> Option<Timestamp> {
        self.tries_until.filter(|until| *until > now)
    }

    fn is_paused(&self, now: Timestamp) -> bool {
        self.current_pause(now).is_some() || self.tries_until(now).is_some()
    }

    /// When to look again whether calls may be made.
    fn ends(&self, now: Timestamp) -> Option<Timestamp> {
        let pause_ends = self.longest_pause().and_then(|pause| pause.until);
        pause_ends.into_iter().chain(self.tries_until(now)).min()
    }
}

/// What a further pause changes for an account.
#[derive(PartialEq, Eq)]
enum PauseEffect {
    /// There was none.
    Begins,
    Lengthens,
    /// Nothing that other nodes have to know.
    Little,
}

impl AccountPause {
    fn is_over(&self, now: Timestamp) -> bool {
        self.until.is_some_and(|until| until <= now)
    }

    /// Whether other nodes need not hear of a pause until then, with this one.
    fn covers(&self, until: Option<Timestamp>) -> bool {
        match (self.until, until) {
            (None, _) => true,
            (Some(own), Some(other)) => other < own + MUCH_LONGER,
            (Some(_), None) => false,
        }
    }
}

/// A pause of an account that has begun or become longer, or with `None` ended.
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
    /// What is left of the pauses that the last process had.
    pub(crate) fn of_before(before: &[StoredPause], now: Timestamp) -> Self {
        let pauses = Self::default();
        for StoredPause {
            account,
            until,
            reason,
        } in before.iter().filter(|pause| pause.until > now)
        {
            tracing::warn!(%account, reason, "sending for this account is still paused, as it was before the start");
            let pause = AccountPause {
                until: Some(*until),
                reason: reason.clone(),
                refused: None,
            };
            pauses.keep(account.clone(), pause, now);
        }
        pauses
    }

    /// Pauses an account. Returns whether it was not paused before.
    pub(super) fn add(&self, account: AccountId, pause: AccountPause, now: Timestamp) -> bool {
        self.begin(account, pause, now, |_| {})
    }

    /// Pauses an account that the platform throttles.
    pub(super) fn throttle(&self, account: AccountId, pause: AccountPause, now: Timestamp) {
        self.begin(account, pause, now, AccountSendState::throttled);
    }

    fn begin(
        &self,
        account: AccountId,
        pause: AccountPause,
        now: Timestamp,
        change: impl FnOnce(&mut AccountSendState),
    ) -> bool {
        let mut accounts = self.lock();
        let state = accounts.entry(account.clone()).or_default();
        change(state);
        let effect = state.pause(pause.clone(), now);
        drop(accounts);
        if effect != PauseEffect::Little {
            self.tell((account, Some(pause)));
        }
        effect == PauseEffect::Begins
    }

    /// How often an account was throttled before a call that is now, since one was not. Those that were under way
    /// together count once.
    pub(super) fn throttled_before(&self, account: &AccountId) -> u32 {
        let accounts = self.lock();
        accounts
            .get(account)
            .map_or(0, AccountSendState::throttled_before)
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

    /// Keeps a pause that another node or process has begun, and after it tries one call as that does.
    pub(super) fn keep(&self, account: AccountId, pause: AccountPause, now: Timestamp) {
        let mut accounts = self.lock();
        let state = accounts.entry(account).or_default();
        if pause.until.is_some() {
            // A call that is being made to see tells all the same: the pause may be this node's own, which ends for
            // all a little later.
            state.times_throttled = state.times_throttled.max(1);
        }
        state.pause(pause, now);
    }

    /// There is another access token: what remains of a pause that ends at a time goes on.
    pub(super) fn token_renewed(&self, account: &AccountId, now: Timestamp) {
        let mut accounts = self.lock();
        let Some(state) = accounts.get_mut(account) else {
            return;
        };
        if state.refused.take().is_none() {
            return;
        }
        let rest = state.current_pause(now).cloned();
        drop(accounts);
        self.tell((account.clone(), None));
        if let Some(rest) = rest {
            // The other nodes have heard of the refused token instead.
            self.tell((account.clone(), Some(rest)));
        }
    }

    /// Ends all pauses of an account that is removed.
    pub(super) fn end(&self, account: &AccountId) {
        let mut accounts = self.lock();
        let Some(state) = accounts.get_mut(account) else {
            return;
        };
        let timed = state.timed.take();
        let was_paused = state.refused.take().or(timed).is_some();
        drop(accounts);
        if was_paused {
            self.tell((account.clone(), None));
        }
    }

    /// Reports each pause that begins, becomes longer or ends from now on. Only the first listener gets them.
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
            let refused = state.refused.as_ref()?.refused.clone()?;
            Some((account.clone(), refused))
        });
        refused.collect()
    }

    /// The same, without the clients.
    pub(super) fn without_token(&self) -> Vec<AccountId> {
        let accounts = self.lock();
        let refused = accounts.iter().filter(|(_, it)| it.refused.is_some());
        refused.map(|(account, _)| account.clone()).collect()
    }

    /// Accounts of which nothing is to be sent now, and when that may end.
    pub(super) fn now(&self, now: Timestamp) -> (Vec<AccountId>, Option<Timestamp>) {
        let mut accounts = self.lock();
        accounts.retain(|_, state| {
            state.timed = state.timed.take().filter(|pause| !pause.is_over(now));
            state.longest_pause().is_some() || state.times_throttled > 0
        });
        let next = accounts.values().filter_map(|it| it.ends(now)).min();
        let paused = accounts.iter().filter(|(_, it)| it.is_paused(now));
        (paused.map(|(account, _)| account.clone()).collect(), next)
    }

    /// Whether this account has a pause that lasts about as long.
    pub(super) fn has(
        &self,
        account: &AccountId,
        until: Option<Timestamp>,
        now: Timestamp,
    ) -> bool {
        let accounts = self.lock();
        let pause = accounts.get(account).and_then(|it| it.current_pause(now));
        pause.is_some_and(|pause| pause.covers(until))
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
            .filter_map(|(account, state)| Some((account.clone(), state.longest_pause()?.clone())));
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
    use super::*;

    const MINUTE: Duration = Duration::from_secs(60);
    const START: Timestamp = Timestamp::from_millis(1_700_000_000_000);

    fn pause(until: Option<Timestamp>) -> AccountPause {
        AccountPause {
            until,
            reason: "too many calls".to_owned(),
            refused: None,
        }
    }

    #[test]
    fn a_shorter_pause_does_not_replace_a_longer_one() {
        let (pauses, account) = (AccountPauses::default(), AccountId::from("1"));
        let (listener, mut news) = tokio::sync::mpsc::unbounded_channel();
        pauses.listen(listener);
        let mut told = || {
            let news = std::iter::from_fn(|| news.try_recv().ok());
            let untils = news.map(|(_, pause)| pause.map(|pause| pause.until));
            untils.collect::<Vec<_>>()
        };
        let until = || pauses.all()[&account].until;
        let add = |until, now| pauses.add(account.clone(), pause(until), now);
        let minutes = |count: u32| Some(START + MINUTE * count);

        assert!(add(minutes(5), START));
        assert!(!add(minutes(1), START));
        assert_eq!(until(), minutes(5));
        pauses.throttle(account.clone(), pause(minutes(1)), START);
        assert_eq!(until(), minutes(5));
        assert_eq!(told(), [Some(minutes(5))]);

        let a_little = minutes(5).map(|at| at + Duration::from_millis(1));
        assert!(!add(a_little, START));
        assert_eq!((until(), told()), (a_little, Vec::new()));
        assert!(!add(minutes(6), START));
        assert_eq!((until(), told()), (minutes(6), vec![Some(minutes(6))]));
        assert!(pauses.has(&account, a_little, START));
        assert!(!pauses.has(&account, minutes(7), START));
        assert!(!pauses.has(&account, None, START));

        // The token is refused.
        assert!(!add(None, START));
        assert!(!add(minutes(7), START));
        pauses.keep(account.clone(), pause(minutes(9)), START);
        assert_eq!((until(), told()), (None, vec![Some(None)]));
        pauses.token_renewed(&account, START);
        assert_eq!(
            (until(), told()),
            (minutes(9), vec![None, Some(minutes(9))])
        );
        pauses.token_renewed(&account, START);
        assert_eq!((until(), told()), (minutes(9), Vec::new()));
        // And once more, for longer than the other pause.
        assert!(!add(None, START));
        pauses.token_renewed(&account, START + MINUTE * 9);
        assert!(matches!(told()[..], [Some(None), None]));

        // The account is removed.
        assert!(add(minutes(11), START + MINUTE * 10));
        assert!(!add(None, START + MINUTE * 10));
        pauses.end(&account);
        assert!(pauses.all().is_empty());
        assert_eq!(told(), [Some(minutes(11)), Some(None), None]);
        pauses.end(&account);
        assert!(told().is_empty());

        assert!(add(minutes(1), START));
        let over = START + MINUTE;
        assert!(add(minutes(2), over), "the one before is over");
        assert_eq!(told(), [Some(minutes(1)), Some(minutes(2))]);
    }

    #[test]
    fn after_the_pause_of_a_throttled_account_one_call_shows_whether_it_is_over() {
        let (pauses, account) = (AccountPauses::default(), AccountId::from("1"));
        let throttle =
            |now: Timestamp| pauses.throttle(account.clone(), pause(Some(now + MINUTE)), now);
        assert!(pauses.may_try(&account, START) && pauses.may_try(&account, START));
        for _ in 0..3 {
            // They were under way.
            assert_eq!(pauses.throttled_before(&account), 0);
            throttle(START);
        }
        assert!(
            !pauses.not_throttled(&account),
            "begun before the pause, too"
        );
        assert!(!pauses.may_try(&account, START));

        let again = START + MINUTE;
        assert!(pauses.may_try(&account, again));
        assert!(!pauses.may_try(&account, again), "one only");
        let (paused, next) = pauses.now(again);
        assert!(paused.contains(&account), "the others are not handed out");
        assert_eq!(next, Some(again + LONGEST_CALL));
        assert_eq!(pauses.throttled_before(&account), 1);
        throttle(again);

        let over = again + MINUTE;
        assert!(pauses.may_try(&account, over));
        assert_eq!(pauses.throttled_before(&account), 2);
        assert!(pauses.not_throttled(&account), "others wait");
        assert_eq!(pauses.throttled_before(&account), 0);
        assert_eq!(pauses.now(over), (Vec::new(), None));
        assert!(pauses.may_try(&account, over) && pauses.may_try(&account, over));
    }

    #[test]
    fn a_pause_that_comes_back_from_the_other_nodes_does_not_hide_what_the_call_after_it_shows() {
        let (pauses, account) = (AccountPauses::default(), AccountId::from("1"));
        pauses.throttle(account.clone(), pause(Some(START + MINUTE)), START);
        let over = START + MINUTE;
        assert!(pauses.may_try(&account, over));
        let a_little = over + Duration::from_millis(5);
        pauses.keep(account.clone(), pause(Some(a_little)), over);
        assert!(pauses.not_throttled(&account), "others wait");
        assert_eq!(pauses.throttled_before(&account), 0);
        assert!(pauses.may_try(&account, a_little) && pauses.may_try(&account, a_little));
    }
}
