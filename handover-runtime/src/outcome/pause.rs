use std::time::Duration;

use super::{Effect, HandlerError, IntoOutcome, Outcome};
use crate::trigger::HasPerson;

/// Pauses the bot in the thread for a while, because a human answers beside it.
///
/// Meanwhile, messages of the person go to `#[on_standby]`, not to `#[on_message]`. A pause does not depend
/// on the owner of the thread. It ends when its time is over, by [`Resume`], when the thread is passed to
/// the bot, or by [`Take`](super::Take). What comes before it in the same answer is still sent.
///
/// A human who answers beside the bot starts a pause automatically
/// ([`Bot::pause_on_human_reply`](crate::Bot::pause_on_human_reply)). From outside a handler, use
/// [`Threads`](crate::Threads).
///
/// ```
/// use std::time::Duration;
/// use handover_runtime::Pause;
///
/// async fn call_me() -> (&'static str, Pause) {
///     ("We call you within the hour.", Pause::for_(Duration::from_secs(60 * 60)))
/// }
/// # let _ = call_me();
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use = "the bot pauses when a handler returns it"]
pub struct Pause(Duration);

impl Pause {
    /// Creates a pause of this length.
    pub fn for_(time: Duration) -> Self {
        Self(time)
    }
}

/// Ends a [`Pause`] of the bot in the thread.
///
/// ```
/// use handover_runtime::Resume;
/// use handover_runtime::extract::Text;
///
/// /// `#[on_echo]`: a colleague wrote this.
/// async fn back_to_the_bot(text: Text) -> Option<Resume> {
///     (&*text == "#bot").then_some(Resume)
/// }
/// # let _ = back_to_the_bot;
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[must_use = "the pause ends when a handler returns it"]
pub struct Resume;

impl From<Pause> for Outcome {
    fn from(pause: Pause) -> Self {
        Self::one(Effect::Pause(Some(pause.0)))
    }
}

impl From<Resume> for Outcome {
    fn from(Resume: Resume) -> Self {
        Self::one(Effect::Pause(None))
    }
}

impl<E: HasPerson> IntoOutcome<E> for Pause {
    fn into_outcome(self) -> Result<Outcome, HandlerError> {
        Ok(self.into())
    }
}

impl<E: HasPerson> IntoOutcome<E> for Resume {
    fn into_outcome(self) -> Result<Outcome, HandlerError> {
        Ok(self.into())
    }
}
