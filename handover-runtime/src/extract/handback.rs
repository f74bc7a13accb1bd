use std::time::Duration;

use handover_protocol::AppId;

use super::{Argument, Context, Rejection};
use crate::internal_event::InternalEvent;
use crate::journal::Turn;
use crate::notice::Notice;

/// What happened while another app owned the thread, once it has come back. For the handlers of
/// `#[on_pass_thread_control]`, `#[on_take_thread_control]` and `#[on_timer]`; the first handler that takes it gets it.
///
/// ```
/// use std::time::Duration;
/// use handover_runtime::extract::Handback;
///
/// async fn back(handback: Option<Handback>) -> String {
///     match handback {
///         Some(handback) if handback.away > Duration::from_secs(3600) => "Sorry for the wait.".to_owned(),
///         _ => "I am back.".to_owned(),
///     }
/// }
/// # let _ = back(Some(Handback::new(Duration::from_secs(60))));
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Handback {
    /// How long the bot did not own the thread.
    pub away: Duration,
    /// The app that owned it, if known.
    pub from: Option<AppId>,
    /// Metadata from that app.
    pub metadata: Option<String>,
    /// What was said meanwhile, oldest first. Empty if the bot keeps nothing
    /// ([`HistoryLimits::none`](crate::HistoryLimits::none)), or the app is not subscribed to `standby`
    /// and `message_echoes`.
    pub history: Vec<Turn>,
}

impl Handback {
    /// For unit tests: the thread was away for this long.
    #[must_use]
    pub fn new(away: Duration) -> Self {
        Self {
            away,
            ..Self::default()
        }
    }
}

available_in!([OnHandoff] impl [] Notice, Argument::ALWAYS, |context: &Context| {
    let notice = context.own().and_then(InternalEvent::notice).cloned();
    notice.ok_or_else(|| Rejection::new("Notice", "nothing has become of the thread"))
});

available_in!([OnPassThreadControl, OnTakeThreadControl, OnTimer] impl [] Handback, Argument::MAYBE, |context: &Context| {
    let handback = context.take_handback().cloned();
    handback.ok_or_else(|| Rejection::new("Handback", "the thread has not just come back"))
});
