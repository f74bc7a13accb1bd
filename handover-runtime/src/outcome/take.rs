use super::{Effect, HandlerError, IntoOutcome, Message, Outcome};
use crate::trigger::HasPerson;

/// Takes the thread back from its owner, then sends messages: the only answer of a handler of
/// `#[on_standby]` that can send something.
///
/// The take is queued durably and in order: the messages are sent once the bot owns the thread. If the bot
/// may not take threads (error 27: no default app, or *Take control of conversations* is off), it requests
/// the thread from the owner instead, and the messages become dead letters. If the platform refuses
/// permanently, `#[on_handoff_failed]` runs, with
/// [`is_reclaim`](crate::extract::FailedHandoff::is_reclaim).
///
/// ```
/// use handover_runtime::Take;
/// use handover_runtime::extract::Payload;
///
/// /// `#[on_standby(kind = "postback", payload = "BOT:{page}")]`: a button of the bot was tapped
/// /// while a colleague owns the thread.
/// async fn tapped(page: Payload<String>) -> Take {
///     Take::saying(format!("Here is {}.", *page))
/// }
/// # let _ = tapped;
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
#[must_use = "the thread is taken when a handler returns it"]
pub struct Take(Vec<Message>);

impl Take {
    /// Takes the thread without a message.
    pub fn silently() -> Self {
        Self::default()
    }

    /// Takes the thread, then sends this text.
    pub fn saying(text: impl Into<String>) -> Self {
        Self::silently().then(Message::text(text))
    }

    /// Adds a message for when the bot owns the thread.
    pub fn then(mut self, message: impl Into<Message>) -> Self {
        self.0.push(message.into());
        self
    }
}

impl From<Take> for Outcome {
    fn from(take: Take) -> Self {
        let messages = take.0.into_iter();
        let messages = messages.map(|message| Effect::Send(Box::new(message)));
        Self {
            effects: std::iter::once(Effect::Take).chain(messages).collect(),
        }
    }
}

impl<E: HasPerson> IntoOutcome<E> for Take {
    fn into_outcome(self) -> Result<Outcome, HandlerError> {
        Ok(self.into())
    }
}
