//! How many calls an account may make in a second.

use std::collections::HashMap;
use std::num::NonZeroU32;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use governor::clock::{Clock, DefaultClock};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};
use handover_protocol::AccountId;

use crate::accounts::SendRate;
use crate::graph::Call;

/// The calls of the last second.
pub(crate) struct Limiter {
    usual: Meter,
    /// For accounts that have a rate of their own.
    own: Mutex<HashMap<SendRate, Arc<Meter>>>,
}

struct Meter {
    messages: DefaultKeyedRateLimiter<AccountId>,
    media: DefaultKeyedRateLimiter<AccountId>,
}

impl Limiter {
    pub(crate) fn new(rate: SendRate) -> Self {
        Self {
            usual: Meter::new(rate),
            own: Mutex::default(),
        }
    }

    /// Waits until the call may be made, at the usual rate or the account's own.
    pub(super) async fn wait(&self, account: &AccountId, own: Option<SendRate>, call: &Call) {
        let Call::Messages(_) = call else {
            return;
        };
        match own {
            None => self.usual.wait(account, call).await,
            Some(rate) => {
                let meter = {
                    // The map is whole after every statement.
                    let mut own = self.own.lock().unwrap_or_else(PoisonError::into_inner);
                    let meter = own.entry(rate);
                    meter.or_insert_with(|| Arc::new(Meter::new(rate))).clone()
                };
                meter.wait(account, call).await;
            }
        }
    }
}

impl Meter {
    fn new(rate: SendRate) -> Self {
        let limiter = |per_second: u32| {
            let per_second = NonZeroU32::new(per_second).unwrap_or(NonZeroU32::MIN);
            RateLimiter::keyed(Quota::per_second(per_second))
        };
        Self {
            messages: limiter(rate.messages),
            media: limiter(rate.media),
        }
    }

    async fn wait(&self, account: &AccountId, call: &Call) {
        let limiter = if is_media(call) {
            &self.media
        } else {
            &self.messages
        };
        while let Err(not_until) = limiter.check_key(account) {
            let pause = not_until.wait_time_from(DefaultClock::default().now());
            tokio::time::sleep(pause.max(Duration::from_millis(1))).await;
        }
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
