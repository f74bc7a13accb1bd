//! Rate limits, measured by the time of the calls.

use std::collections::HashMap;

use handover_protocol::{AccountId, AppId, Timestamp};
use serde::{Deserialize, Serialize};

use super::thread::DAY;
use super::{CallContext, Platform, Refusal};

const SECOND: i64 = 1000;
const MINUTE: i64 = 60 * SECOND;
const HOUR: i64 = 60 * MINUTE;

/// Rate limits of calls. `None`, the default, means no limit.
///
/// ```
/// use handover_sim::platform::RateLimits;
///
/// let documented = RateLimits::documented();
/// assert_eq!(documented.messages_per_second, Some(300));
/// assert_eq!(RateLimits::default().messages_per_second, None);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RateLimits {
    /// Messages without audio or video, for each account.
    pub messages_per_second: Option<u32>,
    /// Messages with audio or video, for each account.
    pub heavy_messages_per_second: Option<u32>,
    /// Private replies, for each account.
    pub private_replies_per_hour: Option<u32>,
    /// Calls of the Conversations API, for each account.
    pub conversation_calls_per_second: Option<u32>,
    /// Calls to `messenger_profile`, for each account.
    pub profile_calls_per_10_minutes: Option<u32>,
    /// Calls of any kind in a day, for each account, multiplied by its number of persons.
    pub daily_calls_per_person: Option<u32>,
}

impl RateLimits {
    /// Returns the documented limits (Messenger Platform and Graph API, rate limits).
    pub fn documented() -> Self {
        Self {
            messages_per_second: Some(300),
            heavy_messages_per_second: Some(10),
            private_replies_per_hour: Some(750),
            conversation_calls_per_second: Some(2),
            profile_calls_per_10_minutes: Some(10),
            daily_calls_per_person: Some(DAILY_CALLS),
        }
    }
}

/// Daily calls for each person that count as 100 percent usage (rate limits, Messenger).
const DAILY_CALLS: u32 = 200;

/// Hourly calls of an app for each person that count as 100 percent usage (rate limits, platform).
const HOURLY_CALLS: u32 = 200;

/// Kind of counter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Counter {
    Messages,
    Heavy,
    PrivateReplies,
    Conversations,
    Profile,
    Calls,
}

impl Counter {
    fn millis(self) -> i64 {
        match self {
            Self::Messages | Self::Heavy | Self::Conversations => SECOND,
            Self::PrivateReplies => HOUR,
            Self::Profile => 10 * MINUTE,
            Self::Calls => DAY,
        }
    }
}

/// The counters.
#[derive(Debug, Clone, Default)]
pub(super) struct CallCounters {
    of_accounts: HashMap<AccountId, HashMap<Counter, CountingPeriod>>,
    of_apps: HashMap<AppId, CountingPeriod>,
}

/// Number of calls in a period that starts with the first call.
#[derive(Debug, Clone, Copy)]
struct CountingPeriod {
    began: Timestamp,
    count: u32,
}

impl Default for CountingPeriod {
    /// A period in the distant past.
    fn default() -> Self {
        Self {
            began: Timestamp::from_millis(i64::MIN / 2),
            count: 0,
        }
    }
}

impl CountingPeriod {
    /// Counts a call. Returns whether it is within the limit. A call over the limit restarts the
    /// period.
    fn add(&mut self, now: Timestamp, millis: i64, limit: Option<u32>) -> bool {
        if self.left(now, millis) <= 0 {
            *self = Self {
                began: now,
                count: 0,
            };
        }
        self.count = self.count.saturating_add(1);
        let within = limit.is_none_or(|limit| self.count <= limit);
        if !within {
            self.began = now;
        }
        within
    }

    fn left(self, now: Timestamp, millis: i64) -> i64 {
        let end = self.began.as_millis().saturating_add(millis);
        end.saturating_sub(now.as_millis())
    }

    fn percent(self, of: u32) -> u64 {
        u64::from(self.count) * 100 / u64::from(of.max(1))
    }
}

impl CallCounters {
    /// Counts a call. Returns whether it is within the limit.
    pub(super) fn count(
        &mut self,
        counter: Counter,
        account: &AccountId,
        now: Timestamp,
        limit: Option<u32>,
    ) -> bool {
        if !self.of_accounts.contains_key(account) {
            self.of_accounts.insert(account.clone(), HashMap::new());
        }
        let counters = self.of_accounts.get_mut(account);
        counters.is_none_or(|counters| {
            let period = counters.entry(counter).or_default();
            period.add(now, counter.millis(), limit)
        })
    }
}

/// Usage in percent of the limits, for the usage headers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Usage {
    pub(crate) app: u64,
    pub(crate) account: u64,
    /// Minutes until the account may be called again. 0: now.
    pub(crate) minutes: u64,
}

impl Platform {
    /// Counts a call. Fails if it exceeds a limit. `edge` is the last segment of the path.
    pub(crate) fn count_call(&mut self, call: &CallContext<'_>, edge: &str) -> Result<(), Refusal> {
        let Ok(account) = self.account_of_call(call) else {
            return Ok(());
        };
        let product = account.product;
        let period = self.counters.of_apps.entry(call.app.clone()).or_default();
        period.add(call.now, HOUR, None);
        let limits = self.behavior.rate_limits;
        let daily = limits
            .daily_calls_per_person
            .map(|each| each.saturating_mul(self.persons()));
        let (account, now) = (call.account, call.now);
        let mut within = self.counters.count(Counter::Calls, account, now, daily);
        let of_edge = match edge {
            "messenger_profile" => Some((Counter::Profile, limits.profile_calls_per_10_minutes)),
            "conversations" => Some((Counter::Conversations, limits.conversation_calls_per_second)),
            _ => None,
        };
        if let Some((counter, limit)) = of_edge {
            within &= self.counters.count(counter, account, now, limit);
        }
        if within {
            Ok(())
        } else {
            Err(Refusal::too_many_calls(product))
        }
    }

    /// Returns the current usage.
    pub(crate) fn usage(&self, call: &CallContext<'_>) -> Usage {
        let app = self.counters.of_apps.get(call.app).copied();
        let counters = self.counters.of_accounts.get(call.account);
        let calls = counters
            .and_then(|counters| counters.get(&Counter::Calls))
            .copied();
        let calls = calls.unwrap_or_default();
        let each = self.behavior.rate_limits.daily_calls_per_person;
        let most = each.unwrap_or(DAILY_CALLS).saturating_mul(self.persons());
        let left = calls.left(call.now, Counter::Calls.millis());
        let over = each.is_some() && calls.count > most && left > 0;
        Usage {
            app: app
                .unwrap_or_default()
                .percent(HOURLY_CALLS.saturating_mul(self.persons())),
            account: calls.percent(most),
            minutes: if over {
                u64::try_from((left + MINUTE - 1) / MINUTE).unwrap_or(0)
            } else {
                0
            },
        }
    }

    fn persons(&self) -> u32 {
        u32::try_from(self.threads().len().max(1)).unwrap_or(u32::MAX)
    }
}
