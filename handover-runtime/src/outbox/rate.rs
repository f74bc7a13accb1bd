//! Rate limit of calls for each account.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use foldhash::HashMap;
use handover_protocol::AccountId;

use super::sender_action::is_sender_action;
use crate::accounts::SendRate;
use crate::graph::Call;
use crate::journal::OutboxCall;

/// Limits the calls per second.
pub(crate) struct Limiter {
    usual: Meter,
    /// For accounts with their own rate.
    own: Mutex<HashMap<SendRate, Arc<Meter>>>,
    /// The lanes of this node, of 256: its part of every rate. Threads are spread evenly over them.
    lanes: AtomicU32,
}

/// All lanes.
const ALL: u32 = 256;

/// A call that comes so long after its time waits for another: many that were held up would come at once.
const LATE: Duration = Duration::from_secs(1);

struct Meter {
    messages: Buckets,
    media: Buckets,
}

/// A token bucket for each account. It holds one second's calls and fills evenly.
struct Buckets {
    per_second: u32,
    tokens: Mutex<Tokens>,
}

#[derive(Default)]
struct Tokens {
    /// When the bucket of an account is full again. A full one is removed.
    full_at: HashMap<AccountId, Instant>,
    /// When the token is there that was taken in advance for a call, by its number in the outbox.
    reserved: HashMap<u64, Instant>,
}

impl Limiter {
    pub(crate) fn new(rate: SendRate) -> Self {
        Self {
            usual: Meter::new(rate),
            own: Mutex::default(),
            lanes: AtomicU32::new(ALL),
        }
    }

    /// Of several nodes, this one has so many of the 256 lanes.
    pub(super) fn take_part(&self, lanes: usize) {
        let lanes = u32::try_from(lanes).unwrap_or(ALL).min(ALL);
        self.lanes.store(lanes, Ordering::Relaxed);
    }

    /// Whether the call may be made now, at the default rate or the account's own.
    pub(super) fn allows(&self, account: &AccountId, own: Option<SendRate>, call: &Call) -> bool {
        self.ask(own, call, |buckets, lanes| {
            buckets.take(account, Instant::now(), lanes)
        })
        .is_ok()
    }

    /// The same for a call of the outbox. Returns how long it has to wait, and reserves its turn: calls are
    /// made in the order in which they asked. A sender action, which may be lost, gets none.
    pub(super) fn turn(&self, call: &OutboxCall, own: Option<SendRate>) -> Result<(), Duration> {
        let (account, now) = (&call.thread.account, Instant::now());
        self.ask(own, &call.call, |buckets, lanes| {
            match is_sender_action(&call.call) {
                true => buckets.take(account, now, lanes),
                false => buckets.reserve(call.id, account, now, lanes),
            }
        })
    }

    fn ask(
        &self,
        own: Option<SendRate>,
        call: &Call,
        ask: impl FnOnce(&Buckets, u32) -> Result<(), Duration>,
    ) -> Result<(), Duration> {
        let Call::Messages(_) = call else {
            return Ok(());
        };
        let lanes = self.lanes.load(Ordering::Relaxed);
        match own {
            None => ask(self.usual.buckets(call), lanes),
            Some(rate) => {
                let meter = {
                    // The map is consistent after every statement.
                    let mut own = self.own.lock().unwrap_or_else(PoisonError::into_inner);
                    let meter = own.entry(rate);
                    meter.or_insert_with(|| Arc::new(Meter::new(rate))).clone()
                };
                ask(meter.buckets(call), lanes)
            }
        }
    }
}

impl Meter {
    fn new(rate: SendRate) -> Self {
        Self {
            messages: Buckets::new(rate.messages),
            media: Buckets::new(rate.media),
        }
    }

    fn buckets(&self, call: &Call) -> &Buckets {
        match is_media(call) {
            true => &self.media,
            false => &self.messages,
        }
    }
}

impl Buckets {
    fn new(per_second: u32) -> Self {
        Self {
            per_second: per_second.max(1),
            tokens: Mutex::default(),
        }
    }

    /// Takes a token from the account's bucket, or returns when there is one. The bucket has the part of these
    /// lanes, at least one token.
    fn take(&self, account: &AccountId, now: Instant, lanes: u32) -> Result<(), Duration> {
        let mut tokens = self.lock();
        let (full, pause) = self.next(&mut tokens, account, now, lanes);
        if !pause.is_zero() {
            return Err(pause);
        }
        tokens.full_at.insert(account.clone(), full);
        Ok(())
    }

    /// Takes a token for this call, or the next one that nobody has reserved, and returns when that is there.
    fn reserve(
        &self,
        call: u64,
        account: &AccountId,
        now: Instant,
        lanes: u32,
    ) -> Result<(), Duration> {
        let mut tokens = self.lock();
        if let Some(at) = tokens.reserved.get(&call).copied() {
            if at > now {
                return Err(at - now);
            }
            tokens.reserved.remove(&call);
            if now - at <= LATE {
                return Ok(());
            }
        }
        let (full, pause) = self.next(&mut tokens, account, now, lanes);
        tokens.full_at.insert(account.clone(), full);
        if pause.is_zero() {
            return Ok(());
        }
        if tokens.reserved.len().is_power_of_two() {
            // Those of calls that were given up, seldom enough to cost nothing.
            tokens.reserved.retain(|_, at| *at + LATE > now);
        }
        tokens.reserved.insert(call, now + pause);
        Err(pause)
    }

