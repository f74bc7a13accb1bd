//! How many calls an account may make in a second.

use std::num::NonZeroU32;
use std::time::Duration;

use governor::clock::{Clock, DefaultClock};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};
use handover_protocol::AccountId;

use crate::graph::Call;

/// How many messages are sent in a second, for each Page or Instagram account.
///
/// The defaults are the platform's limits (protocol: rate limits); what is above them waits in the
/// outbox.
///
/// ```
/// use handover_runtime::SendRate;
///
/// let rate = SendRate { messages: 100, ..SendRate::default() };
/// assert_eq!(rate.media, 10);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SendRate {
    /// Texts, images, templates and sender actions: 300.
    pub messages: u32,
    /// Audio and video: 10.
    pub media: u32,
}

impl Default for SendRate {
    fn default() -> Self {
        Self {
            messages: 300,
            media: 10,
        }
    }
}

/// The calls of the last second.
pub(crate) struct Limiter {
    messages: DefaultKeyedRateLimiter<AccountId>,
    media: DefaultKeyedRateLimiter<AccountId>,
}

impl Limiter {
    pub(crate) fn new(rate: SendRate) -> Self {
        let limiter = |per_second: u32| {
            let per_second = NonZeroU32::new(per_second).unwrap_or(NonZeroU32::MIN);
            RateLimiter::keyed(Quota::per_second(per_second))
        };
        Self {
            messages: limiter(rate.messages),
            media: limiter(rate.media),
        }
    }

    /// Waits until the call may be made.
    pub(super) async fn wait(&self, account: &AccountId, call: &Call) {
        let Call::Messages(_) = call else {
            return;
        };
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
