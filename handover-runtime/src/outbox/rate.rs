//! Rate limit of calls for each account.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use foldhash::HashMap;
use handover_protocol::AccountId;

use crate::accounts::SendRate;
use crate::graph::Call;

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

struct Meter {
    messages: Buckets,
    media: Buckets,
}

/// A token bucket for each account. It holds one second's calls and fills evenly.
struct Buckets {
    per_second: u32,
    /// When the bucket of an account is full again. A full one is removed.
    full_at: Mutex<HashMap<AccountId, Instant>>,
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

    /// Waits until the call may be made, at the default rate or the account's own.
    pub(super) async fn wait(&self, account: &AccountId, own: Option<SendRate>, call: &Call) {
        let Call::Messages(_) = call else {
            return;
        };
        match own {
            None => self.usual.wait(account, call, &self.lanes).await,
            Some(rate) => {
                let meter = {
                    // The map is consistent after every statement.
                    let mut own = self.own.lock().unwrap_or_else(PoisonError::into_inner);
                    let meter = own.entry(rate);
                    meter.or_insert_with(|| Arc::new(Meter::new(rate))).clone()
                };
                meter.wait(account, call, &self.lanes).await;
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

    async fn wait(&self, account: &AccountId, call: &Call, lanes: &AtomicU32) {
        let buckets = if is_media(call) {
            &self.media
        } else {
            &self.messages
        };
        let lanes = || lanes.load(Ordering::Relaxed);
        while let Err(pause) = buckets.take(account, Instant::now(), lanes()) {
            tokio::time::sleep(pause.max(Duration::from_millis(1))).await;
        }
    }
}

impl Buckets {
    fn new(per_second: u32) -> Self {
        Self {
            per_second: per_second.max(1),
            full_at: Mutex::default(),
        }
    }

    /// Takes a token from the account's bucket, or returns when there is one again. The bucket has the part of
    /// these lanes, at least one token.
    fn take(&self, account: &AccountId, now: Instant, lanes: u32) -> Result<(), Duration> {
        let part = u64::from(self.per_second) * u64::from(lanes) / u64::from(ALL);
        let per_second = u32::try_from(part).unwrap_or(self.per_second).max(1);
        let each = Duration::from_secs(1) / per_second;
        // The map is consistent after every statement.
        let mut full_at = self.full_at.lock().unwrap_or_else(PoisonError::into_inner);
        let full = match full_at.get(account) {
            Some(full) => (*full).max(now),
            None => {
                full_at.retain(|_, full| *full > now);
                now
            }
        };
        let missing = full + each - now;
        let pause = missing.saturating_sub(each * per_second);
        if !pause.is_zero() {
            return Err(pause);
        }
        full_at.insert(account.clone(), full + each);
        Ok(())
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
        assert_eq!(buckets.full_at.lock().unwrap().len(), 1);
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