    /// When the bucket will be full with another token taken, and how long until there is that token.
    fn next(
        &self,
        tokens: &mut Tokens,
        account: &AccountId,
        now: Instant,
        lanes: u32,
    ) -> (Instant, Duration) {
        let part = u64::from(self.per_second) * u64::from(lanes) / u64::from(ALL);
        let per_second = u32::try_from(part).unwrap_or(self.per_second).max(1);
        let each = Duration::from_secs(1) / per_second;
        let full = match tokens.full_at.get(account) {
            Some(full) => (*full).max(now),
            None => {
                tokens.full_at.retain(|_, full| *full > now);
                now
            }
        };
        let full = full + each;
        let pause = (full - now).saturating_sub(each * per_second);
        (full, pause)
    }

    fn lock(&self) -> MutexGuard<'_, Tokens> {
        // The maps are consistent after every statement.
        self.tokens.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn is_media(call: &Call) -> bool {
    let Call::Messages(send) = call else {
        return false;
    };
    let message = send.message.as_ref();
    let attachment = message.and_then(|message| message.attachment.as_ref());
    attachment.is_some_and(|attachment| matches!(attachment.kind.as_str(), "audio" | "video"))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "what goes wrong here fails a test")]
mod tests {
    use super::*;

    const MS: Duration = Duration::from_millis(1);

    #[test]
    fn a_second_of_calls_at_once_and_then_one_by_one() {
        let (buckets, account) = (Buckets::new(10), AccountId::from("1"));
        let start = Instant::now();
        for _ in 0..10 {
            assert_eq!(buckets.take(&account, start, ALL), Ok(()));
        }
        assert_eq!(buckets.take(&account, start, ALL), Err(100 * MS));
        assert_eq!(buckets.take(&account, start + 60 * MS, ALL), Err(40 * MS));
        assert_eq!(buckets.take(&account, start + 100 * MS, ALL), Ok(()));
        assert_eq!(buckets.take(&account, start + 100 * MS, ALL), Err(100 * MS));
    }

    #[test]
    fn accounts_do_not_wait_for_each_other_and_full_buckets_are_dropped() {
        let (buckets, start) = (Buckets::new(1), Instant::now());
        let [one, other] = ["1", "2"].map(AccountId::from);
        assert_eq!(buckets.take(&one, start, ALL), Ok(()));
        assert_eq!(buckets.take(&other, start, ALL), Ok(()));
        assert_eq!(buckets.take(&one, start, ALL), Err(1000 * MS));
        assert_eq!(buckets.take(&"3".into(), start + 1000 * MS, ALL), Ok(()));
        assert_eq!(buckets.lock().full_at.len(), 1);
    }

    #[test]
    fn calls_are_made_in_the_order_in_which_they_asked() {
        let (buckets, account) = (Buckets::new(2), AccountId::from("1"));
        let start = Instant::now();
        let reserve = |call, after| buckets.reserve(call, &account, start + after, ALL);
        let at_once = [reserve(1, Duration::ZERO), reserve(2, Duration::ZERO)];
        assert_eq!(at_once, [Ok(()), Ok(())]);
        assert_eq!(reserve(3, Duration::ZERO), Err(500 * MS));
        assert_eq!(reserve(4, Duration::ZERO), Err(1000 * MS));
        assert_eq!(reserve(3, 100 * MS), Err(400 * MS), "it has its turn");
        assert_eq!(reserve(5, 500 * MS), Err(1000 * MS), "behind the others");
        assert_eq!(
            buckets.take(&account, start + 500 * MS, ALL),
            Err(1500 * MS)
        );
        assert_eq!(reserve(3, 500 * MS), Ok(()));
        assert_eq!(reserve(4, 1000 * MS), Ok(()));
        // What comes late waits for another turn: so no more come at once than a bucket holds.
        assert_eq!(reserve(6, 1500 * MS), Err(500 * MS));
        assert_eq!(reserve(5, 2501 * MS), Ok(()), "there is a token besides");
        assert_eq!(buckets.lock().reserved.len(), 1);
    }

    #[test]
    fn a_rate_of_zero_is_one() {
        let (buckets, start) = (Buckets::new(0), Instant::now());
        assert_eq!(buckets.take(&"1".into(), start, ALL), Ok(()));
        assert_eq!(buckets.take(&"1".into(), start, ALL), Err(1000 * MS));
    }

    #[test]
    fn a_node_takes_the_part_of_its_lanes() {
        let (buckets, account) = (Buckets::new(300), AccountId::from("1"));
        let start = Instant::now();
        let burst = (0..).take_while(|_| buckets.take(&account, start, 85).is_ok());
        assert_eq!(burst.count(), 99);
        let few = Buckets::new(2);
        assert_eq!(few.take(&account, start, 85), Ok(()));
        assert_eq!(few.take(&account, start, 85), Err(1000 * MS));
    }
}
